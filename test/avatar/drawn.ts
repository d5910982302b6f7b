import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import t from 'tap';
import { type Avatar, openAvatar } from '../../src/avatar/index.js';
import { BLINKS, IDLE, idle } from '../../src/avatar/portrait/index.js';
import { drawFrame } from '../../src/avatar/write.js';

const W = 512;
let ava: Avatar;
t.before(async () => {
  ava = await openAvatar('drawn');
});
t.after(() => ava.close());

/** Mean difference of luma between two frames, over some rows. */
function difference(a: number, b: number, from = 0, to = W): number {
  const [p, q] = [ava.data(a), ava.data(b)];
  let sum = 0;
  for (let i = from * W; i < to * W; i++) sum += Math.abs(p[i]! - q[i]!);
  return sum / ((to - from) * W);
}

t.test('the drawn one comes with the package: six seconds, 512x512, at most 4 MB', async (t) => {
  t.match(ava, {
    width: W,
    height: W,
    count: IDLE.frames,
    framerate: { num: 25, den: 1 },
    loop: 'there-and-back',
  });
  const frames = join(ava.folder, 'frames');
  const files = await readdir(frames);
  t.equal(files.length, IDLE.frames);
  let bytes = 0;
  for (const file of files) bytes += (await stat(join(frames, file))).size;
  t.ok(bytes < 4e6, `${bytes} bytes`);
});

t.test('the generator still draws the pictures that are in the package', async (t) => {
  for (const frame of [0, BLINKS[0] + 2, 77]) {
    const { bytes, geometry } = await drawFrame('ava', frame, W, W);
    const now = await sharp(bytes).greyscale().raw().toBuffer();
    const file = join(ava.folder, 'frames', `${String(frame).padStart(3, '0')}.webp`);
    const kept = await sharp(file).greyscale().raw().toBuffer();
    let sum = 0;
    for (let i = 0; i < now.length; i++) sum += Math.abs(now[i]! - kept[i]!);
    t.ok(sum / now.length < 0.5, `frame ${frame} differs by ${sum / now.length} on average`);
    const box = ava.box(frame);
    t.ok(
      Math.abs(box.x - geometry.box.x) < 0.01 && Math.abs(box.y - geometry.box.y) < 0.01,
      `box of ${frame}`,
    );
  }
});

t.test('no jump where the loop begins again', async (t) => {
  const steps = Array.from({ length: IDLE.frames - 1 }, (_, i) => difference(i, i + 1)).sort((a, b) => a - b);
  const typical = steps[Math.floor(steps.length / 2)]!;
  t.ok(difference(IDLE.frames - 1, 0) <= typical, 'from the last frame to the first');
  t.ok(difference(0, 1) <= typical, 'turning round at the start');
  t.ok(difference(IDLE.frames - 2, IDLE.frames - 1) <= typical, 'turning round at the end');
  t.ok(steps[steps.length - 1]! < 4 * typical, 'no picture pops: even a blink stays small');
});

t.test('she is never quite still, and the wall behind her always', async (t) => {
  for (let i = 20; i < 130; i++) {
    if (difference(i, i + 1, 180, 400) < 0.05) t.fail(`nothing moves from ${i} to ${i + 1}`);
    const wall = difference(i, i + 1, 0, 24);
    if (wall > 0.05) t.fail(`the background shimmers from ${i} to ${i + 1}: ${wall}`);
  }
});

t.test('she blinks like a person: two or three times, a fifth of a second, not evenly', async (t) => {
  const shut = Array.from({ length: IDLE.frames }, (_, i) => idle(i).blink ?? 0);
  const closings = shut.flatMap((v, i) => (v === 1 && shut[i - 1]! < 1 ? [i] : []));
  t.equal(closings.length, BLINKS.length);
  for (const at of closings) {
    t.equal(shut[at + 5], 0, 'open again 200 ms later');
    // The whites of the eyes are gone: luma around the eye line gets even.
    t.ok(difference(at, at + 6, 195, 225) > 3 * difference(at + 6, at + 7, 195, 225));
  }
  const gaps = [closings[1]! - closings[0]!, 2 * (IDLE.frames - closings[1]!), 2 * closings[0]!];
  for (const gap of gaps)
    t.ok(gap > 2 * 25 && gap < 6 * 25, `${gap / 25} s between two blinks, played there and back`);
  t.not(gaps[0], gaps[1]);
});

t.test('the box glides: steps of fractions of a pixel, no jitter, one size', async (t) => {
  const boxes = Array.from({ length: IDLE.frames }, (_, i) => ava.box(i));
  for (const [i, box] of boxes.entries()) {
    if (Math.abs(box.w - boxes[0]!.w) > 0.002 || Math.abs(box.w - box.h) > 0.002) t.fail(`size of box ${i}`);
    const [before, after] = [boxes[i - 1], boxes[i + 1]];
    if (!before || !after) continue;
    for (const axis of ['x', 'y'] as const) {
      if (Math.abs(after[axis] - box[axis]) > 0.8) t.fail(`box ${i} jumps by ${after[axis] - box[axis]}`);
      const bend = after[axis] - 2 * box[axis] + before[axis];
      if (Math.abs(bend) > 0.06) t.fail(`box ${i} jitters by ${bend}`);
    }
  }
  const xs = boxes.map((b) => b.x);
  t.ok(Math.max(...xs) - Math.min(...xs) > 2, 'it follows the head');
});

t.test('the mouth lies where a lip-sync model expects it in every crop', async (t) => {
  for (const frame of [0, 50, 100, 149]) {
    const face = ava.face(frame, 96);
    const green = (u: number, v: number) => face[3 * (Math.round(v * 96) * 96 + Math.round(u * 96)) + 1]!;
    const lip = green(0.5, 0.665);
    t.ok(lip < green(0.5, 0.79) - 25, 'lips, and chin below');
    t.ok(lip < green(0.5, 0.54) - 25, 'and skin above');
  }
});
