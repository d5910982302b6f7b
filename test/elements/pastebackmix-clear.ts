/** What is behind an avatar: pictures that keep their alpha, for whoever puts them before something else, and videos. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import t from 'tap';
import FeatExtract from '../../elements/featextract.js';
import LipSyncFilter from '../../elements/lipsyncfilter.js';
import PasteBackMix from '../../elements/pastebackmix.js';
import { openAvatar } from '../../src/avatar/index.js';
import { register } from '../../src/element/index.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import { alphaIn, alphaPictureBytes, pictureBytes, pictureIn } from '../../src/picture/picture.js';
import { film } from '../support/film.js';
import { framesOf, record, registerRig } from '../support/script.js';

registerRig();
for (const element of [FeatExtract, LipSyncFilter, PasteBackMix]) register(element);

const SPEECH =
  'audiotestsrc num-buffers=20 samplesperbuffer=320 wave=saw freq=180 volume=0.5 ! audio/x-raw,rate=16000,channels=1';

/** Pictures of ava with speech, before what `background` says, through `rest`. */
async function pictures(background: string, rest: string): Promise<Buffer[]> {
  const { name, seen } = record();
  const p = Pipeline.launch(
    `${SPEECH} ! featextract ! lipsyncfilter background=${background} ! pastebackmix background=${background} ! ${rest} ! recsink record=${name}`,
  );
  try {
    await Promise.all([p.finished(), p.play()]);
  } finally {
    await p.close();
  }
  return framesOf(seen).map(({ data }) => Buffer.from(data));
}

function alike(t: { ok(fine: boolean, what: string): unknown }, some: Buffer[], expected: Buffer[]): void {
  for (const [n, data] of some.entries()) {
    const [got, own] = [data, expected[n]!].map((one) => pictureIn(one, 512, 768));
    for (const p of [0, 1, 2] as const) {
      const off = got!.planes[p].map((value, i) => Math.abs(value - own!.planes[p][i]!));
      const mean = off.reduce((sum, value) => sum + value, 0) / off.length;
      // Where a mouth moves fine hair, colours are moved apart from what is behind them: the very edge differs.
      const edge = off.filter((value) => value > 24).length / off.length;
      t.ok(
        mean < 0.1 && edge < 0.001,
        `picture ${n} plane ${p}: ${mean} in the mean, ${edge} of it by more than 24`,
      );
    }
  }
}

t.test('the alpha of the package comes out, its pixels as they are', async (t) => {
  const avatar = await openAvatar('ava', { background: 'transparent' });
  t.teardown(() => avatar.close());
  const { width, height } = avatar;
  t.match(avatar.caps, /format=A420/);
  t.equal(avatar.data(40).length, alphaPictureBytes(width, height));
  const file = join('data/avatars/ava/frames', '040.webp');
  const expected = await sharp(file).ensureAlpha().extractChannel('alpha').raw().toBuffer();
  t.ok(Buffer.from(alphaIn(avatar.data(40), width, height)).equals(expected), 'to the bit');
  t.ok(
    expected.includes(0) && expected.includes(255),
    'there is something to see through, and something not',
  );
});

t.test('scaled and letterboxed it is clear beside the picture', async (t) => {
  const avatar = await openAvatar('ava', { background: 'transparent', width: 640, height: 360 });
  t.teardown(() => avatar.close());
  const alpha = alphaIn(avatar.data(0), 640, 360);
  t.equal(alpha[180 * 640 + 2], 0);
  t.equal(alpha[180 * 640 + 320], 255);
});

t.test('before white by a compositor it is what it is before white by itself', async (t) => {
  const itself = await pictures('#ffffff', 'identity');
  const composed = await pictures(
    'transparent',
    'compositor background=white ! videoconvert ! video/x-raw,format=I420,width=512,height=768,framerate=25/1,colorimetry=bt601',
  );
  t.ok(
    itself.length >= 8 && composed.length === itself.length,
    `${itself.length} and ${composed.length} pictures`,
  );
  alike(t, composed, itself);
});

/** Grey pictures that fill the frame. */
const plain = (...lumas: number[]) =>
  lumas.map((luma) => {
    const data = new Uint8Array(pictureBytes(512, 768)).fill(128);
    pictureIn(data, 512, 768).planes[0].fill(luma);
    return data;
  });

t.test('before a video of white it is what it is before white', async (t) => {
  const file = join(t.testdir(), 'white.mkv');
  await film(file, plain(235, 235), { width: 512, height: 768 });
  const itself = await pictures('#ffffff', 'identity');
  const before = await pictures(file, 'video/x-raw,format=I420');
  t.equal(before.length, itself.length);
  alike(t, before, itself);
});

t.test('its pictures follow each other as those that leave, and begin anew', async (t) => {
  const file = join(t.testdir(), 'greys.mkv');
  const lumas = [30, 90, 150];
  await film(file, plain(...lumas), { width: 512, height: 768 });
  const corners = (await pictures(file, 'identity')).map((data) => data[4 * 512 + 4]!);
  t.ok(corners.length >= 8);
  t.same(
    corners,
    corners.map((_, n) => lumas[n % 3]),
  );
});

t.test('a video that is none is told at the start', async (t) => {
  const file = join(t.testdir(), 'none.mp4');
  writeFileSync(file, new Uint8Array(5000).fill(7).fill(0, 100, 300));
  await t.rejects(pictures(file, 'identity'), { code: 'stream/wrong-type', message: /none\.mp4/ });
  await t.rejects(pictures('nowhere.mp4', 'identity'), { code: 'resource/not-found' });
});

t.test('a body video covers all of it', async (t) => {
  const { name, seen } = record();
  const p = Pipeline.launch(
    `videotestsrc num-buffers=8 pattern=blue ! video/x-raw,format=I420,width=512,height=768,framerate=25/1,colorimetry=bt601 ! m.body ${SPEECH} ! featextract ! lipsyncfilter background=transparent ! m.patch pastebackmix name=m background=transparent ! recsink record=${name}`,
  );
  t.teardown(() => p.close());
  await Promise.all([p.finished(), p.play()]);
  const frames = framesOf(seen);
  t.ok(frames.length > 0);
  for (const { data } of frames) t.ok(alphaIn(data, 512, 768).every((value) => value === 255));
});

t.test('what follows and takes no alpha is told, also when everything has been said', async (t) => {
  const p = Pipeline.launch(
    `${SPEECH} ! featextract ! lipsyncfilter background=transparent ! pastebackmix background=transparent ! video/x-raw,format=I420 ! fakesink`,
  );
  t.teardown(() => p.close());
  const told = t.rejects(p.finished(), {
    code: 'core/negotiation',
    message: /what follows does not accept .*A420/,
  });
  p.play().catch(() => undefined);
  await told;
});
