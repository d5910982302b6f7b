import { readFile } from 'node:fs/promises';
import t from 'tap';
import { MelWindows } from '../../src/features/mel.js';
import fc from '../support/fastcheck.js';
import { babble, referenceMel } from '../support/melreference.js';

interface Given {
  frame: number;
  window: Float32Array;
  silent: boolean;
}

const collect = () => {
  const given: Given[] = [];
  const receive = (frame: number, window: Float32Array, silent: boolean) =>
    given.push({ frame, window: window.slice(), silent });
  return { given, receive };
};
const pal = { num: 25, den: 1 };

/** The window of video frame `n` cut out of whole-signal mel frames; silence outside. */
function expected(mel: Float64Array[], start: number): Float64Array {
  const window = new Float64Array(80 * 16).fill(-4);
  for (let i = 0; i < 16; i++) {
    const column = mel[start + i];
    if (start + i < 0 || column === undefined) continue;
    for (let band = 0; band < 80; band++) window[band * 16 + i] = column[band]!;
  }
  return window;
}

const apart = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((worst, v, i) => Math.max(worst, Math.abs(v - b[i]!)), 0);

t.test('agrees within 1e-3 with what the net was trained on', async (t) => {
  const file = new URL('../../../test/fixtures/mel-reference.json', import.meta.url);
  const fixture = JSON.parse(await readFile(file, 'utf8')) as { samples: string; mel: string; rows: number };
  const bytes = Buffer.from(fixture.samples, 'base64');
  const samples = new Int16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  const floats = Buffer.from(fixture.mel, 'base64');
  const mel = Array.from({ length: fixture.rows }, (_, row) =>
    Float64Array.from({ length: 80 }, (_, band) => floats.readFloatLE(4 * (80 * row + band))),
  );
  const { given, receive } = collect();
  const windows = new MelWindows({ framerate: pal, offsetMs: -80 });
  windows.push(samples, receive);
  let worst = 0;
  // Frames 0 to 2 look before the start, where the file has no rows.
  for (const { frame, window } of given.slice(2)) {
    worst = Math.max(worst, apart(window, expected(mel, Math.floor(3.2 * frame - 6.4 + 1e-9))));
  }
  t.equal(given.length, 23);
  t.ok(worst < 1e-3, `off by ${worst}`);
});

t.test('agrees with the definition within 1e-3 at both window offsets and an odd frame rate', async (t) => {
  const speech = babble(9_731);
  // Four hops of silence before the start: mel frames centred just before it already hear its first samples.
  const padded = new Int16Array(800 + speech.length + 8000);
  padded.set(speech, 800);
  const mel = referenceMel(padded);
  for (const [framerate, offsetMs] of [
    [pal, -80],
    [pal, 0],
    [{ num: 30_000, den: 1001 }, -37.5],
  ] as const) {
    const { given, receive } = collect();
    const windows = new MelWindows({ framerate, offsetMs });
    windows.push(speech, receive);
    windows.complete(speech.length, receive);
    t.equal(given.length, Math.ceil((speech.length * framerate.num) / framerate.den / 16_000));
    for (const [n, { frame, window }] of given.entries()) {
      t.equal(frame, n);
      const start = Math.floor(80 * ((n * framerate.den) / framerate.num + offsetMs / 1000) + 1e-9);
      const worst = apart(window, expected(mel, start + 4));
      t.ok(worst < 1e-3, `frame ${n} of ${framerate.num}: off by ${worst}`);
    }
  }
});

t.test('starts its windows where LiveTalking does', async (t) => {
  // Its first full step: 10 chunks of context, then 16 video frames.
  const starts = [16, 19, 22, 25, 28, 32, 35, 38, 41, 44, 48, 51, 54, 57, 60, 64];
  const speech = babble(16_640, 5);
  const mel = referenceMel(speech);
  const { given, receive } = collect();
  const windows = new MelWindows({ framerate: pal, offsetMs: 0 });
  windows.push(speech, receive);
  for (const [i, start] of starts.entries()) {
    const window = given[5 + i]?.window;
    if (window !== undefined) t.ok(apart(window, expected(mel, start)) < 1e-3, `frame ${i}`);
  }
  t.equal(given.length, 21);
});

