import t from 'tap';
import { parseSeeds } from '../../src/avatar/draw.js';
import { drawPortrait, personFromSeed, rasterize } from '../../src/avatar/portrait/index.js';

t.test('the same seed draws the same person, to the letter', async (t) => {
  t.equal(drawPortrait(7).svg, drawPortrait(7).svg);
});

t.test('forty seeds are forty people', async (t) => {
  const people = Array.from({ length: 40 }, (_, seed) =>
    JSON.stringify({ ...personFromSeed(seed), name: '' }),
  );
  t.equal(new Set(people).size, 40);
  const sexes = Array.from({ length: 40 }, (_, seed) => personFromSeed(seed).sex);
  t.ok(sexes.filter((s) => s === 'female').length > 10);
  t.ok(sexes.filter((s) => s === 'male').length > 10);
});

t.test('the geometry says where mouth, chin and eyes are', async (t) => {
  for (const who of ['ava', 3, 17] as const) {
    const { geometry: g } = drawPortrait(who, { width: 300 });
    t.ok(g.eyes.left[0] < g.mouth.centre[0] && g.mouth.centre[0] < g.eyes.right[0]);
    t.ok(
      g.eyes.left[1] < g.noseBase[1] && g.noseBase[1] < g.mouth.centre[1] && g.mouth.centre[1] < g.chin[1],
    );
    t.ok(Math.abs(g.mouth.halfWidth - (g.mouth.corners[1][0] - g.mouth.centre[0])) < 0.5);
    t.equal(g.mouth.line.length, 25);
    const below = (g.box.y + g.box.h - g.chin[1]) / g.box.h;
    t.ok(Math.abs(below - 0.13) < 0.005, `${below} of the box lies below the chin`);
    t.ok(Math.abs((g.mouth.centre[1] - g.box.y) / g.box.h - 0.63) < 1e-9);
    t.ok(g.box.x >= 0 && g.box.y >= 0 && g.box.x + g.box.w <= 300 && g.box.y + g.box.h <= 300);
    t.ok(g.noseBase[1] <= g.box.y + g.box.h / 2 + 2, 'the lower half begins at the base of the nose');
  }
});

t.test('a turned head takes mouth and box with it', async (t) => {
  const still = drawPortrait('ava').geometry;
  const moved = drawPortrait('ava', { pose: { yaw: 5, roll: 2, x: 3 } }).geometry;
  t.ok(moved.mouth.centre[0] > still.mouth.centre[0] + 3);
  t.ok(Math.abs(moved.mouth.centre[0] - (moved.box.x + moved.box.w / 2)) < 1e-9);
  t.ok(moved.mouth.tilt > 1.5 && moved.mouth.tilt < 2.5);
});

t.test('the lips in the picture are where the geometry says', async (t) => {
  const portrait = drawPortrait('ava', { width: 512 });
  const { data, width } = await rasterize(portrait);
  const { centre, halfWidth } = portrait.geometry.mouth;
  const green = (x: number, y: number) => data[(Math.round(y) * width + Math.round(x)) * 3 + 1]!;
  const lip = green(centre[0], centre[1] + 6);
  t.ok(lip < green(centre[0], centre[1] + 26) - 30, 'lips are darker and redder than the chin');
  t.ok(lip < green(centre[0] - halfWidth - 14, centre[1]) - 20, 'and than the cheek');
  t.ok(green(centre[0], centre[1]) < lip - 5, 'the line between them is darker still');
});

t.test('a picture may be taller than wide', async (t) => {
  const { data, width, height } = await rasterize(drawPortrait(4, { width: 128, height: 192 }));
  t.same([data.length, width, height], [128 * 192 * 3, 128, 192]);
});

t.test('seeds are numbers, ranges and ava', async (t) => {
  t.same(parseSeeds('7,3-5,ava'), [7, 3, 4, 5, 'ava']);
  t.same(parseSeeds('0-10/4'), [0, 4, 8]);
  t.throws(() => parseSeeds('seven'), { message: /Expected numbers such as 7, 3-9/ });
});
