import t from 'tap';
import { hasLayers, layerBytes, packLayers } from '../../src/lipsync/layers.js';
import { mouthMask } from '../../src/lipsync/paste.js';
import { warpStroke } from '../../src/lipsync/warp.js';
import { native } from '../../src/native.js';
import { copyOf, difference, draw, type Scene, warpPatch, waves } from '../support/scene.js';

const size = 32;
const area = size * size;
const all = new Uint8Array(area).fill(255);
const colour = { matrix: 'bt601', range: 'tv', siting: 'centre' } as const;
const box = { x: 100.3, y: 60.8, w: 120, h: 120 };

function layers(cell: (u: number, v: number) => { dx?: number; dy?: number; alpha?: number }): Uint8Array {
  const flow = new Float32Array(2 * area);
  const alpha = new Float32Array(area);
  const paint = new Float32Array(3 * area).fill(0.5);
  paint.fill(200 / 255, 0, area);
  for (let i = 0; i < area; i++) {
    const got = cell(((i % size) + 0.5) / size, (Math.floor(i / size) + 0.5) / size);
    flow[i] = got.dx ?? 0;
    flow[area + i] = got.dy ?? 0;
    alpha[i] = got.alpha ?? 0;
  }
  const bytes = new Uint8Array(layerBytes(size));
  packLayers({ size, colour: 'RGB' }, { flow, alpha, paint }, bytes);
  return bytes;
}

const inner = (margin: number) => (x: number, y: number) =>
  x > box.x + margin && y > box.y + margin && x < box.x + box.w - margin && y < box.y + box.h - margin;
const outer = (x: number, y: number) => !inner(-1)(x, y);

t.test('layers that move and paint nothing change no byte', async (t) => {
  const from = draw(waves, 319, 241, colour);
  const to = copyOf(from);
  warpPatch(to, { layers: layers(() => ({})), size, box, mask: all, colour });
  t.equal(
    difference(to, from, () => true),
    0,
  );
});

t.test('moved pixels are those from where the flow points, luma and chroma, in every siting', async (t) => {
  for (const siting of ['centre', 'left'] as const) {
    const coded = { ...colour, siting };
    const from = draw(waves, 319, 241, coded);
    const to = copyOf(from);
    // 0.1 of half the box is 6 pixels, to the left; -0.05 is 3 pixels down.
    warpPatch(to, {
      layers: layers(() => ({ dx: 0.1, dy: -0.05 })),
      size,
      box,
      mask: all,
      colour: coded,
    });
    const want = draw((x, y) => waves(x + 6, y - 3), 319, 241, coded);
    t.ok(difference(to, want, inner(6)) <= 2, `off by ${difference(to, want, inner(6))}`);
    t.equal(difference(to, from, outer), 0);
  }
});

t.test('painted cells show the paint, half covered ones half of it', async (t) => {
  const grey: Scene = () => [100, 100, 100];
  const from = draw(grey, 319, 241, colour);
  const to = copyOf(from);
  warpPatch(to, {
    layers: layers((u) => ({ alpha: u < 0.5 ? 1 : 0.5 })),
    size,
    box,
    mask: all,
    colour,
  });
  const want = draw(
    (x) => (x < box.x + box.w / 2 ? [200, 127.5, 127.5] : [150, 113.75, 113.75]),
    319,
    241,
    colour,
  );
  const flat = (x: number, y: number) => inner(6)(x, y) && Math.abs(x - box.x - box.w / 2) > 6;
  t.ok(difference(to, want, flat) <= 2, `off by ${difference(to, want, flat)}`);
});

