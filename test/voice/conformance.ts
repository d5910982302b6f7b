/**
 * The questions every voice must answer, asked of every engine there is.
 *
 * An engine that needs something to speak (a fake server, a file) brings `fixtures/NAME.ts` whose default export is a `Fixture`. Add
 * your own question here, and all the others have to answer it too.
 */
import { existsSync } from 'node:fs';
import t, { type Test } from 'tap';
import {
  clearSpeechCache,
  engineNames,
  resolveVoice,
  type SpeakRequest,
  type SpeechChunk,
  type SpokenSentence,
  speak,
  type VoiceEngine,
  voiceEngine,
} from '../../src/voice/index.js';
import { settle } from './fakes/engine.js';
import type { Fixture } from './fixtures/index.js';

interface Said {
  samples: Int16Array;
  chunks: SpeechChunk[];
  sentences: readonly SpokenSentence[];
}

async function say(request: SpeakRequest): Promise<Said> {
  clearSpeechCache();
  const speech = speak(request);
  const chunks: SpeechChunk[] = [];
  for await (const chunk of speech) chunks.push(chunk);
  const samples = Int16Array.from(chunks.flatMap((chunk) => [...chunk.samples]));
  return { samples, chunks, sentences: speech.sentences };
}

const LONG = 'This is one sentence of very many, and the number 3.14 is in it. '.repeat(310).slice(0, 20_000);
const ODD = [
  'Control \u0000\u0001\u001b[31m characters \u202e and \ufeff directions.',
  'مرحبا بالعالم. كيف حالك؟ hello.',
  '你好，世界。Hello world, 今天是3.14号。再见！',
  'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft goes.',
  'Half a pair \ud83d and an emoji 👩🏽‍🚀 in a sentence!',
  `${'<speak>&amp;"\'`$(reboot);--\\'}`,
];

