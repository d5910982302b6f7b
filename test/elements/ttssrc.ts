import t from 'tap';
import TtsSrc from '../../elements/ttssrc.js';
import { register } from '../../src/element/index.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import type { Sample } from '../../src/graph/samples.js';
import { closeVoices, speak } from '../../src/voice/index.js';

register(TtsSrc);
t.teardown(() => closeVoices());

/** Everything the line sends to an appsink called `out`, and the marks, until EOS. */
async function render(line: string) {
  const pipeline = Pipeline.launch(`${line} ! appsink name=out sync=false`);
  t.teardown(() => pipeline.close());
  const samples: Sample[] = [];
  const marks: { name: string; fields: Readonly<Record<string, unknown>> }[] = [];
  const warnings: Error[] = [];
  pipeline.on('mark', (mark) => marks.push(mark));
  pipeline.on('warning', (warning) => warnings.push(warning));
  pipeline.element('out').onSamples((batch) => void samples.push(...batch), { full: 'wait' });
  await pipeline.play();
  await pipeline.finished();
  await pipeline.close();
  return { samples, marks, warnings };
}

const bytes = (samples: readonly Sample[]) => Buffer.concat(samples.map(({ data }) => data));

async function voice(text: string, rate: number): Promise<Int16Array> {
  const pieces: number[] = [];
  for await (const { samples } of speak({
    text,
    voice: 'flite/slt',
    rate,
    signal: AbortSignal.timeout(20_000),
  })) {
    pieces.push(...samples);
  }
  return Int16Array.from(pieces);
}

t.test('offline, the stream is the voice to the sample, filled up to whole video frames', async (t) => {
  const { samples } = await render(
    'ttssrc is-live=false rate=16000 framerate=24/1 text="Keep the last sample."',
  );
  const out = bytes(samples);
  const wanted = Buffer.from((await voice('Keep the last sample.', 16000)).buffer);
  t.ok(out.subarray(0, wanted.length).equals(wanted), 'every sample of the voice');
  t.ok(
    out.subarray(wanted.length).every((byte) => byte === 0),
    'then silence',
  );
  t.equal(out.length / 2, Math.round((samples.length * 16000) / 24));
  t.equal(samples[0]?.pts, 0);
  for (const [n, sample] of samples.entries()) {
    if (sample.pts !== Math.round((n * 1e9) / 24)) t.fail(`frame ${n} begins at ${sample.pts}`);
  }
});

t.test('two runs give the same bytes', async (t) => {
  const line = 'ttssrc is-live=false text="The same again, please."';
  t.ok(bytes((await render(line)).samples).equals(bytes((await render(line)).samples)));
});

t.test('offline, a text of which nothing can be said is an error, not a stream of silence', async (t) => {
  const rows: [string, string, RegExp][] = [
    ['', 'resource/settings', /^Expected something to say for text but received nothing\.$/],
    [' \n ', 'resource/settings', /received nothing/],
    ['🙂 🙂', 'stream/wrong-type', /^There is no letter and no digit in the text for flite\/slt to say\.$/],
    ['…?!', 'stream/wrong-type', /no letter/],
    [
      '你好世界',
      'stream/wrong-type',
      /flite\/slt can say nothing .* reads English in Latin letters.* are Han\./,
    ],
    ['مرحبا', 'stream/wrong-type', /are Arabic\. "talkgraph voices" lists who else can speak\.$/],
  ];
  for (const [text, code, message] of rows) {
    const error = await render(`ttssrc is-live=false text="${text}"`).then(
      () => undefined,
      (thrown: unknown) => thrown as Error,
    );
    t.match(error, { code, message }, JSON.stringify(text));
    if (text.trim() !== '') t.notMatch(error?.message, text, 'what people write stands in no message');
  }
});

t.test('what a voice cannot read is left out and told, and the rest is said', async (t) => {
  const { samples, marks, warnings } = await render('ttssrc is-live=false text="Say 你好 twice. Мир."');
  t.ok(bytes(samples).some((byte) => byte !== 0));
  const message = /left out 5 of 13 letters and digits: .* these are Cyrillic and Han\./;
  t.match(warnings, [{ message }]);
  t.match(
    marks.filter(({ name }) => name === 'speech-incomplete'),
    [{ fields: { id: String, code: 'stream/wrong-type', message } }],
  );
  t.same((await render('ttssrc is-live=false text="A café for 2 😀."')).warnings, []);
});

