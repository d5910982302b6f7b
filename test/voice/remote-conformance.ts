/**
 * The questions every voice behind a service must answer, asked of every remote engine there is, against its fake.
 *
 * `test/fakes/fake-*.ts` whose default export names an engine is the fake of it. Add your own question here, and all the
 * others have to answer it too.
 */
import { readdir } from 'node:fs/promises';
import t, { type Test } from 'tap';
import { TalkError } from '../../src/element/error.js';
import {
  clearSpeechCache,
  engineNames,
  type SpeakRequest,
  speak,
  type VoiceEngine,
  voiceEngine,
} from '../../src/voice/index.js';
import type { Fake, FakeService, Fault } from '../fakes/service.js';
import { Hangups } from '../support/hangups.js';
import { settle } from './fakes/engine.js';

interface Asking {
  readonly engine: VoiceEngine;
  readonly service: FakeService;
}

interface Heard {
  samples: Int16Array;
  error: TalkError | undefined;
}

const HELLO = 'Hello there, said the fox to the hen.';

async function say(request: Omit<SpeakRequest, 'rate'> & { rate?: number }): Promise<Heard> {
  clearSpeechCache();
  const parts: Int16Array[] = [];
  let error: TalkError | undefined;
  try {
    for await (const { samples } of speak({ rate: 24000, ...request })) parts.push(samples);
  } catch (thrown) {
    if (!(thrown instanceof TalkError)) throw thrown;
    error = thrown;
  }
  const samples = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => {
    samples.set(part, at);
    return at + part.length;
  }, 0);
  return { samples, error };
}

/** Short of patience, as nobody has ten seconds here; a fake that encodes its sound needs more of it where others work beside it. */
async function hurried<T>({ engine, service }: Asking, work: () => Promise<T>): Promise<T> {
  const info = engine.info as { firstByteMs?: number; stallMs?: number };
  const before = { ...info };
  const ms = service.lossless ? 300 : 500;
  Object.assign(info, { firstByteMs: ms, stallMs: ms });
  try {
    return await work();
  } finally {
    Object.assign(info, { firstByteMs: before.firstByteMs, stallMs: before.stallMs });
  }
}

/** Everything an error says, to whomever. */
function allOf(error: TalkError): string {
  const causes: string[] = [];
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    causes.push(cause.message, cause.stack ?? '', JSON.stringify(cause));
    if (cause instanceof TalkError) causes.push(cause.debug, JSON.stringify(cause.details));
  }
  return causes.join('\n');
}

function discreet(t: Test, { service }: Asking, { error }: Heard): TalkError {
  t.ok(error, 'it fails');
  const told = allOf(error!);
  for (const secret of service.secrets) t.notOk(told.includes(secret), 'without the key in its error');
  t.notOk(told.includes(HELLO), 'without what was to be said');
  t.ok(error!.message.length < 700, 'and short');
  return error!;
}

/** What a failure before the first sound is: its code, whether it may be tried again, and how often it was. */
function refusal(
  fault: Fault,
  code: string,
  retryable: boolean,
): (t: Test, asking: Asking) => Promise<unknown> {
  return async (t, asking) => {
    const { service, engine } = asking;
    if (!service.faults.has(fault)) return t.pass('its protocol cannot');
    service.fail(fault);
    const calls = service.calls;
    const ask = () => say({ text: HELLO, voice: engine.name });
    // Only silence is waited for: a busy machine may be late with a refusal.
    const heard = await (fault === 'silent' ? hurried(asking, ask) : ask());
    const error = discreet(t, asking, heard);
    t.match(error, { code, retryable });
    t.equal(heard.samples.length, 0);
    const tries = service.calls - calls;
    // A kept connection that is torn before the answer is told from one that was closed while it was idle by asking once more.
    if (fault === 'reset') t.ok(tries === 2 || tries === 3, `${tries} tries`);
    else t.equal(tries, retryable ? 2 : 1, 'tries');
    t.match(error.message, new RegExp(engine.name), 'it says who');
    await settle(20);
    t.equal(service.busy, 0, 'nothing is left open');
    return undefined;
  };
}

