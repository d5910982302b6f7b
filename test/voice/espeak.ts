import { readFileSync } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { Run } from '../../src/voice/espeak/program.js';
import { Turns } from '../../src/voice/espeak/turns.js';
import { readVariants, readVoices } from '../../src/voice/espeak/voices.js';
import { resolveVoice, speak, voiceEngine } from '../../src/voice/index.js';

const espeak = await voiceEngine('espeak');
const here = { skip: espeak.lacks() ?? false };

/** Processes this one has started and that are not gone. */
const children = (): string[] =>
  readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').split(' ').filter(Boolean);

/** A program of its own: a shell script. */
async function program(t: Test, script: string): Promise<string> {
  const path = join(t.testdir(), 'espeak-ng');
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  return path;
}

async function samples(request: Parameters<typeof speak>[0]): Promise<Int16Array> {
  const parts: number[] = [];
  for await (const chunk of speak(request)) parts.push(...chunk.samples);
  return Int16Array.from(parts);
}

const same = (a: Int16Array, b: Int16Array): boolean => Buffer.from(a.buffer).equals(Buffer.from(b.buffer));

t.test('reads the lists the program prints, and tells two voices of one language apart', async (t) => {
  const table = [
    'Pty Language       Age/Gender VoiceName          File                 Other Languages',
    ' 2  en-us           --/M      English_(America)  gmw/en-US            (en 3)',
    ' 5  ko              --/M      Korean             ko                   ',
    ' 5  yue             --/M      Chinese_(Cantonese) sit/yue              (zh-yue 5)(zh 8)',
    ' 5  yue             --/M      Chinese_(Cantonese,_latin_as_Jyutping) sit/yue-Latn-jyutping (zh-yue 5)',
    '',
  ].join('\n');
  t.same(
    readVoices(table).map(({ name, file, description }) => [name, file, description]),
    [
      ['en-us', 'gmw/en-US', 'English (America)'],
      ['ko', 'ko', 'Korean'],
      ['yue', 'sit/yue', 'Chinese (Cantonese)'],
      ['yue-Latn-jyutping', 'sit/yue-Latn-jyutping', 'Chinese (Cantonese, latin as Jyutping)'],
    ],
  );
  t.same(
    [...readVariants(' 5  variant  --/F  female3  !v/f3   \n 5  variant --/M Mr !v/Mr\n')],
    ['f3', 'Mr'],
  );
});

t.test('speaks by language and by variant, and nothing else becomes an argument', here, async (t) => {
  const [plain, woman] = await Promise.all(
    ['espeak/de', 'espeak/de+f3'].map((voice) => samples({ text: 'Guten Tag.', voice, rate: 22050 })),
  );
  t.ok(plain!.length > 8000 && woman!.length > 8000);
  t.notOk(same(plain!, woman!));
  for (const name of ['nope', 'de+nope', 'de+f3+m1', 'gmw/de', '-q', 'de --pho', '../../etc/passwd']) {
    await t.rejects(resolveVoice(`espeak/${name}`), { code: 'resource/not-found' }, name);
  }
});

t.test('reads all signs, and takes none for its own alphabet', here, async (t) => {
  const said = (text: string) => samples({ text, voice: 'espeak', rate: 22050 });
  t.ok((await said('Grüße, €5 — “naïve”?')).length > 22050);
  // Sounds in brackets would be one short word.
  t.ok((await said('[[h@l@U]] is not a word.')).length > (await said('is not a word.')).length + 11025);
});

t.test('speaks as fast and as high as it is told', here, async (t) => {
  const said = (options: Record<string, number>) =>
    samples({ text: 'How quickly can this be said?', voice: 'espeak', rate: 22050, options });
  const [usual, fast, high] = [await said({}), await said({ speed: 2 }), await said({ pitch: 99 })];
  const ratio = usual.length / fast.length;
  t.ok(ratio > 1.6 && ratio < 2.4, `${ratio}`);
  t.notOk(same(high, usual));
  await t.rejects(said({ speed: 9 }), /Expected a number from 0.5 to 4 for speed of the voice espeak but/);
});

