/** The rendered presenters that come with the package: alive, still-mouthed, and whole before any background. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { type Avatar, listAvatars, openAvatar } from '../../src/avatar/index.js';

const [WIDTH, HEIGHT] = [512, 768];
const PRESENTERS = (await listAvatars()).filter((id) => ['ava', 'max'].includes(id));

async function opened(t: Test, id: string, options: Parameters<typeof openAvatar>[1] = {}): Promise<Avatar> {
  const avatar = await openAvatar(id, options);
  t.teardown(() => avatar.close());
  return avatar;
}

/** Mean difference of luma between two frames of an avatar, over a part of the picture. */
function difference(
  avatar: Avatar,
  a: number,
  b: number,
  [x, y, w, h]: readonly [number, number, number, number],
): number {
  const [p, q] = [avatar.data(a), avatar.data(b)];
  let sum = 0;
  for (let row = y; row < y + h; row++)
    for (let at = row * avatar.width + x; at < row * avatar.width + x + w; at++)
      sum += Math.abs(p[at]! - q[at]!);
  return sum / (w * h);
}

/** Part of the strip with the eyes that is dark: lashes, iris and pupil. */
function darkInEyes(avatar: Avatar, frame: number): number {
  const { x, y, w, h } = avatar.box(frame);
  const luma = avatar.data(frame);
  let [dark, all] = [0, 0];
  for (let row = Math.round(y + 0.2 * h); row < y + 0.36 * h; row++)
    for (let column = Math.round(x + 0.2 * w); column < x + 0.8 * w; column++, all++)
      if (luma[row * avatar.width + column]! < 90) dark++;
  return dark / all;
}

// Hundreds of pictures are decoded twice, beside whatever else the machine does.
t.setTimeout(120_000);
t.same(PRESENTERS, ['ava', 'max'], 'both are there');

for (const id of PRESENTERS)
  t.test(id, async (t) => {
    const avatar = await opened(t, id);
    const whole = [0, 0, avatar.width, avatar.height] as const;
    const { x, y, w, h } = avatar.box(0);
    t.test('six to ten seconds of 512x768, at most 6 MB', async (t) => {
      t.match(avatar, { width: WIDTH, height: HEIGHT, framerate: { num: 25, den: 1 } });
      t.ok(avatar.count >= 150 && avatar.count <= 250, `${avatar.count} frames`);
      const frames = join(avatar.folder, 'frames');
      let bytes = 0;
      for (const file of await readdir(frames)) bytes += (await stat(join(frames, file))).size;
      t.ok(bytes <= 6e6, `${bytes} bytes`);
    });

    t.test('loops without a jump, forwards and there and back, and never stands still', async (t) => {
      const steps = Array.from({ length: avatar.count - 1 }, (_, i) => difference(avatar, i, i + 1, whole));
      const typical = [...steps].sort((a, b) => a - b)[Math.floor(steps.length / 2)]!;
      t.ok(difference(avatar, avatar.count - 1, 0, whole) < 2 * typical, 'from the last frame to the first');
      t.ok(steps[0]! < 2 * typical && steps.at(-1)! < 2 * typical, 'where it turns round');
      t.ok(Math.max(...steps) < 6 * typical, 'no picture pops');
      t.equal(steps.filter((step) => step < 0.02).length, 0, 'no two pictures are the same');
    });

    t.test('blinks like a person', async (t) => {
      const open = Array.from({ length: avatar.count }, (_, i) => darkInEyes(avatar, i));
      const usual = [...open].sort((a, b) => a - b)[open.length >> 1]!;
      const shut = open.map((share) => share < 0.7 * usual);
      const blinks = shut.flatMap((now, i) => (now && !shut[i - 1] ? [i] : []));
      const gaps = blinks.map((at, k) => (at - blinks.at(k - 1)! + (k === 0 ? avatar.count : 0)) / 25);
      t.comment(`${gaps.map((gap) => gap.toFixed(1)).join(', ')} s between blinks`);
      t.ok(
        gaps.length >= 2 && gaps.every((gap) => gap > 0.8 && gap < 6),
        'every few seconds, also over the end',
      );
      t.ok(new Set(gaps).size > 1, 'not evenly');
      t.ok(shut.filter(Boolean).length / blinks.length < 8, 'and opens the eyes again');
    });

    t.test('the box glides', async (t) => {
      for (let i = 1; i < avatar.count - 1; i++) {
        const [before, box, after] = [avatar.box(i - 1), avatar.box(i), avatar.box(i + 1)];
        if (Math.abs(box.w - w) > 0.1 * w) t.fail(`size of box ${i}`);
        for (const axis of ['x', 'y'] as const) {
          const bend = after[axis] - 2 * box[axis] + before[axis];
          if (Math.abs(bend) > 1) t.fail(`box ${i} jitters by ${bend}`);
        }
      }
    });

    t.test('any background goes behind, a square is cut where the face is, the person stays', async (t) => {
      const square = await opened(t, id, { width: 512, height: 512, background: '#fff' });
      const box = square.box(0);
      t.ok(Math.abs(box.w - w) < 0.01, 'at full size');
      t.ok(box.y > 130 && box.y + box.h < 500, `the face lies from ${box.y} to ${box.y + box.h}`);
      const up = y - box.y;
      const at = (picture: Avatar, px: number, py: number) =>
        picture.data(0)[Math.round(py) * WIDTH + Math.round(px)]!;
      t.equal(at(square, 4, 4), 235, 'a corner is background');
      t.not(at(avatar, 4, 4), 235);
      for (const [px, py, what] of [
        [x + w / 2, y + 0.4 * h, 'a face is none'],
        [WIDTH / 2, 508 + up, 'nor is a chest, down to the edge'],
      ] as const)
        t.ok(Math.abs(at(square, px, py - up) - at(avatar, px, py)) <= 1, what);
    });
  });
