/** Recognisers against servers that speak their true protocols; what is heard in sound only a real one knows. */
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { Hearing, type HearingRequest } from '../../../src/dialog/ears/hearing.js';
import type { RecogniserSettings } from '../../../src/dialog/ears/recogniser.js';
import { closeRecognisers, recogniser, recogniserNames } from '../../../src/dialog/ears/recognisers.js';
import type { TalkError } from '../../../src/element/index.js';
import { FakeFunasr } from '../../fakes/fake-funasr.js';
import { FakeTranscriptions, hears, refuses, type Script } from '../../fakes/fake-openai-transcriptions.js';

t.teardown(() => closeRecognisers());
for (const name of ['ASR_BASE_URL', 'ASR_API_KEY', 'ASR_MODEL', 'OPENAI_API_KEY', 'FUNASR_URL'])
  delete process.env[name];

const SECOND = Int16Array.from({ length: 16_000 }, (_, n) => (n % 2000) - 1000);

/** A turn of some seconds, heard by an engine; `words` are its result. */
async function hear(
  name: string,
  settings: RecogniserSettings,
  more: Partial<HearingRequest> & { seconds?: number } = {},
) {
  const [partials, failures]: [string[], TalkError[]] = [[], []];
  const abort = new AbortController();
  const hearing = new Hearing({
    recogniser: await recogniser(name),
    settings,
    signal: abort.signal,
    partial: (text) => void partials.push(text),
    failed: (error) => void failures.push(error),
    limits: { finishMs: 2000, pauseMs: 5 },
    ...more,
  });
  for (let n = 0; n < (more.seconds ?? 1) * 50; n++)
    hearing.push(SECOND.subarray((n % 50) * 320, (n % 50) * 320 + 320));
  return { hearing, partials, failures, abort };
}

t.test('all there are say what they are', async (t) => {
  t.same(await recogniserNames(), ['funasr', 'openai', 'sherpa']);
  for (const name of await recogniserNames()) {
    const { info } = await recogniser(name);
    t.equal(info.name, name);
    t.ok(info.longName !== '' && info.description !== '');
  }
  await t.rejects(recogniser('siri'), { code: 'resource/not-found', message: /funasr, openai, sherpa/ });
});

const openai = async (t: { teardown(fn: () => unknown): void }, ...scripts: Script[]) => {
  const server = await FakeTranscriptions.start(...scripts);
  t.teardown(() => server.close());
  return server;
};

t.test('openai: a turn goes out as one WAV file, and its words come back', async (t) => {
  const server = await openai(t, hears('  What time is it? '));
  const { hearing } = await hear('openai', {
    url: server.url,
    model: 'tiny',
    language: 'en-US',
    hotwords: 'Oslo',
  });
  hearing.end();
  t.equal(await hearing.words, 'What time is it?');
  const [request] = server.requests;
  t.match(request, {
    path: '/v1/audio/transcriptions',
    fields: { model: 'tiny', language: 'en', prompt: 'Oslo', response_format: 'json' },
    file: { name: 'turn.wav', type: 'audio/wav' },
  });
  const { bytes } = request!.file;
  t.equal(bytes.length, 44 + 32_000);
  t.equal(bytes.readUInt32LE(24), 16_000);
  t.ok(bytes.subarray(44).equals(Buffer.from(SECOND.buffer)), 'every sample');
  t.equal(request!.headers.authorization, undefined, 'no key where none was given');
});

t.test('openai: the key goes to the server it is for', async (t) => {
  const server = await openai(t, hears('yes'));
  process.env['ASR_API_KEY'] = 'secret-7';
  process.env['OPENAI_API_KEY'] = 'secret-8';
  t.teardown(() => {
    delete process.env['ASR_API_KEY'];
    delete process.env['OPENAI_API_KEY'];
  });
  const heard = async () => {
    const { hearing } = await hear('openai', { url: server.url });
    hearing.end();
    await hearing.words;
    return server.requests.at(-1)?.headers.authorization;
  };
  t.equal(await heard(), 'Bearer secret-7');
  delete process.env['ASR_API_KEY'];
  t.equal(await heard(), undefined, 'and OpenAI’s to OpenAI alone');
});

t.test('openai: statuses', async (t) => {
  const cases: [number, string, RegExp][] = [
    [401, 'resource/not-authorized', /key/],
    [404, 'resource/not-found', /model/],
    [400, 'resource/settings', /does not accept/],
    [307, 'resource/settings', /elsewhere/],
  ];
  for (const [status, code, message] of cases) {
    const server = await openai(t, refuses(status, { location: 'http://127.0.0.1:9/' }));
    const { hearing, failures } = await hear('openai', { url: server.url });
    hearing.end();
    await t.rejects(hearing.words, { code, message, retryable: false }, `${status}`);
    t.same(failures, []);
    t.equal(server.requests.length, 1);
  }
  const wrong = await openai(t, (response) => void response.end('<html>what was said</html>'));
  const { hearing } = await hear('openai', { url: wrong.url });
  hearing.end();
  await t.rejects(hearing.words, {
    code: 'stream/wrong-type',
    message: /^(?!.*what was said)/,
    debug: '',
  });
});