t.test('is not there: says how to get it', async (t) => {
  const before = process.env['ESPEAK_PROGRAM'];
  process.env['ESPEAK_PROGRAM'] = '/nowhere/espeak-ng';
  t.teardown(() => {
    if (before === undefined) delete process.env['ESPEAK_PROGRAM'];
    else process.env['ESPEAK_PROGRAM'] = before;
  });
  t.match(espeak.lacks(), /apt-get install espeak-ng/);
  t.same((await espeak.voices()).length, 1);
  await t.rejects(samples({ text: 'Hello.', voice: 'espeak', rate: 16000 }), {
    code: 'core/missing-element',
    message: /apt-get install espeak-ng/,
  });
});

t.test('a program that ends badly is told with its reason, once', async (t) => {
  const path = await program(t, 'cat > /dev/null; echo the tables are gone >&2; exit 3');
  const bytes = new Run(path, [], 'Hello.')[Symbol.asyncIterator]();
  await t.rejects(bytes.next(), {
    code: 'library/failed',
    message: /status 3/,
    debug: 'the tables are gone',
  });
});

t.test('text goes in by standard input alone, and keys do not go in at all', async (t) => {
  process.env['OPENAI_API_KEY_OF_A_TEST'] = 'secret';
  t.teardown(() => delete process.env['OPENAI_API_KEY_OF_A_TEST']);
  const path = await program(t, 'echo "args: $*"; env; cat');
  const parts: Uint8Array[] = [];
  for await (const part of new Run(path, ['-z'], 'the text')) parts.push(part);
  const told = Buffer.concat(parts).toString();
  t.match(told, /^args: -z\n/);
  t.match(told, /the text$/);
  t.notMatch(told, /secret/);
});

t.test('one that hangs, deaf to every signal but one, is gone when nobody listens any more', async (t) => {
  const path = await program(t, "trap '' TERM INT HUP; echo begun; exec sleep 1000");
  const before = children().length;
  const run = new Run(path, [], 'Hello.');
  const bytes = run[Symbol.asyncIterator]();
  await bytes.next();
  t.equal(children().length, before + 1);
  const next = bytes.next();
  run.stop();
  t.same(await next, { value: undefined, done: true });
  await run.closed;
  t.equal(children().length, before);
});

t.test('leaves no process behind when it is cut, and runs no more at once than it may', here, async (t) => {
  const text = 'This is a long sentence, one of many that are said at the same time. '.repeat(20);
  let most = 0;
  const speeches = Array.from({ length: 30 }, () => speak({ text, voice: 'espeak', rate: 22050 }));
  await Promise.all(
    speeches.map(async (speech) => {
      for await (const _ of speech) {
        most = Math.max(most, children().length);
        for (const one of speeches) void one.return();
      }
    }),
  );
  t.ok(most >= 1 && most <= 8, `${most} at once`);
  await espeak.close();
  t.same(children(), []);
});

t.test('turns are taken by utterance, and can be given up or refused', async (t) => {
  const turns = new Turns(1, 3);
  const { signal } = new AbortController();
  const gone = new AbortController();
  t.equal(await turns.take(1, signal), 'mine');
  const order: string[] = [];
  const wait = async (name: string, owner: number, signal: AbortSignal) => {
    order.push(`${name} ${await turns.take(owner, signal)}`);
  };
  const all = [wait('a', 1, signal), wait('b', 1, gone.signal), wait('c', 2, signal)];
  t.equal(await turns.take(3, signal), 'full');
  gone.abort();
  t.equal(await turns.take(1, gone.signal), 'unwanted');
  turns.leave();
  turns.leave();
  await Promise.all(all);
  t.same(order, ['b unwanted', 'a mine', 'c mine']);
  const last = turns.take(4, signal);
  turns.clear();
  t.equal(await last, 'closed');
});