/** A failure that passes: the second try is heard, whole. */
function passing(fault: Fault): (t: Test, asking: Asking) => Promise<unknown> {
  return async (t, asking) => {
    const { service, engine } = asking;
    if (!service.faults.has(fault)) return t.pass('its protocol cannot');
    service.fail(fault, 1);
    const work = () => say({ text: HELLO, voice: engine.name, rate: service.rate });
    const { samples, error } = await (fault === 'silent' ? hurried(asking, work) : work());
    t.equal(error, undefined);
    t.equal(samples.length, service.sound(HELLO).length);
    return undefined;
  };
}

const questions: Record<string, (t: Test, asking: Asking) => Promise<unknown>> = {
  'says of itself what it is, and how its service is spoken to': async (t, { engine }) => {
    const { info } = engine;
    t.ok(info.longName !== '' && info.description !== '' && info.remote?.protocol);
    t.ok(info.options?.['server'], 'its address can be set');
    t.notOk(info.repeatable, 'a service may say it differently tomorrow');
    t.doesNotThrow(() => structuredClone({ ...info, voices: [] }), 'as data');
    t.ok(await engine.accepts('any-name'), 'which voices there are the service decides');
  },

  'lists its voices, and without its settings says what is missing, asking nobody': async (
    t,
    { engine, service },
  ) => {
    t.equal(engine.lacks(), undefined);
    t.ok((await engine.voices()).length > 0);
    const set = Object.keys(service.environment);
    for (const name of set) delete process.env[name];
    try {
      await service.close();
      const wants = Object.values(engine.info.options ?? {}).some(
        ({ type, needed }) => type === 'secret' || needed === true,
      );
      if (wants)
        t.match(engine.lacks(), new RegExp(set.map((name) => name.replace(/[^A-Z_]/g, '.')).join('|')));
      else t.equal(engine.lacks(), undefined);
      t.ok((await engine.voices()).length > 0, 'those that are known');
    } finally {
      Object.assign(process.env, service.environment);
    }
  },

  'says a sentence as the service made it, to the sample': async (t, { engine, service }) => {
    const { samples, error } = await say({ text: HELLO, voice: engine.name, rate: service.rate });
    t.equal(error, undefined);
    const made = service.sound(HELLO);
    t.equal(samples.length, made.length);
    if (service.lossless) t.ok(Buffer.from(samples.buffer).equals(Buffer.from(made.buffer)), 'bit for bit');
    else t.ok(alike(samples, made) > 0.9, `alike by ${alike(samples, made).toFixed(3)}`);
  },

  'loses and adds no sample over sentences, at any rate': async (t, { engine, service }) => {
    const text = 'One. Two hens! And what is three? Nobody knows.';
    service.said.length = 0;
    const { samples, error } = await say({ text, voice: engine.name, rate: 44100 });
    t.equal(error, undefined);
    const made = service.said.reduce((sum, said) => sum + service.sound(said).length, 0);
    t.equal(samples.length, Math.round((made * 44100) / service.rate));
  },

  'gives its first sound before the last text, and asks for the next sentence meanwhile': async (
    t,
    { engine, service },
  ) => {
    let heard = (): void => undefined;
    const first = new Promise<void>((resolve) => {
      heard = resolve;
    });
    async function* writing(): AsyncGenerator<string> {
      yield 'This is the first of three sentences! ';
      await first;
      yield 'The second. And the third.';
    }
    service.said.length = 0;
    for await (const _ of speak({ text: writing(), voice: engine.name, rate: service.rate })) heard();
    t.equal(service.said.length, 3);
  },

  'gives its first sound before the service has made the last': async (t, asking) => {
    const { engine, service } = asking;
    if (!engine.info.streaming) return t.pass('it gives a sentence whole');
    service.fail('stall');
    const speech = speak({ text: `${HELLO} ${HELLO}`, voice: engine.name, rate: service.rate });
    const first = await speech.next();
    t.ok((first.value?.samples.length ?? 0) > 0);
    await speech.return();
    return undefined;
  },

  'cut in mid-sentence, closes the connection in that very turn and says nothing more': async (
    t,
    { engine, service },
  ) => {
    const hangups = new Hangups();
    t.teardown(() => hangups.end());
    for (const fault of ['stall', 'silent'] as const) {
      if (!service.faults.has(fault) || (fault === 'stall' && !engine.info.streaming)) continue;
      service.fail(fault);
      const control = new AbortController();
      const speech = speak({ text: HELLO, voice: engine.name, rate: service.rate, signal: control.signal });
      const calls = service.calls;
      const next = speech.next();
      if (fault === 'stall') await next;
      else while (service.calls === calls) await settle(1);
      const gone = service.hungUp();
      const before = hangups.count;
      control.abort();
      t.equal(hangups.count, before + 1, fault);
      await gone;
      while ((await speech.next()).done !== true);
      await settle(20);
      t.equal(service.busy, 0);
    }
  },

  'asks nothing for a text without a sound': async (t, { engine, service }) => {
    const calls = service.calls;
    for (const text of ['', ' \n\t', '😀 👍🏽', '... — “”!']) {
      t.equal((await say({ text, voice: engine.name })).samples.length, 0);
    }
    t.equal(service.calls, calls);
  },

  'begins 20,000 characters at once and asks no further than one sentence ahead': async (
    t,
    { engine, service },
  ) => {
    const text = 'This is one sentence of very many, and the number 3.14 is in it. '
      .repeat(310)
      .slice(0, 20_000);
    const calls = service.calls;
    const speech = speak({ text, voice: engine.name, rate: service.rate });
    let count = 0;
    for await (const { samples } of speech) {
      count += samples.length;
      if (count > service.rate * 3) break;
    }
    t.ok(service.calls - calls <= speech.sentences.length + 2, `${service.calls - calls} requests`);
    await settle(20);
    t.equal(service.busy, 0);
  },

  'sends every letter there is': async (t, { engine, service }) => {
    const text = '你好，世界。Hello world, 今天是3.14号！Ça va? Grüße. 안녕하세요. <b>&amp;"\'\\ 😀 end.';
    service.said.length = 0;
    const { error } = await say({ text, voice: engine.name });
    t.equal(error, undefined);
    const letters = (from: string): string => from.replace(/[^\p{L}\p{N}]/gu, '');
    t.equal(letters(service.said.join('')), letters(text));
    t.match(service.said.join(' '), /3\.14/);
  },

  'says two things at once, each whole': async (t, { engine, service }) => {
    const texts = ['The first of two says this.', 'And the second something else!'];
    const heard = await Promise.all(
      texts.map((text) => say({ text, voice: engine.name, rate: service.rate })),
    );
    for (const [n, { samples }] of heard.entries()) t.equal(samples.length, service.sound(texts[n]!).length);
  },

  'is refused for good by 401': refusal('401', 'resource/not-authorized', false),
  'is refused for good by 403': refusal('403', 'resource/not-authorized', false),
  'is refused for good by 404': refusal('404', 'resource/not-found', false),
  'may be asked again after 429': refusal('429', 'resource/rate', true),
  'may be asked again after 503': refusal('503', 'resource/unreachable', true),
  'may be asked again after a torn connection': refusal('reset', 'resource/unreachable', true),
  'counts silence as unreachable': refusal('silent', 'resource/unreachable', true),
  'refuses a page': refusal('page', 'stream/wrong-type', false),
  'is heard at the second try after 429': passing('429'),
  'is heard at the second try after 503': passing('503'),
  'is heard at the second try after a torn connection': passing('reset'),
  'is heard at the second try after silence': passing('silent'),

  'gives what came before a stall, then the error': async (t, asking) => {
    const { engine, service } = asking;
    if (!service.faults.has('stall')) return t.pass('its protocol cannot');
    service.fail('stall');
    const heard = await hurried(asking, () => say({ text: HELLO, voice: engine.name, rate: service.rate }));
    t.match(discreet(t, asking, heard), { code: 'resource/unreachable', retryable: true });
    if (engine.info.streaming) t.ok(heard.samples.length > 0);
    await settle(20);
    t.equal(service.busy, 0);
    return undefined;
  },

  'gives what came before the connection was torn, then the error': async (t, asking) => {
    const { engine, service } = asking;
    if (!service.faults.has('torn')) return t.pass('its protocol cannot');
    service.fail('torn');
    const heard = await say({ text: HELLO, voice: engine.name, rate: service.rate });
    t.match(discreet(t, asking, heard), { code: 'resource/unreachable', retryable: true });
    const half = service.sound(HELLO).length / 2;
    t.ok(heard.samples.length <= half + 1, `${heard.samples.length} of ${2 * half}`);
    if (engine.info.streaming && service.lossless) t.ok(heard.samples.length > 0.8 * half);
    return undefined;
  },

  'drops half a sample at the end, once': async (t, { engine, service }) => {
    if (!service.faults.has('half')) return t.pass('its protocol cannot');
    service.fail('half');
    const { samples, error } = await say({ text: HELLO, voice: engine.name, rate: service.rate });
    t.equal(error, undefined);
    t.equal(samples.length, service.sound(HELLO).length);
    return undefined;
  },

  'is unreachable when its service is gone': async (t, asking) => {
    await asking.service.close();
    const heard = await say({ text: HELLO, voice: asking.engine.name });
    t.match(discreet(t, asking, heard), { code: 'resource/unreachable', retryable: true });
  },

  'says what is wrong with an address, and takes the key of the environment nowhere else': async (
    t,
    { engine, service },
  ) => {
    await t.rejects(
      say({ text: HELLO, voice: engine.name, options: { server: 'not an address' } }).then(({ error }) =>
        Promise.reject(error),
      ),
      {
        code: 'resource/settings',
      },
    );
    const address = Object.values(service.environment).find((value) => /^(http|ws):/.test(value));
    const calls = service.calls;
    const { error } = await say({ text: HELLO, voice: engine.name, options: { server: address! } });
    const keys = Object.values(engine.info.options ?? {}).filter(({ type }) => type === 'secret');
    if (keys.length > 0 && error !== undefined) t.match(error.code, /not-authorized|settings/);
    else t.ok(keys.every(({ needed }) => needed !== true) && service.calls > calls);
  },

  'leaves no connection when it is closed, and starts afresh': async (t, { engine, service }) => {
    service.fail('stall', 1);
    const speech = speak({ text: HELLO, voice: engine.name, rate: service.rate });
    const pending = speech.next();
    while (service.busy === 0) await settle(1);
    await engine.close();
    await speech.return();
    await pending;
    await engine.close();
    for (let n = 0; n < 100 && service.connections > 0; n++) await settle(1);
    t.equal(service.connections, 0);
    t.equal((await say({ text: HELLO, voice: engine.name, rate: service.rate })).error, undefined);
  },
};

