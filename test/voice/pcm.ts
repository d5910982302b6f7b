import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { bring, letGo, opusSamples, PushedOpus, PushedSound, speak } from '../../src/voice/index.js';
import { recordedSound } from '../../src/voice/pcm/recorded.js';
import { broughtSound } from '../../src/voice/pcm/sounds.js';
import { packets } from '../support/encoded.js';
import { settle } from './fakes/engine.js';
import { wave } from './fixtures/file.js';

async function hear(voice: string, signal?: AbortSignal): Promise<number[]> {
  const heard: number[] = [];
  const speech = speak({ text: '', voice, rate: 8000, ...(signal !== undefined && { signal }) });
  for await (const { samples } of speech) heard.push(...samples);
  return heard;
}

t.test('what is pushed is heard as it was, wherever its messages are cut', async (t) => {
  const sound = new PushedSound({ rate: 8000, channels: 1 });
  const voice = bring(sound);
  const ramp = Int16Array.from({ length: 4000 }, (_, n) => n * 8 - 16000);
  const bytes = new Uint8Array(ramp.buffer);
  for (let at = 0; at < bytes.length; at += 777) void sound.push(bytes.subarray(at, at + 777));
  sound.end();
  t.same(await hear(voice), [...ramp]);
  letGo(voice);
});

t.test('of several channels the mean is heard, at the rate of the session', async (t) => {
  const sound = new PushedSound({ rate: 16000, channels: 2 });
  const voice = bring(sound);
  void sound.push(new Uint8Array(new Int16Array(16000).map((_, n) => (n % 2 === 0 ? 3000 : 1000)).buffer));
  sound.end();
  const heard = await hear(voice);
  t.equal(heard.length, 4000);
  t.ok(heard.slice(500, 3500).every((value) => Math.abs(value - 2000) <= 2));
  letGo(voice);
});

t.test('who sends faster than is heard waits, and hears when nobody listens any more', async (t) => {
  const sound = new PushedSound({ rate: 8000, channels: 1 });
  const second = () => sound.push(new Uint8Array(16000));
  for (let n = 0; n < 4; n++) t.equal(await second(), true);
  t.equal(sound.full, false);
  const fifth = second();
  await settle();
  t.equal(sound.full, true);
  const reader = sound.open(new AbortController().signal)[Symbol.asyncIterator]();
  await reader.next();
  await reader.next();
  await reader.next();
  await reader.next();
  t.equal(await fifth, true, 'there is room again');
  const more = [second(), second(), second(), second(), second()];
  sound.close();
  t.equal((await Promise.all(more)).at(-1), false);
  t.equal(sound.closed, true);
  t.equal(await second(), false);
});

t.test('a cut ends it in the middle of waiting', async (t) => {
  const sound = new PushedSound({ rate: 8000, channels: 1 });
  const voice = bring(sound);
  const control = new AbortController();
  const heard = hear(voice, control.signal);
  void sound.push(new Uint8Array(1600));
  await settle();
  control.abort();
  t.ok((await heard).length <= 800);
  letGo(voice);
});

t.test('a sound is let go once, is gone then, and no other voice is touched by that', async (t) => {
  let closed = 0;
  const voice = bring({ open: async function* () {}, close: () => closed++ });
  letGo('flite/slt');
  letGo('pcm/other');
  t.equal(closed, 0);
  letGo(voice);
  letGo(voice);
  t.equal(closed, 1);
  t.equal(broughtSound(voice.slice(4)), undefined);
  await t.rejects(hear(voice), { code: 'resource/not-found', message: /not here any more/ });
});

t.test('no more sounds wait than may', async (t) => {
  const voices: string[] = [];
  t.throws(
    () => {
      for (let n = 0; n < 1025; n++)
        voices.push(bring({ open: async function* () {}, close: () => undefined }));
    },
    { code: 'resource/quota', retryable: true },
  );
  t.equal(voices.length, 1024);
  for (const voice of voices) letGo(voice);
});

t.test('a file is looked at before it is taken, and removed when it was heard', async (t) => {
  const dir = t.testdir({ 'no.wav': 'this is no sound' });
  const path = join(dir, 'yes.wav');
  await writeFile(path, wave(0.5, { rate: 8000, channels: 1 }));
  const drop = (file: string) => () => void rm(file, { force: true });
  await t.rejects(recordedSound(join(dir, 'no.wav'), drop(join(dir, 'no.wav'))), {
    code: 'stream/wrong-type',
  });
  const voice = bring(await recordedSound(path, drop(path)));
  t.equal((await hear(voice)).length, 4000);
  letGo(voice);
  while (existsSync(path) || existsSync(join(dir, 'no.wav'))) await settle(1);
  t.pass('both are gone');
});

t.test('an Opus packet says how long it is', async (t) => {
  for (const [bytes, samples] of [
    // SILK of 10 and 60 ms, hybrid of 20, CELT of 2.5 and 20; two frames; three in one packet.
    [[0x00, 1], 480],
    [[0x18, 1], 2880],
    [[0x68, 1], 960],
    [[0x80, 1], 120],
    [[0x98, 1], 960],
    [[0x99, 1, 2], 1920],
    [[0x9b, 3, 1], 2880],
    // Two of one length in an odd number of bytes; none; 140 ms; nothing.
    [[0x99, 1], undefined],
    [[0x9b, 0, 1], undefined],
    [[0x9b, 7, 1], undefined],
    [[], undefined],
  ] as const) {
    t.equal(opusSamples(Uint8Array.from(bytes)), samples, `${bytes}`);
  }
});

t.test('Opus packets are heard while they come, sample for sample as long as they are', async (t) => {
  const tone = Int16Array.from(
    { length: 11_520 },
    (_, n) => 12_000 * Math.sin((2 * Math.PI * 440 * n) / 16_000),
  );
  const sent = await packets(tone, 16_000, 'opusenc frame-size=20');
  t.ok(sent.length >= 36);
  const sound = new PushedOpus();
  const voice = bring(sound);
  const heard: number[] = [];
  const feed = (async () => {
    for (const packet of sent) await sound.push(packet);
    sound.end();
  })();
  for await (const { samples } of speak({ text: '', voice, rate: 48_000 })) {
    heard.push(...samples);
  }
  await feed;
  t.equal(
    heard.length,
    sent.reduce((sum, packet) => sum + (opusSamples(packet) ?? 0), 0),
    'nothing is lost and nothing added',
  );
  const loud = heard.slice(4800, 28_800);
  const level = Math.sqrt(loud.reduce((sum, value) => sum + value * value, 0) / loud.length);
  t.ok(Math.abs(level - 12_000 / Math.SQRT2) < 600, `it is the tone, at ${Math.round(level)}`);
  letGo(voice);
});

t.test('who sends Opus faster than is heard waits, whatever its bytes', async (t) => {
  const sound = new PushedOpus();
  const packet = Uint8Array.of(0x9b, 5, 1);
  for (let n = 0; n < 9; n++) t.equal(await sound.push(packet), true);
  const tenth = sound.push(packet);
  await settle();
  t.equal(sound.full, true, '1 s waits');
  sound.close();
  t.equal(await tenth, false);
  t.equal(sound.closed, true);
});
