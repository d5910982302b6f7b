import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { bring, letGo, PushedSound, speak } from '../../src/voice/index.js';
import { recordedSound } from '../../src/voice/pcm/recorded.js';
import { broughtSound } from '../../src/voice/pcm/sounds.js';
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
