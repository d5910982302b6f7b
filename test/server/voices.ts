/** Who can speak here, and how they sound: the routes the page's choice of a voice is made of. */
import t from 'tap';
import { TalkError } from '../../src/element/index.js';
import { PREVIEW_LIMITS, Previews } from '../../src/server/previews.js';
import { mayAskFor } from '../../src/session/voices.js';
import { closeVoices, listVoices } from '../../src/voice/index.js';
import { OpenAiSpeech } from '../fakes/fake-openai-speech.js';
import { serverOf } from './support/server.js';

t.teardown(() => closeVoices());

async function withServer(t: Tap, options: Parameters<typeof serverOf>[1] = {}) {
  const server = await serverOf(1, options);
  t.teardown(() => server.close());
  return (path: string, headers: Record<string, string> = {}) =>
    fetch(new URL(path, server.url), { headers });
}
type Tap = Pick<typeof t, 'teardown'>;

/** A speech service of its own for a test, which the engine `openai` is led to. */
async function service(t: Tap): Promise<OpenAiSpeech> {
  const fake = await new OpenAiSpeech().listen();
  Object.assign(process.env, fake.environment);
  t.teardown(async () => {
    for (const name of Object.keys(fake.environment)) delete process.env[name];
    await fake.close();
    await closeVoices();
  });
  return fake;
}

const samples = (wav: ArrayBuffer) => new Int16Array(wav, 44);

t.test('tells what talkgraph voices tells, but no voice that is a file', async (t) => {
  const get = await withServer(t, { voice: 'flite/rms' });
  const reply = (await (await get('/v1/voices')).json()) as { engines: { name: string }[]; preset: string };
  const all = JSON.parse(JSON.stringify(await listVoices())) as typeof reply;
  t.same(
    reply.engines,
    all.engines.filter(({ name }) => name !== 'file' && name !== 'pcm'),
  );
  t.match(
    reply.engines.find(({ name }) => name === 'elevenlabs'),
    { unavailable: /ELEVENLABS_API_KEY/ },
    'what is not set up says what it needs',
  );
  t.equal(reply.preset, 'flite/rms');
});

t.test('a file is none, wherever its name stands', async (t) => {
  for (const voice of ['', 'flite', 'flite/slt', 'edge/x,flite/slt', 'profile/x'])
    t.ok(await mayAskFor(voice), voice);
  for (const voice of [
    'file',
    'file//etc/passwd',
    ' File/x',
    'elevenlabs,file//home/a.wav',
    'edge/x , file/x',
    'xtts//home/a.wav',
    'xtts/../a.wav',
    'cosyvoice/recordings/a.wav',
    'openai/nova?speed=2',
  ])
    t.notOk(await mayAskFor(voice), voice);
});

t.test('a voice is heard as a WAV file', async (t) => {
  const get = await withServer(t);
  const reply = await get('/v1/voices/preview?voice=flite/awb');
  t.equal(reply.status, 200);
  t.equal(reply.headers.get('content-type'), 'audio/wav');
  const wav = await reply.arrayBuffer();
  t.match(Buffer.from(wav).toString('latin1', 0, 16), /^RIFF....WAVEfmt $/s);
  const sound = samples(wav);
  const seconds = sound.length / 24_000;
  t.ok(seconds > 1 && seconds < 4, `${seconds} s`);
  t.ok(Math.max(...sound) > 2000, 'it can be heard');
});

