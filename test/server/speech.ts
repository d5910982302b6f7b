/** OpenAI's own client speaks through `/v1/audio/speech`. */
import OpenAI from 'openai';
import t from 'tap';
import { closeVoices } from '../../src/voice/index.js';
import { serverOf } from './support/server.js';

const server = await serverOf(1, { token: 'sesame' });
t.teardown(async () => {
  await server.close();
  await closeVoices();
});
const baseURL = new URL('/v1', server.url).href;
const client = new OpenAI({ baseURL, apiKey: 'sesame', maxRetries: 0 });
const TEXT = 'Good morning. This is what I sound like.';

/** What a file begins with, by format. */
const HEADS = {
  wav: /^RIFF....WAVEfmt /s,
  mp3: /^(ID3|\xff[\xe0-\xff])/,
  /** Sync word, layer 0: ISO 14496-3 1.A.3.2. */
  aac: /^\xff[\xf0\xf1\xf8\xf9]/,
  flac: /^fLaC/,
  opus: /^OggS/,
  pcm: /./s,
} as const;

for (const [format, head] of Object.entries(HEADS)) {
  t.test(`speech comes as ${format}`, async (t) => {
    const reply = await client.audio.speech.create({
      model: 'tts-1',
      voice: 'flite/slt' as 'alloy',
      input: TEXT,
      response_format: format as 'wav',
    });
    t.match(reply.headers.get('content-type'), /^audio\//);
    const bytes = Buffer.from(await reply.arrayBuffer());
    t.match(bytes.toString('latin1', 0, 40), head);
    t.ok(bytes.length > 5000, `${bytes.length} bytes`);
    if (format === 'pcm') {
      // Two and a half seconds are not a pause: something is to be heard.
      const samples = new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length >> 1);
      t.ok(samples.some((value) => Math.abs(value) > 3000));
      t.ok(samples.length > 24_000 && samples.length < 120_000, `${samples.length} samples`);
    }
  });
}

t.test('a voice of OpenAI’s is ours, and models are listed', async (t) => {
  const reply = await client.audio.speech.create({ model: 'gpt-4o-mini-tts', voice: 'nova', input: 'Hi.' });
  t.ok((await reply.arrayBuffer()).byteLength > 1000);
  const { data } = await client.models.list();
  t.ok(data.some(({ id }) => id === 'tinylip'));
});

t.test('what cannot be said is refused as its clients expect', async (t) => {
  const status = (work: PromiseLike<unknown>) =>
    Promise.resolve(work).then(
      () => 200,
      (error: unknown) => (error instanceof OpenAI.APIError ? error.status : undefined),
    );
  const say = (fields: object) =>
    status(client.audio.speech.create({ model: 'tts-1', voice: 'alloy', input: 'Hi.', ...fields }));
  t.equal(await say({ voice: 'file//etc/passwd' }), 422);
  t.equal(await say({ voice: 'nobody/here' }), 404);
  // Nothing in them that this voice reads: asking again would not help, which OpenAI's client does after a 5xx.
  t.equal(await say({ input: '🙂' }), 422);
  t.equal(await say({ input: 'مرحبا' }), 422);
  t.equal(await say({ input: '' }), 400);
  t.equal(await say({ input: 'x'.repeat(4097) }), 400);
  t.equal(await say({ response_format: 'ogg' }), 400);
  const stranger = new OpenAI({ baseURL, apiKey: 'wrong', maxRetries: 0 });
  t.equal(await status(stranger.models.list()), 401);
});

t.test('a reader who goes away ends the speech', async (t) => {
  for (let round = 0; round < 6; round++) {
    const gone = new AbortController();
    const reply = await whenFree(() =>
      client.audio.speech.create(
        { model: 'tts-1', voice: 'alloy', input: `${TEXT} `.repeat(90), response_format: 'wav' },
        { signal: gone.signal },
      ),
    );
    await reply.body?.getReader().read();
    gone.abort();
    await new Promise((resolve) => setImmediate(resolve));
  }
  // Four may be made at once: those that were left would hold their places.
  const reply = await whenFree(() =>
    client.audio.speech.create({ model: 'tts-1', voice: 'alloy', input: 'Hi.' }),
  );
  t.equal(reply.status, 200);
});

/** Asks again where all places are taken: that a reader has gone is known a moment later. */
async function whenFree<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if ((error as { status?: number }).status !== 503) throw error;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
