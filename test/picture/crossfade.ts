import t from 'tap';
import { Crossfade } from '../../src/picture/crossfade.js';
import { mixPictures } from '../../src/picture/picture.js';

const flat = (level: number) => new Uint8Array(6).fill(level);

t.test('mixes two pictures', async (t) => {
  const mixed = (share: number) => {
    const to = Uint8Array.of(0, 16, 100, 255, 7);
    mixPictures(to, Uint8Array.of(255, 16, 200, 0, 8), share);
    return [...to];
  };
  t.strictSame(mixed(0), [0, 16, 100, 255, 7]);
  t.strictSame(mixed(1), [255, 16, 200, 0, 8]);
  t.strictSame(mixed(0.25), [64, 16, 125, 191, 7]);
  t.throws(() => mixPictures(flat(1), new Uint8Array(5), 0.5), /6 bytes/);
  t.throws(() => mixPictures(flat(1), flat(2), 1.5), /1.5/);
});

/** Levels of pictures that are `level` each, as [level, key]. */
function faded(pictures: number, all: readonly (readonly [number, string])[]): number[] {
  const fade = new Crossfade(pictures);
  return all.map(([level, key]) => {
    const picture = flat(level);
    fade.next(picture, key);
    return picture[0]!;
  });
}

t.test('the last picture gives way to the next ones in even steps', async (t) => {
  const all = [
    [200, 'a'],
    [100, 'a'],
    [20, 'b'],
    [20, 'b'],
    [20, 'b'],
    [20, 'b'],
  ] as const;
  t.strictSame(faded(3, all), [200, 100, 80, 60, 40, 20]);
  t.strictSame(faded(0, all), [200, 100, 20, 20, 20, 20]);
});

t.test('a change in the middle of another goes on from what is seen', async (t) => {
  const all = [
    [100, 'a'],
    [20, 'b'],
    [220, 'c'],
    [220, 'c'],
  ] as const;
  t.strictSame(faded(1, all), [100, 60, 140, 220]);
});