/** Correlation of two sounds of the same length at lag zero. */
function alike(a: Int16Array, b: Int16Array): number {
  let [ab, aa, bb] = [0, 0, 0];
  for (let n = 0; n < Math.min(a.length, b.length); n++) {
    ab += a[n]! * b[n]!;
    aa += a[n]! ** 2;
    bb += b[n]! ** 2;
  }
  return ab / Math.sqrt(aa * bb || 1);
}

const folder = new URL('../fakes/', import.meta.url);
const fakes = new Map<string, Fake>();
for (const file of (await readdir(folder)).filter((name) => /^fake-.*\.js$/.test(name)).sort()) {
  const fake: Fake | undefined = (await import(new URL(file, folder).href)).default;
  if (fake?.engine !== undefined) fakes.set(fake.engine, fake);
}

const only = process.env['VOICE_ENGINE'];
for (const name of await engineNames()) {
  const engine = await voiceEngine(name);
  if (engine.info.remote === undefined || (only !== undefined && only !== name)) continue;
  t.test(`the voice ${name}`, async (t) => {
    const fake = fakes.get(name);
    if (fake === undefined) return t.fail(`there is no test/fakes/fake-*.ts for ${name}`);
    for (const [question, ask] of Object.entries(questions)) {
      t.test(question, async (t) => {
        const service = await fake.open();
        const before = { ...process.env };
        Object.assign(process.env, service.environment);
        t.teardown(async () => {
          for (const key of Object.keys(service.environment)) {
            if (before[key] === undefined) delete process.env[key];
            else process.env[key] = before[key];
          }
          await engine.close();
          await service.close();
        });
        await ask(t, { engine, service });
      });
    }
    return undefined;
  });
}