t.test('live, silence flows on the clock and speech up to the lead ahead of it', async (t) => {
  const pipeline = Pipeline.launch('ttssrc name=say lead=300 ! appsink name=out sync=false', {
    clock: 'test',
  });
  t.teardown(() => pipeline.close());
  const got: Sample[] = [];
  let arrived: (() => void) | undefined;
  pipeline.element('out').onSamples((batch) => {
    got.push(...batch);
    arrived?.();
  });
  const until = async (ready: () => boolean) => {
    while (!ready()) await new Promise<void>((resolve) => (arrived = resolve));
  };
  await pipeline.play();
  await pipeline.clock.waitFor(1);
  const silent = got.length;
  for (let n = 0; n < 5; n++) await pipeline.clock.crank();
  await until(() => got.length >= silent + 4);
  const now = pipeline.runningTime() ?? 0;
  t.ok(
    got.every(({ pts = 0 }) => pts <= now),
    'no silence from the future',
  );
  t.ok(bytes(got).every((byte) => byte === 0));

  pipeline
    .element('say')
    .emit('say', 'This sentence is longer than three hundred milliseconds.', null, 'one');
  await until(() => (got.at(-1)?.pts ?? 0) + 40e6 > now + 290e6);
  const ahead = Math.max(...got.map(({ pts = 0 }) => pts));
  t.equal(pipeline.runningTime(), now, 'the clock stands');
  t.ok(ahead <= now + 300e6, `speech is ${(ahead - now) / 1e6} ms ahead`);
  t.ok(ahead > now + 250e6);
});

t.test('a cut goes back to the time that is heard and tells how much was', async (t) => {
  const pipeline = Pipeline.launch('ttssrc name=say lead=300 ! appsink name=out sync=false', {
    clock: 'test',
  });
  t.teardown(() => pipeline.close());
  const got: Sample[] = [];
  const marks: { name: string; fields: Readonly<Record<string, unknown>> }[] = [];
  let changed: (() => void) | undefined;
  pipeline.on('mark', (mark) => {
    marks.push(mark);
    changed?.();
  });
  pipeline.element('out').onSamples((batch) => {
    got.push(...batch);
    changed?.();
  });
  const until = async (ready: () => boolean) => {
    while (!ready()) await new Promise<void>((resolve) => (changed = resolve));
  };
  await pipeline.play();
  pipeline
    .element('say')
    .emit('say', 'A long sentence that nobody is going to hear to its very end today.', null, 'cut-me');
  await until(() => bytes(got).some((byte) => byte !== 0));
  for (let n = 0; n < 12; n++) await pipeline.clock.crank();
  const now = pipeline.runningTime() ?? 0;
  // On a busy machine its voice may be no further yet than it is heard.
  await until(() => (got.at(-1)?.pts ?? 0) > now);
  const before = got.length;
  pipeline.element('say').emit('cut');
  await until(() => marks.some(({ name }) => name === 'interrupted'));
  await pipeline.clock.crank();
  await until(() => got.length > before);
  const first = got.slice(before).find(({ discont }) => discont);
  t.ok(first, 'the stream jumps');
  t.equal(first?.pts, (Math.floor(now / 40e6) - 1) * 40e6, 'back to just before what is being heard');
  t.ok(
    first?.data.every((byte) => byte === 0),
    'and is silent',
  );
  const told = marks.find(({ name }) => name === 'interrupted')?.fields;
  t.match(told, { id: 'cut-me' });
  const notes = marks
    .filter(({ name }) => name === 'schedule')
    .map(({ fields }) => JSON.parse(String(fields['entry'])));
  // The engine may have made a pause on a busy machine: then less was heard than time has gone by.
  const heard = Number(told?.['heard-ms']);
  t.ok(heard > 0 && heard <= (pipeline.runningTime() ?? 0) / 1e6, `${heard} ms heard`);
  t.match(notes[0], { say: { id: 'cut-me' } });
  const { from, ...cut } = notes[1].cut;
  t.strictSame(cut, { number: 1, frame: Math.floor(now / 40e6) - 1 });
  t.ok(from * 40e6 > now, 'it had spoken ahead');

  pipeline.element('say').emit('cut');
  await until(() => marks.some(({ fields }) => String(fields['entry']).includes('{"cut":{"number":2')));
  t.equal(marks.filter(({ name }) => name === 'interrupted').length, 1, 'a cut in silence interrupts nobody');
});

t.test('one utterance too many is refused with a sentence, the others are said', async (t) => {
  const pipeline = Pipeline.launch('ttssrc name=say max-queue=2 ! fakesink');
  t.teardown(() => pipeline.close());
  await pipeline.play();
  const say = pipeline.element('say');
  say.emit('say', 'one one one');
  say.emit('say', 'two two two');
  const refused = new Promise<Readonly<Record<string, unknown>>>((resolve) =>
    pipeline.on('mark', ({ name, fields }) => {
      if (name === 'speech-failed') resolve(fields);
    }),
  );
  say.emit('say', 'three', null, 'third');
  t.match(await refused, { id: 'third', code: 'resource/quota', retryable: true });
});

t.test('a voice that does not exist is an error when it starts', async (t) => {
  const pipeline = Pipeline.launch('ttssrc voice=flite/nobody ! fakesink');
  t.teardown(() => pipeline.close());
  await t.rejects(pipeline.play(), { code: 'resource/not-found' });
});
