/** A photo lives: it moves a little, without a jump, and is never worse than it was. */
import { join } from 'node:path';
import sharp from 'sharp';
import t from 'tap';
import { eyesOf, shutEye } from '../../../src/avatar/create/blink.js';
import { createAvatar } from '../../../src/avatar/create/index.js';
import { ALIVE, blinkAt, poseAt } from '../../../src/avatar/create/life.js';
import { Sway } from '../../../src/avatar/create/sway.js';
import { type Avatar, openAvatar } from '../../../src/avatar/index.js';
import type { Points } from '../../../src/face/index.js';

t.setTimeout(240_000);
const SIDE = { width: 256, height: 384 };
const max = await openAvatar('max');
t.teardown(() => max.close());

/** The luma of a picture. */
const luma = (avatar: Avatar, frame: number) => avatar.data(frame).subarray(0, avatar.width * avatar.height);

/** Mean difference of two series of numbers. */
function apart(a: Uint8Array, b: Uint8Array): number {
  return a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0) / a.length;
}

/** Fine detail: mean square of what the neighbours do not tell. */
function detail(data: Uint8Array, width: number): number {
  let sum = 0;
  for (let i = width + 1; i < data.length - width - 1; i++)
    sum += (4 * data[i]! - data[i - 1]! - data[i + 1]! - data[i - width]! - data[i + width]!) ** 2;
  return sum / data.length;
}

t.test('motions close without a jump, and eyes are open where they do', async (t) => {
  const steps = Array.from({ length: ALIVE }, (_, n) => {
    const [a, b] = [poseAt(n), poseAt((n + 1) % ALIVE)];
    return Math.max(...(Object.keys(a) as (keyof typeof a)[]).map((key) => Math.abs(a[key] - b[key])));
  });
  t.ok(steps.at(-1)! <= Math.max(...steps.slice(0, -1)), `the seam ${steps.at(-1)}`);
  t.ok(Math.max(...steps) < 0.1);
  t.same([blinkAt(0), blinkAt(ALIVE - 1)], [0, 0]);
  const shut = Array.from({ length: ALIVE }, (_, n) => blinkAt(n)).filter((value) => value === 1);
  t.equal(shut.length, 2, 'two blinks');
});

t.test('a photo becomes eight seconds of somebody who listens', async (t) => {
  const folder = t.testdir();
  const source = join(folder, 'photo.png');
  await sharp(join(max.folder, 'frames', '000.webp'))
    .flatten({ background: '#345' })
    .resize(SIDE)
    .png()
    .toFile(source);
  const make = (id: string, still: boolean) =>
    createAvatar({ source, id, folder: join(folder, 'avatars'), still });
  t.match(await make('still', true), { frames: 1, findings: [] });
  t.match(await make('alive', false), { frames: ALIVE, findings: [], ...SIDE });
  const [still, alive] = await Promise.all(
    ['still', 'alive'].map((id) => openAvatar(id, { root: join(folder, 'avatars') })),
  );
  t.teardown(() => [still!, alive!].map((avatar) => avatar.close()));
  t.equal(alive!.loop, 'forward');

  const own = luma(still!, 0);
  const steps = Array.from({ length: ALIVE }, (_, n) =>
    apart(luma(alive!, n), luma(alive!, (n + 1) % ALIVE)),
  );
  const calm = steps.filter((_, n) => blinkAt(n) === 0 && blinkAt(n + 1) === 0);
  t.ok(steps.at(-1)! < 1.2 * Math.max(...calm), `the seam: ${steps.at(-1)} of ${Math.max(...calm)}`);
  t.ok(Math.max(...calm) < 2, `a step is small: ${Math.max(...calm)}`);

  let follows = 0;
  for (const n of [25, 60, 95, 130, 175]) {
    const crops = [alive!.face(n, 96), still!.face(0, 96)] as const;
    const { x, y, w } = alive!.box(n);
    const off = Math.hypot(x - still!.box(0).x, y - still!.box(0).y);
    t.ok(off < 0.03 * w, `${n}: the box moved by ${off}`);
    t.ok(apart(...crops) < 4, `${n}: the mouth in it is the same: ${apart(...crops)}`);
    follows += off;
    const sharpness = detail(luma(alive!, n), SIDE.width) / detail(own, SIDE.width);
    t.ok(sharpness > 0.75 && sharpness < 1.15, `${n}: as sharp as it was: ${sharpness}`);
    const edge = (data: Uint8Array) => data.subarray(0, 2 * SIDE.width);
    t.ok(apart(edge(luma(alive!, n)), edge(own)) < 1.5, 'its edge stands still');
  }
  t.ok(follows > 2, `it moves: ${follows}`);
});