t.test('openai: what may pass is asked again, with all that was said', async (t) => {
  const reset: Script = (response) => response.socket?.resetAndDestroy();
  const server = await openai(t, refuses(503), reset, refuses(429), hears('at last'));
  const { hearing, failures } = await hear('openai', { url: server.url });
  hearing.end();
  t.equal(await hearing.words, 'at last');
  t.same(
    failures.map(({ code }) => code),
    // One that breaks when a kept connection is used again was closed in the meantime: that is no failure.
    ['resource/unreachable', 'resource/rate'],
  );
  t.equal(server.requests.length, 4);
  for (const { file } of server.requests) t.equal(file.bytes.length, 44 + 32_000);
});

t.test(
  'openai: nobody waits for ever, and who does not want the words any more closes the connection',
  async (t) => {
    const server = await openai(t, () => undefined);
    const late = await hear('openai', { url: server.url }, { limits: { finishMs: 60 } });
    late.hearing.end();
    await t.rejects(late.hearing.words, { code: 'resource/unreachable', message: /within 0.06 s/ });
    await server.requests[0]?.closed;
    const dropped = await hear('openai', { url: server.url });
    dropped.hearing.end();
    while (server.requests.length < 2) await sleep(1);
    dropped.abort.abort();
    t.equal(await dropped.hearing.words, '');
    await server.requests[1]?.closed;
  },
);

t.test('openai: a turn without sound is not asked about, and settings are checked', async (t) => {
  const server = await openai(t, hears('no'));
  const { hearing } = await hear('openai', { url: server.url }, { seconds: 0 });
  hearing.end();
  t.equal(await hearing.words, '');
  t.same(server.requests, []);
  const engine = await recogniser('openai');
  t.throws(() => engine.check({}), { code: 'resource/settings', message: /ASR_BASE_URL/ });
  t.throws(() => engine.check({ url: 'ftp://x/' }), { code: 'resource/settings' });
  t.throws(() => engine.check({ url: 'http://user:pw@host/v1' }), {
    code: 'resource/settings',
    message: /^[^w]*$|(?!.*pw)/,
  });
});

for (const [mode, final] of [
  ['2pass', true],
  ['2pass', false],
  ['online', true],
  ['offline', true],
] as const) {
  t.test(`funasr: ${mode}${final ? '' : ', from a server that never says that it is done'}`, async (t) => {
    const server = await FakeFunasr.start({ words: ['what', 'time', 'is', 'it'], final });
    t.teardown(() => server.close());
    const { hearing, partials } = await hear('funasr', { url: server.url, mode, hotwords: '{"Oslo": 20}' });
    while ((server.sessions[0]?.bytes ?? 0) < 32_000 || (mode !== 'offline' && partials.length < 4))
      await sleep(1);
    hearing.end();
    t.equal((await hearing.words).trim(), 'what time is it');
    t.match(server.sessions[0], {
      protocol: 'binary',
      bytes: 32_000,
      start: { mode, audio_fs: 16_000, wav_format: 'pcm', hotwords: '{"Oslo": 20}' },
    });
    if (mode === 'offline') t.same(partials, []);
    else
      t.same(
        partials.map((one) => one.trim()),
        ['what', 'what time', 'what time is', 'what time is it'],
      );
    while (server.open > 0) await sleep(1);
  });
}

t.test('funasr: one that goes in mid-turn is asked anew and hears the turn from its beginning', async (t) => {
  const server = await FakeFunasr.start({ words: ['hello', 'again'], dies: { after: 8000, times: 2 } });
  t.teardown(() => server.close());
  const { hearing, failures } = await hear('funasr', { url: server.url });
  while (server.sessions.length < 3) await sleep(1);
  hearing.end();
  t.equal((await hearing.words).trim(), 'hello again');
  t.same(
    failures.map(({ code, retryable }) => [code, retryable]),
    [
      ['resource/unreachable', true],
      ['resource/unreachable', true],
    ],
  );
  t.equal(server.sessions[2]?.bytes, 32_000);
});

t.test('funasr: one that is not there, says nothing or nonsense', async (t) => {
  const gone = await FakeFunasr.start({ words: [] });
  const { url } = gone;
  await gone.close();
  const { hearing } = await hear('funasr', { url }, { limits: { finishMs: 80, pauseMs: 5 } });
  hearing.end();
  await t.rejects(hearing.words, { code: 'resource/unreachable', retryable: true });
  const mute = await FakeFunasr.start({ words: ['x'], mute: true });
  t.teardown(() => mute.close());
  const silent = await hear('funasr', { url: mute.url }, { limits: { finishMs: 80 } });
  silent.hearing.end();
  await t.rejects(silent.hearing.words, { code: 'resource/unreachable', message: /within/ });
  while (mute.open > 0) await sleep(1);
  const mad = await FakeFunasr.start({ words: ['x'], garbage: 'ok?' });
  t.teardown(() => mad.close());
  const nonsense = await hear('funasr', { url: mad.url });
  nonsense.hearing.end();
  await t.rejects(nonsense.hearing.words, { code: 'stream/format' });
  const engine = await recogniser('funasr');
  t.throws(() => engine.check({}), { message: /FUNASR_URL/ });
  t.throws(() => engine.check({ url: 'ws://127.0.0.1:1', mode: 'triple' }), {
    message: /2pass, online, offline/,
  });
});
