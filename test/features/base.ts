import t from 'tap';
import { BaseWindows } from '../../src/features/base.js';

const speech = Int16Array.from({ length: 6_400 }, (_, n) => (n < 1_280 ? 0 : n));

function windows(offsetMs: number, framerate = { num: 25, den: 1 }) {
  const given: [frame: number, first: number, silent: boolean][] = [];
  const all = new BaseWindows({ framerate, offsetMs });
  const receive = (frame: number, window: Float32Array, silent: boolean) =>
    given.push([frame, window[0]! * 32_768, silent]);
  return { all, given, receive };
}

t.test('the samples of each frame, moved by the offset, silence told apart', async (t) => {
  const { all, given, receive } = windows(0);
  all.push(speech.subarray(0, 1_000), receive);
  all.push(speech.subarray(1_000), receive);
  t.same(given.slice(0, 4), [
    [0, 0, true],
    [1, 0, true],
    [2, 1_280, false],
    [3, 1_920, false],
  ]);
  t.equal(given.length, 10);
  t.equal(all.lookAhead, 0.04);
  const moved = windows(-80);
  moved.all.push(speech, moved.receive);
  t.same(moved.given[5], [5, 1_920, false]);
  t.equal(moved.all.lookAhead, 0);
});

t.test('what is pending is completed with zeros, and begins anew after a jump', async (t) => {
  const { all, given, receive } = windows(0, { num: 30_000, den: 1001 });
  t.same(all.shape, [534]);
  all.push(speech.subarray(0, 1_500), receive);
  t.equal(given.length, 2);
  all.complete(1_500, receive);
  t.equal(given.length, 3);
  all.restart(16_016);
  all.push(speech.subarray(1_280), receive);
  t.same(given[3], [30, 1_280, false]);
});