t.test('how the samples were cut into buffers changes nothing', async () => {
  const speech = babble(12_345, 7);
  const whole = collect();
  const reference = new MelWindows({ framerate: pal, offsetMs: -80 });
  reference.push(speech, whole.receive);
  reference.complete(speech.length, whole.receive);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 2_500 }), { minLength: 1, maxLength: 60 }), (sizes) => {
      const { given, receive } = collect();
      const windows = new MelWindows({ framerate: pal, offsetMs: -80 });
      for (let at = 0, i = 0; at < speech.length; i++) {
        const size = (sizes[i % sizes.length] ?? 0) + (i >= sizes.length ? 1 : 0);
        windows.push(speech.subarray(at, at + size), receive);
        at += size;
      }
      windows.complete(speech.length, receive);
      return (
        given.length === whole.given.length &&
        given.every((g, i) => apart(g.window, whole.given[i]!.window) === 0 && g.frame === i)
      );
    }),
    { numRuns: 60 },
  );
});

t.test('completing with zeros gives what pushed zeros would and leaves the stream as it was', async (t) => {
  const speech = babble(7_777, 3);
  const rest = babble(5_003, 4);
  const padded = collect();
  const zeros = new MelWindows({ framerate: pal, offsetMs: -80 });
  zeros.push(speech, padded.receive);
  zeros.push(new Int16Array(6_000), padded.receive);

  const { given, receive } = collect();
  const windows = new MelWindows({ framerate: pal, offsetMs: -80 });
  windows.push(speech, receive);
  const before = given.length;
  windows.complete(speech.length, receive);
  t.equal(given.length, Math.ceil(speech.length / 640));
  t.ok(given.length > before);
  for (const [i, g] of given.entries()) t.equal(apart(g.window, padded.given[i]!.window), 0);

  const joined = collect();
  const straight = new MelWindows({ framerate: pal, offsetMs: -80 });
  straight.push(speech, joined.receive);
  straight.push(rest, joined.receive);
  const from = given.length;
  windows.push(rest, receive);
  t.ok(given.length > from);
  for (const g of given.slice(from)) {
    const same = joined.given.find((j) => j.frame === g.frame);
    t.ok(same !== undefined && apart(same.window, g.window) === 0, `frame ${g.frame}`);
  }
});

t.test('a window is silent only when no sample of its reach is set', async (t) => {
  const { given, receive } = collect();
  const windows = new MelWindows({ framerate: pal, offsetMs: -80 });
  windows.push(new Int16Array(16_000), receive);
  windows.push(Int16Array.of(1), receive);
  windows.push(new Int16Array(16_000), receive);
  const loud = given.filter((g) => !g.silent).map((g) => g.frame);
  // Sample 16,000 is 1,000 ms: [t - 80 - 25, t + 107.5 + 25) reaches it from 880 to 1,080 ms.
  t.same(loud, [22, 23, 24, 25, 26, 27]);
  for (const g of given.filter((g) => g.silent)) t.ok(g.window.every((v) => v === -4));
});

t.test('says how far it looks ahead', async (t) => {
  t.equal(new MelWindows({ framerate: pal, offsetMs: -80 }).lookAhead, 0.1325);
  t.equal(new MelWindows({ framerate: pal, offsetMs: 0 }).lookAhead, 0.2125);
  t.equal(new MelWindows({ framerate: pal, offsetMs: -400 }).lookAhead, 0);
  t.throws(() => new MelWindows({ framerate: pal, offsetMs: -4000 }), /window offset within/);
});

t.test('a restart forgets what was before and keeps the absolute grid', async (t) => {
  const speech = babble(6_400, 9);
  const fresh = collect();
  const first = new MelWindows({ framerate: pal, offsetMs: -80 });
  first.restart(3 * 16_000 * 60 + 640 * 5);
  first.push(speech, fresh.receive);
  const again = collect();
  const second = new MelWindows({ framerate: pal, offsetMs: -80 });
  second.push(babble(9_999), again.receive);
  again.given.length = 0;
  second.restart(3 * 16_000 * 60 + 640 * 5);
  t.equal(second.position, 2_883_200);
  second.push(speech, again.receive);
  t.equal(fresh.given[0]!.frame, 4_505);
  t.equal(again.given.length, fresh.given.length);
  for (const [i, g] of again.given.entries()) t.equal(apart(g.window, fresh.given[i]!.window), 0);
});

t.test('a stretch that begins inside a video frame gives its first window at the next one', async (t) => {
  const { given, receive } = collect();
  const windows = new MelWindows({ framerate: { num: 30, den: 1 }, offsetMs: -80 });
  windows.restart(533);
  windows.complete(535, receive);
  windows.restart(540);
  windows.push(new Int16Array(8_000), receive);
  t.equal(given[0]!.frame, 1, 'a rounded PTS still begins its own frame');
  t.equal(given[1]!.frame, 2);
});
