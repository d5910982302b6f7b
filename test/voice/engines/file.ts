import { once } from 'node:events';
import { chmod, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import t from 'tap';
import { Pipeline } from '../../../src/graph/pipeline.js';
import { speak } from '../../../src/voice/index.js';
import { wave } from '../fixtures/file.js';

const folder = t.testdir({ 'notes.txt': 'This is no sound.', 'empty.wav': '' });
const path = join(folder, 'a tone, "quoted".wav');
await writeFile(path, wave(2));
await writeFile(join(folder, 'half.wav'), wave(2).subarray(0, 30));
await writeFile(join(folder, 'long.wav'), wave(600, { rate: 16000, channels: 1 }));

async function say(text: string, voice = 'file', rate = 24000): Promise<number[]> {
  const samples: number[] = [];
  for await (const chunk of speak({ text, voice, rate })) samples.push(...chunk.samples);
  return samples;
}

t.test(
  'plays a file named by the voice, by the text, or by its address, whole and at the rate asked for',
  async (t) => {
    for (const samples of [
      await say('caption', `file/${path}`),
      await say(path),
      await say(pathToFileURL(path).href),
    ]) {
      t.equal(samples.length, 48000);
      const peak = samples.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      t.ok(Math.abs(peak - 16000) < 400, `peak ${peak}`);
    }
    t.equal((await say(path, 'file', 48000)).length, 96000);
  },
);

t.test('plays it even without a caption, and nothing when no file is named', async (t) => {
  t.equal((await say('', `file/${path}`)).length, 48000);
  t.same(await say('  '), []);
});

t.test('says what is wrong with a file', async (t) => {
  await t.rejects(say(join(folder, 'none.wav')), {
    code: 'resource/not-found',
    message: 'There is no file none.wav.',
  });
  await t.rejects(say(folder), { code: 'resource/read', message: /is not a file/ });
  await t.rejects(say('http://example.com/x.wav'), { code: 'resource/settings' });
  t.match(await say(join(folder, 'notes.txt')).catch((error: unknown) => error), {
    code: 'stream/wrong-type',
    message: 'notes.txt is text, perhaps a playlist, and no sound.',
  });
  for (const name of ['empty.wav', 'half.wav']) {
    await t.rejects(say(join(folder, name)), {
      code: 'stream/wrong-type',
      message: `There is no sound in ${name} that can be decoded.`,
    });
  }
  const locked = join(folder, 'locked.wav');
  await writeFile(locked, wave(1));
  await chmod(locked, 0);
  // The superuser may read everything.
  if (process.getuid?.() !== 0) await t.rejects(say(locked), { code: 'resource/read' });
});

t.test('follows no playlist: what it names is not fetched', async (t) => {
  let asked = 0;
  const server = createServer((_request, reply) => {
    asked++;
    reply.end(wave(1));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/a.wav`;
  for (const [name, text] of [
    ['list.m3u8', `#EXTM3U\n#EXTINF:1,\n${url}\n`],
    ['list.wav', `#EXTM3U\n${url}\n`],
    ['list.pls', `[playlist]\nFile1=${url}\nNumberOfEntries=1\n`],
  ] as const) {
    await writeFile(join(folder, name), text);
    await t.rejects(say(join(folder, name)), {
      code: 'stream/wrong-type',
      message: /text, perhaps a playlist/,
    });
  }
  t.equal(asked, 0);
});

t.test('plays compressed sound, and the sound of a video', async (t) => {
  const make = async (line: string): Promise<string> => {
    const location = join(folder, `made-${line.length}`);
    const pipeline = Pipeline.launch(`${line} ! filesink name=out`);
    pipeline.element('out').set('location', location);
    await pipeline.play();
    await pipeline.finished();
    await pipeline.close();
    return location;
  };
  const tone = 'audiotestsrc num-buffers=100 samplesperbuffer=441 ! audio/x-raw, rate=44100';
  const video = 'videotestsrc num-buffers=25 ! video/x-raw, width=64, height=48 ! jpegenc';
  for (const path of [
    await make(`${tone} ! vorbisenc ! oggmux`),
    await make(`${video} ! matroskamux name=m  ${tone} ! flacenc ! m.  m.`),
  ]) {
    const samples = await say(path, 'file', 44100);
    t.ok(Math.abs(samples.length - 44100) <= 1024, `${samples.length}`);
    t.ok(samples.some((value) => value > 20_000));
  }
  await t.rejects(say(await make(`${video} ! avimux`)), { code: 'stream/wrong-type' });
});

t.test('decodes no further ahead than a few seconds', async (t) => {
  const before = process.memoryUsage().arrayBuffers;
  const speech = speak({ text: join(folder, 'long.wav'), voice: 'file', rate: 48000 });
  let [count, most] = [0, 0];
  for await (const { samples } of speech) {
    count += samples.length;
    most = Math.max(most, process.memoryUsage().arrayBuffers - before);
    if (count > 60 * 48000) break;
    if (count % 480_000 < 9600) await new Promise((resolve) => setImmediate(resolve));
  }
  t.ok(count > 60 * 48000);
  t.ok(most < 30 << 20, `${(most / 2 ** 20).toFixed(1)} MB of 58`);
});

t.test('plays all of a long file', async (t) => {
  let count = 0;
  for await (const { samples } of speak({ text: join(folder, 'long.wav'), voice: 'file', rate: 16000 }))
    count += samples.length;
  t.equal(count, 600 * 16000);
});