t.test('what cannot be heard is told as problem details', async (t) => {
  const fake = await service(t);
  const get = await withServer(t);
  const problem = async (query: string) => {
    const reply = await get(`/v1/voices/preview${query}`);
    t.match(reply.headers.get('content-type'), 'application/problem+json', query);
    const body = (await reply.json()) as { status: number; title: string; detail: string };
    t.equal(body.status, reply.status);
    return { status: reply.status, detail: body.detail, after: reply.headers.get('retry-after') };
  };
  t.match(await problem(''), { status: 400, detail: /ENGINE\/NAME/, after: null });
  t.match(await problem('?voice=flite/slt&voice=flite/awb'), { status: 400 });
  for (const voice of [
    'flite/nobody',
    'nobody',
    'file//etc/passwd',
    'xtts//etc/passwd',
    'flite/slt,flite/awb',
  ])
    t.match(await problem(`?voice=${voice}`), { status: 404, after: null }, voice);
  const { engines } = await listVoices('elevenlabs');
  const voice = `elevenlabs/${engines[0]?.voices[0]?.name}`;
  t.match(await problem(`?voice=${voice}`), { status: 409, detail: /ELEVENLABS_API_KEY/ }, 'not set up');
  fake.fail('503', 2);
  t.match(await problem('?voice=openai/af_bella'), { status: 503, detail: /cannot serve/, after: '5' });
  fake.fail('401');
  t.match(await problem('?voice=openai/af_bella'), { status: 502, detail: /OPENAI_API_KEY/, after: null });
  fake.heal();
  t.equal((await get('/v1/voices/preview?voice=openai/af_bella')).status, 200, 'a failure is not kept');
});

t.test('two who ask for the same wait for one, and a third is told the same again', async (t) => {
  const fake = await service(t);
  const previews = new Previews();
  t.teardown(() => previews.close());
  const [one, two] = await Promise.all([
    previews.wav('openai/af_bella', ['en']),
    previews.wav('openai/af_bella', ['en-US']),
  ]);
  t.equal(one, two);
  t.equal(await previews.wav('openai/af_bella', ['mul', 'it', 'en']), one);
  t.equal(fake.calls, 1);
  t.not(await previews.wav('openai/af_bella', ['mul', 'zh-CN']), one);
  t.match(fake.said, [/^Hello/, /^你好/]);
});

t.test('what is not in the limits is refused, and when to come again is told', async (t) => {
  const fake = await service(t);
  const previews = new Previews({ ...PREVIEW_LIMITS, together: 1, perMinute: 2 });
  t.teardown(() => previews.close());
  const refused = async (voice: string) => {
    const error: unknown = await previews.wav(voice, ['en']).catch((thrown: unknown) => thrown);
    return error instanceof TalkError ? error : undefined;
  };
  fake.fail('silent', 1);
  const waiting = previews.wav('openai/af_bella', ['en']);
  t.match(await refused('openai/am_adam'), { code: 'resource/busy', details: { retryAfterMs: 2000 } });
  // The first try of it went unanswered: hang up, as its ten seconds would.
  await previews.close();
  await t.rejects(waiting, { code: 'resource/busy' });

  const other = new Previews({ ...PREVIEW_LIMITS, perMinute: 2, seconds: 0.5, patienceMs: 300 });
  t.teardown(() => other.close());
  fake.heal();
  t.equal((await other.wav('openai/am_adam', ['en'])).length, 44 + 24_000, 'half a second and no more');
  fake.fail('silent');
  await t.rejects(other.wav('openai/am_adam', ['de']), { code: 'resource/unreachable', retryable: true });
  const late = await other.wav('openai/am_adam', ['fr']).catch((error: unknown) => error);
  t.match(late, { code: 'resource/rate' });
  const { retryAfterMs } = (late as TalkError).details as { retryAfterMs: number };
  t.ok(retryAfterMs > 1000 && retryAfterMs <= 60_000, `${retryAfterMs} ms`);
  t.equal((await other.wav('openai/am_adam', ['en'])).length, 44 + 24_000, 'what is kept costs nothing');
});

t.test('only so many are kept', async (t) => {
  const fake = await service(t);
  const previews = new Previews({ ...PREVIEW_LIMITS, kept: 1 });
  t.teardown(() => previews.close());
  for (const language of ['en', 'de', 'de', 'en']) await previews.wav('openai/af_bella', [language]);
  t.equal(fake.calls, 3);
});