/** A face of nothing but corners and lids that are looked at. */
function faceWith(eye: { width: number; open: number; aside?: number }): Points {
  const points = Array.from({ length: 68 }, () => ({ x: 100, y: 150 }));
  for (let n = 17; n < 27; n++) points[n] = { x: 60 + 8 * n, y: 60 };
  const put = (corner: number, x: number, width: number) => {
    const lid = (eye.open * eye.width) / 2;
    const at = [0, 0.33, 0.67, 1, 0.67, 0.33].map((s) => x + s * width);
    const y = [0, -lid, -lid, 0, lid, lid];
    for (let i = 0; i < 6; i++) points[corner + i] = { x: at[i]!, y: 80 + y[i]! };
  };
  put(36, 40, eye.width);
  put(42, 110, eye.width * (eye.aside ?? 1));
  return points;
}

t.test('eyes that are shut, too small or turned aside are left alone', async (t) => {
  t.equal(eyesOf(faceWith({ width: 40, open: 0.3 })).length, 2);
  t.equal(eyesOf(faceWith({ width: 40, open: 0.08 })).length, 0, 'shut');
  t.equal(eyesOf(faceWith({ width: 40, open: 0.9 })).length, 0, 'no eye');
  t.equal(eyesOf(faceWith({ width: 7, open: 0.3 })).length, 0, 'small');
  t.equal(eyesOf(faceWith({ width: 40, open: 0.3, aside: 0.4 })).length, 0, 'aside');
});

t.test('a lid covers the eye with skin, and nothing beyond the brow and the cheek', async (t) => {
  const [width, height] = [200, 160];
  const before = new Uint8Array(3 * width * height).fill(190);
  // A dark eye in bright skin.
  for (let y = 75; y < 85; y++) before.fill(20, 3 * (y * width + 45), 3 * (y * width + 75));
  const rgb = { data: Uint8Array.from(before), width, height };
  const [eye] = eyesOf(faceWith({ width: 40, open: 0.3 }));
  shutEye(rgb, eye!, 0);
  t.same(rgb.data, before, 'not at all is not at all');
  shutEye(rgb, eye!, 1);
  const at = (y: number) => rgb.data[3 * (y * width + 60)]!;
  t.ok(at(77) > 120, `skin where the eye was: ${at(77)}`);
  const rows = Array.from({ length: height }, (_, y) => y).filter((y) =>
    rgb.data.subarray(3 * y * width, 3 * (y + 1) * width).some((v, i) => v !== before[3 * y * width + i]),
  );
  t.ok(rows[0]! >= 55 && rows.at(-1)! <= 110, `rows ${rows[0]} to ${rows.at(-1)}`);
});

t.test('where something is seen is where it was moved to', async (t) => {
  const [width, height] = [240, 320];
  const points = faceWith({ width: 40, open: 0.3 }).map(({ x, y }) => ({ x: x + 20, y: y + 40 }));
  for (let n = 0; n < 17; n++) points[n] = { x: 60 + 7.5 * n, y: 130 + 60 * Math.sin((Math.PI * n) / 16) };
  const sway = new Sway({ width, height }, points);
  const pose = { right: 2.4, down: -1.3, turn: 1.5, nod: 0.8, roll: 0.01, breath: 0 };
  for (const [x, y] of [
    [110, 150],
    [90, 185],
    [150, 120],
  ] as const) {
    const data = new Uint8Array(3 * width * height).fill(40);
    // A soft spot, whose middle tells fractions of a pixel.
    for (let v = -6; v <= 6; v++)
      for (let u = -6; u <= 6; u++) {
        const level = 40 + 200 * Math.exp(-(u * u + v * v) / 8);
        data.fill(level, 3 * ((y + v) * width + x + u), 3 * ((y + v) * width + x + u) + 3);
      }
    const out = sway.draw({ data, width, height }, pose);
    let [sum, across, down] = [0, 0, 0];
    for (let i = 0; i < width * height; i++) {
      const weight = Math.max(0, out[3 * i]! - 45);
      sum += weight;
      across += weight * ((i % width) + 0.5);
      down += weight * (Math.floor(i / width) + 0.5);
    }
    const told = sway.moved({ x: x + 0.5, y: y + 0.5 }, pose);
    t.ok(
      Math.hypot(across / sum - told.x, down / sum - told.y) < 0.15,
      `${x}, ${y}: ${across / sum - told.x}, ${down / sum - told.y}`,
    );
  }
});
