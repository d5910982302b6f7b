/** Clips in the compositor: what is shown when, by the marks alone. */
import { join } from 'node:path';
import t, { type Test } from 'tap';
import PasteBackMix from '../../elements/pastebackmix.js';
import { type Avatar, clipId, openAvatar } from '../../src/avatar/index.js';
import { register } from '../../src/element/index.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import { putAvatar } from '../support/drawnavatar.js';
import { sameBytes } from '../support/samebytes.js';
import { framesOf, type Line, mark, record, registerRig, script } from '../support/script.js';

registerRig();
register(PasteBackMix);

const drawn = { width: 128, height: 96, frames: 3, side: 60 };
const folder = await putAvatar(t.testdir(), 'one', drawn);
await putAvatar(join(folder, 'one', 'clips'), 'wave', { ...drawn, width: 64, height: 96, frames: 2 });
await putAvatar(folder, 'calm', drawn);
await putAvatar(join(folder, 'calm', 'clips'), 'idle', { ...drawn, height: 128, frames: 4 });

const gap = (n: number) => ({ data: new Uint8Array(0), gap: true, pts: n * 40e6, duration: 40e6 });
const gaps = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => gap(from + i));

async function open(t: Test, id: string): Promise<Avatar> {
  const avatar = await openAvatar(join(folder, id), { width: drawn.width, height: drawn.height });
  t.teardown(() => avatar.close());
  return avatar;
}

async function shown(id: string, lines: Iterable<Line>, more = ''): Promise<Uint8Array[]> {
  const { name, seen } = record();
  const p = Pipeline.launch(
    `scriptsrc script=${script(lines)} caps="video/x-raw,format=RGB,width=32,height=32,framerate=25/1" ! pastebackmix avatar=${join(folder, id)} ${more} ! recsink record=${name}`,
  );
  try {
    await Promise.all([p.finished(), p.play()]);
  } finally {
    await p.close();
  }
  return framesOf(seen).map(({ data }) => data);
}

/** Pictures of avatars by their frame numbers, as text so that a difference is readable. */
function names(pictures: readonly Uint8Array[], all: Readonly<Record<string, Avatar>>): string {
  const known = Object.entries(all).flatMap(([name, avatar]) =>
    Array.from({ length: avatar.count }, (_, n) => ({ text: `${name}${n}`, data: avatar.data(n) })),
  );
  return pictures
    .map((picture) => known.find(({ data }) => Buffer.compare(data, picture) === 0)?.text ?? '?')
    .join(' ');
}

t.test(
  'a clip is shown from its first frame, there and back, fitted in; then the avatar goes on',
  async (t) => {
    const pictures = await shown('one', [
      ...gaps(0, 2),
      mark('clip', { id: 'x', name: 'wave', pts: 80e6, counter: 0 }),
      ...gaps(2, 7),
      mark('clip', { id: 'x', name: '', pts: 270e6 }),
      ...gaps(7, 10),
    ]);
    const all = { a: await open(t, 'one'), w: await open(t, clipId('one', 'wave')) };
    t.equal(names(pictures, all), 'a0 a1 w0 w1 w1 w0 w0 a1 a2 a2');
    t.equal(all.w.boxed, false);
    t.throws(() => all.w.box(0), { message: /no boxes/ });
  },
);

t.test('an idle clip is shown while nobody speaks', async (t) => {
  const pictures = await shown('calm', [
    ...gaps(0, 3),
    mark('utterance-start', { id: 'x', text: 'a', pts: 120e6 }),
    ...gaps(3, 5),
    mark('utterance-end', { id: 'x', pts: 190e6 }),
    ...gaps(5, 8),
  ]);
  const all = { a: await open(t, 'calm'), i: await open(t, clipId('calm', 'idle')) };
  t.equal(names(pictures, all), 'i0 i1 i2 a0 a1 i0 i1 i2');
});

t.test('a cut of a schedule ends the clip in its picture, and older marks begin no other', async (t) => {
  const pictures = await shown('one', [
    mark('clip', { id: 'x', name: 'wave', pts: 0, counter: 0 }),
    ...gaps(0, 2),
    mark('replay-cut', { pts: 80e6, sound: 120e6, faded: 130e6, picture: 120e6 }),
    ...gaps(2, 3),
    mark('clip', { id: 'y', name: 'wave', pts: 120e6, counter: 0 }),
    mark('replay-epoch', { pts: 120e6 }),
    ...gaps(3, 6),
  ]);
  const all = { a: await open(t, 'one'), w: await open(t, clipId('one', 'wave')) };
  t.equal(names(pictures, all), 'w0 w1 w1 a2 a1 a0');
});

t.test('with a fade the last picture gives way to the clip, and the clip to the avatar', async (t) => {
  const lines = () => [
    ...gaps(0, 2),
    mark('clip', { id: 'x', name: 'wave', pts: 80e6, counter: 0 }),
    ...gaps(2, 5),
    mark('clip', { id: 'x', name: '', pts: 200e6 }),
    ...gaps(5, 7),
  ];
  const hard = await shown('one', lines());
  const soft = await shown('one', lines(), 'fade=40');
  const same = soft.map((picture, n) => Buffer.compare(picture, hard[n]!) === 0);
  t.strictSame(same, [true, true, false, true, true, false, true]);
  const mean = Uint8Array.from(hard[2]!, (value, i) => (value + hard[1]![i]! + 1) >> 1);
  sameBytes(t, soft[2], mean);
});

t.test('a clip that is not there changes nothing but the log', async (t) => {
  const pictures = await shown('one', [mark('clip', { id: 'x', name: 'dance', pts: 0 }), ...gaps(0, 3)]);
  t.equal(names(pictures, { a: await open(t, 'one') }), 'a0 a1 a2');
});