const questions: Record<string, (t: Test, engine: VoiceEngine, voice: string) => Promise<unknown>> = {
  'says of itself what it is': async (t, engine) => {
    const voices = await engine.voices();
    t.equal(new Set(voices.map(({ name }) => name)).size, voices.length, 'each voice has a name of its own');
    t.ok(engine.info.longName !== '' && engine.info.description !== '');
    t.ok(await engine.accepts(engine.info.defaultVoice));
    t.doesNotThrow(() => structuredClone({ ...engine.info, voices }), 'as data');
  },

  'makes sound, at exactly the rate it is asked for': async (t, _, voice) => {
    const lengths = new Map<number, number>();
    for (const rate of [16000, 24000, 44100, 48000]) {
      const { samples, chunks } = await say({ text: 'Hello there, this is a test.', voice, rate });
      t.ok(
        samples.some((value) => Math.abs(value) > 500),
        `${rate}: audible`,
      );
      t.ok(chunks.every((chunk) => chunk.rate === rate));
      lengths.set(rate, samples.length);
    }
    const seconds = lengths.get(48000)! / 48000;
    for (const [rate, count] of lengths) {
      t.ok(Math.abs(count - seconds * rate) <= 3, `${rate}: as long as at 48,000`);
    }
  },

  'loses and adds no sample between its chunks and its sentences': async (t, _, voice) => {
    const { chunks, sentences, samples } = await say({
      text: 'Hello. How are you? Fine!',
      voice,
      rate: 24000,
    });
    let at = 0;
    for (const chunk of chunks) {
      t.equal(chunk.at, at);
      at += chunk.samples.length;
    }
    t.equal(sentences[0]?.start, 0);
    for (const [n, sentence] of sentences.entries())
      if (n > 0) t.equal(sentence.start, sentences[n - 1]!.end);
    t.equal(sentences.at(-1)?.end, samples.length);
  },

  'puts its marks inside the utterance and in order': async (t, engine, voice) => {
    const { chunks, samples } = await say({ text: 'Hello there. How are you?', voice, rate: 24000 });
    const marks = chunks.flatMap((chunk) => chunk.marks);
    for (const type of ['sentence', 'word', 'phoneme'] as const) {
      const places = marks.filter((mark) => mark.type === type).map(({ at }) => at);
      t.same(
        places,
        [...places].sort((a, b) => a - b),
        type,
      );
      t.ok(places.every((at) => at >= 0 && at <= samples.length));
      if (type !== 'sentence')
        t.equal(places.length > 0, engine.info.marks.includes(type), `${type} as promised`);
    }
  },

  'gives its first sound before the last text': async (t, engine, voice) => {
    if (engine.info.text === 'whole') return t.pass('takes its text whole');
    let heard = (): void => undefined;
    const first = new Promise<void>((resolve) => {
      heard = resolve;
    });
    let written = '';
    async function* writing(): AsyncGenerator<string> {
      for (const part of ['Hello there! ', 'And more.']) {
        written += part;
        yield part;
        await first;
      }
    }
    for await (const _ of speak({ text: writing(), voice, rate: 24000 })) {
      if (written === 'Hello there! ') heard();
    }
    t.equal(written, 'Hello there! And more.');
  },

  'is silent for text without a sound': async (t, engine, voice) => {
    if (engine.info.text === 'whole') return t.pass('takes its text whole');
    for (const text of ['', '  \n\t ', '😀 👍🏽', '... — “”!', '\u200b\u202e']) {
      t.equal((await say({ text, voice, rate: 24000 })).chunks.length, 0, JSON.stringify(text));
    }
  },

  'survives odd text': async (t, _, voice) => {
    for (const text of ODD) {
      const { sentences } = await say({ text, voice, rate: 24000 });
      t.equal(sentences.map((sentence) => sentence.text).join(''), text, text.slice(0, 20));
    }
  },

  'begins 20,000 characters at once and holds them back for the listener': async (t, engine, voice) => {
    const speech = speak({ text: LONG, voice, rate: 24000 });
    let count = 0;
    for await (const { samples } of speech) {
      count += samples.length;
      if (count > 10 * 24000) break;
    }
    t.ok(count > 0);
    const text = speech.sentences.map((sentence) => sentence.text).join('');
    t.ok(LONG.startsWith(text));
    if (engine.info.text === 'sentences')
      t.ok(text.length < 2000, `${text.length} characters for 10 s of speech`);
  },

  'falls silent in mid-sentence, at once': async (t, _, voice) => {
    const control = new AbortController();
    const speech = speak({ text: LONG, voice, rate: 24000, signal: control.signal });
    await speech.next();
    const next = speech.next();
    control.abort();
    // What was already on its way may still come; nothing after it does.
    await next;
    t.same(await speech.next(), { value: undefined, done: true });
  },

  'says two things at once, each as if it were alone': async (t, engine, voice) => {
    const texts = ['The first of two says this.', 'And the second something else!'];
    const alone: Said[] = [];
    for (const text of texts) alone.push(await say({ text, voice, rate: 24000 }));
    const together = await Promise.all(texts.map((text) => say({ text, voice, rate: 24000 })));
    for (const [n, { samples }] of together.entries()) {
      if (engine.info.repeatable) t.same(Buffer.from(samples.buffer), Buffer.from(alone[n]!.samples.buffer));
      else t.ok(samples.length > 0);
    }
  },

  'always says the same, if it promises to': async (t, engine, voice) => {
    if (!engine.info.repeatable) return t.pass('it does not');
    const [once, again] = [
      await say({ text: 'Say it again.', voice, rate: 24000 }),
      await say({ text: 'Say it again.', voice, rate: 24000 }),
    ];
    t.same(Buffer.from(once.samples.buffer), Buffer.from(again.samples.buffer));
  },

  'can be closed in mid-work, leaves nothing alive, and starts afresh': async (t, engine, voice) => {
    await engine.close();
    await settle();
    const before = process.getActiveResourcesInfo().sort();
    const speech = speak({ text: LONG, voice, rate: 24000 });
    await speech.next();
    await engine.close();
    const end = (async () => {
      let count = 0;
      for await (const { samples } of speech) {
        count += samples.length;
        if (count > 60 * 24000) break;
      }
    })();
    await end.then(
      () => t.pass('it ended'),
      (error: unknown) => t.match(error, { code: 'library/shutdown' }),
    );
    await engine.close();
    await settle();
    t.same(process.getActiveResourcesInfo().sort(), before);
    t.ok((await say({ text: 'Hello again.', voice, rate: 24000 })).samples.length > 0);
  },
};

for (const name of await engineNames()) {
  if ((await voiceEngine(name)).info.remote !== undefined) continue;
  t.test(`the voice ${name}`, async (t) => {
    const file = new URL(`./fixtures/${name}.js`, import.meta.url);
    const fixture: Fixture = existsSync(file) ? (await import(file.href)).default : {};
    const lacks = fixture.open === undefined ? (await voiceEngine(name)).lacks() : undefined;
    if (lacks !== undefined) return t.comment(`left out: ${lacks}`);
    const voice = (await fixture.open?.(t)) ?? (await resolveVoice(name)).name;
    const engine = await voiceEngine(name);
    t.teardown(() => engine.close());
    for (const [question, ask] of Object.entries(questions)) t.test(question, (t) => ask(t, engine, voice));
    return undefined;
  });
}
