import t from 'tap';
import { PacedWriter, Pacer } from '../../src/webrtc/pacer.js';

/** ms at which each packet of some pictures leaves, on virtual time: `[picture, at]`. */
function play(pictures: readonly { at: number; packets: number; timestamp?: number }[]): [number, number][] {
  const pacer = new Pacer<number>();
  const left: [number, number][] = [];
  const take = (now: number) => {
    for (const packet of pacer.take(now)) left.push([packet, now]);
  };
  let now = 0;
  for (const [n, { at, packets, timestamp = at * 90 }] of pictures.entries()) {
    for (let next = pacer.next(now); next !== undefined && next < at; next = pacer.next(now)) {
      now = next;
      take(now);
    }
    now = at;
    for (let k = 0; k < packets; k++) pacer.push(n, timestamp, now);
    take(now);
  }
  for (let next = pacer.next(now); next !== undefined; next = pacer.next(now)) {
    now = next;
    take(now);
  }
  if (pacer.size > 0) throw new Error('something waits for ever');
  return left;
}

const timesOf = (left: [number, number][], picture: number) =>
  left.filter(([n]) => n === picture).map(([, at]) => at);

t.test('a picture of a few packets leaves at once', async (t) => {
  const left = play([0, 40, 80].map((at) => ({ at, packets: 7 })));
  for (const n of [0, 1, 2]) t.same(new Set(timesOf(left, n)), new Set([n * 40]));
});

t.test('a key frame is spread over most of the time until the next picture', async (t) => {
  const times = timesOf(
    play([
      { at: 0, packets: 3 },
      { at: 40, packets: 63 },
      { at: 80, packets: 5 },
    ]),
    1,
  );
  t.equal(times.length, 63);
  t.ok(times.at(-1)! >= 64 && times.at(-1)! <= 70, `the last one after ${times.at(-1)! - 40} ms`);
  const groups = [...new Set(times)].map((at) => times.filter((time) => time === at).length);
  t.ok(Math.max(...groups) <= 10, `${groups} at a time`);
});

t.test('faster pictures get less time', async (t) => {
  const times = timesOf(play([...Array(5).keys()].map((n) => ({ at: n * 16, packets: 30 }))), 3);
  t.ok(times.at(-1)! - 48 <= 14, `${times.at(-1)! - 48} ms`);
});

t.test('what is left of a picture goes before the next one, which comes early', async (t) => {
  const left = play([
    { at: 0, packets: 60 },
    { at: 5, packets: 12, timestamp: 3600 },
  ]);
  t.same(
    left.map(([n]) => n),
    [...Array(60).fill(0), ...Array(12).fill(1)],
  );
  t.ok(timesOf(left, 0).every((at) => at <= 5));
});

t.test('packets of a picture that come later belong to it', async (t) => {
  const left = play([
    { at: 0, packets: 8 },
    { at: 2, packets: 40, timestamp: 0 },
  ]);
  t.ok(left.every(([, at]) => at <= 28));
  t.ok(left.filter(([, at]) => at <= 2).length <= 10);
});

t.test('no more than a thousand packets ever wait', async (t) => {
  const pacer = new Pacer<number>();
  for (let n = 0; n < 1100; n++) pacer.push(n, 0, 0);
  t.equal(pacer.take(0).length, 1100, 'then all leave');
});

t.test('the writer keeps the order and comes to an end', async (t) => {
  const written: number[] = [];
  await new Promise<void>((resolve) => {
    const writer = new PacedWriter<number>((packet) => {
      written.push(packet);
      if (written.length === 90) resolve();
    });
    writer.push([...Array(60).keys()], () => 0);
    t.ok(written.length >= 10, 'the first at once');
    writer.push(
      [...Array(30).keys()].map((n) => 60 + n),
      () => 3600,
    );
    t.ok(written.length >= 70, 'before another picture what is left of this one');
  });
  t.same(written, [...Array(90).keys()]);
});