t.test('the edge of what is painted is a curve, not the stairs of the cells', async (t) => {
  const black: Scene = () => [0, 0, 0];
  const to = draw(black, 319, 241, colour);
  // A disc of a fifth of the box, covering each cell as far as it reaches over it.
  const disc = (u: number, v: number) => {
    let covered = 0;
    for (let k = 0; k < 64; k++) {
      const [x, y] = [u + ((k % 8) - 3.5) / 8 / size, v + (Math.floor(k / 8) - 3.5) / 8 / size];
      if (Math.hypot(x - 0.5, y - 0.5) < 0.2) covered++;
    }
    return { alpha: covered / 64 };
  };
  warpPatch(to, { layers: layers(disc), size, box, mask: all, colour });
  const [luma] = to.planes;
  const [stride] = to.strides;
  const [middle, rim] = [luma[120 * stride + 160]!, luma[0]!];
  /** From the middle outwards to where the paint is half, in pixels. */
  const reach = (angle: number) => {
    for (let r = 10; r < 40; r += 0.05) {
      const [x, y] = [box.x + 60 + r * Math.cos(angle) - 0.5, box.y + 60 + r * Math.sin(angle) - 0.5];
      const [left, top] = [Math.floor(x), Math.floor(y)];
      const at = (row: number) =>
        luma[row * stride + left]! * (1 - x + left) + luma[row * stride + left + 1]! * (x - left);
      if (at(top) * (1 - y + top) + at(top + 1) * (y - top) < (middle + rim) / 2) return r;
    }
    return 40;
  };
  const radii = Array.from({ length: 360 }, (_, k) => reach((k * Math.PI) / 180));
  const spread = Math.max(...radii) - Math.min(...radii);
  t.ok(spread < 0.5, `the radius of 24 pixels varies by ${spread.toFixed(2)}`);
  // And it is as sharp as a cell is wide; bilinear it was 7 pixels, the radius off by .6.
  const row = luma.subarray(120 * stride, 121 * stride);
  const slope = [...row.subarray(180, 200)].filter((v) => v > rim + 10 && v < middle - 10).length;
  t.ok(slope <= 4, `the edge is ${slope} pixels wide`);
});

t.test('a fade closes the mouth: half the way moves half as far', async (t) => {
  const from = draw(waves, 319, 241, colour);
  const to = copyOf(from);
  const move = layers(() => ({ dx: 0.1 }));
  warpPatch(to, { layers: move, size, box, mask: all, colour, fade: 0.5 });
  const want = draw((x, y) => waves(x + 3, y), 319, 241, colour);
  t.ok(difference(to, want, inner(6)) <= 2);
  const none = copyOf(from);
  warpPatch(none, { layers: move, size, box, mask: all, colour, fade: 0 });
  t.equal(
    difference(none, from, () => true),
    0,
  );
});

t.test('the mask spares what it does not cover, and boxes may leave the picture', async (t) => {
  const from = draw(waves, 319, 241, colour);
  const move = layers(() => ({ dx: 0.2, dy: 0.1, alpha: 0.3 }));
  for (const [x, y] of [
    [100.3, 60.8],
    [-40, 190],
    [260.5, -20],
    [1000, 1000],
  ] as const) {
    const to = copyOf(from);
    warpPatch(to, { layers: move, size, box: { x, y, w: 120, h: 120 }, mask: mouthMask(size), colour });
    t.equal(
      difference(to, from, (_, row) => row < y + 0.39 * 120),
      0,
    );
    t.equal(
      difference(to, from, (col, row) => col < x || row < y || col > x + 120 || row > y + 120),
      0,
    );
  }
});

t.test('layers are there only when all three are', async (t) => {
  t.ok(hasLayers({ pixels: 'floats', outputs: { out: [3], flow: [2], alpha: [1], paint: [3] } }));
  t.notOk(hasLayers({ pixels: 'floats', outputs: { out: [3], flow: [2], alpha: [1] } }));
});

t.test('flow survives its bytes and blue-first paint is turned', async (t) => {
  const flow = new Float32Array(2 * area).fill(-0.1234);
  flow[0] = 9;
  const alpha = new Float32Array(area).fill(1);
  const paint = new Float32Array(3 * area);
  paint.fill(1, 0, area);
  const bytes = new Uint8Array(layerBytes(size));
  packLayers({ size, colour: 'BGR' }, { flow, alpha, paint }, bytes);
  const moved = new Int16Array(bytes.buffer, 0, 2 * area);
  t.equal(moved[0], 32767);
  t.ok(Math.abs(moved[1]! / 16384 + 0.1234) < 1e-4);
  t.same([...bytes.subarray(5 * area, 5 * area + 3)], [0, 0, 255]);
  t.throws(
    () => packLayers({ size, colour: 'BGR' }, { flow, alpha }, bytes),
    /Expected flow, alpha and paint/,
  );
});

t.test('says what is wrong with its arguments', async (t) => {
  const from = draw(waves, 64, 64, colour);
  const to = copyOf(from);
  const good = { layers: layers(() => ({})), size, box, mask: all, colour };
  t.throws(() => warpPatch(to, { ...good, size: 33 }), /33x33 cells/);
  const larger = draw(waves, 64, 66, colour);
  const [data] = copyOf(to).planes;
  t.throws(() => native.drawNow(data, warpStroke(larger, good)), /larger than its frame/);
  const [y, u, v] = to.planes;
  t.throws(() => warpPatch({ ...to, planes: [y, u.slice(), v] }, good), /one piece of memory/);
  t.throws(() => warpPatch(to, { ...good, box: { ...box, w: 0 } }), /box with an extent/);
});
