/**
 * Which samples reach which frame. The stand-in for an encoder gives the numbers of the first and last sample that each row
 * hears by its convolutions, so a window says by itself where it lies; the originals' loops stand beside it, written plainly.
 */
import t from 'tap';
import { EncodedWindows, type Plan } from '../../src/features/encoded.js';
import { encodedKind } from '../../src/features/encoders.js';
import type { Context } from '../../src/features/plans.js';
import type { FrameRate, Pending } from '../../src/features/windows.js';

const pal = { num: 25, den: 1 };

interface Setting {
  kind: 'hubert' | 'whisper' | 'wenet' | 'ave';
  offsetMs: number;
  vectors: number;
  context?: Context;
  framerate?: FrameRate;
}

/** Samples of which no two in 2 s are alike, and none is zero. */
const counting = (length: number, from = 0) =>
  Int16Array.from({ length }, (_, n) => 1 + ((from + n) % 32_000));

/** Windows whose rows are `row(samples, k)`, two numbers each, and what was asked of the encoder. */
function stand(setting: Setting, row: (samples: Int16Array, k: number) => [number, number]) {
  const { kind, context = 'reference', framerate = pal } = setting;
  const plan = encodedKind(kind)!.plan({ ...setting, framerate, context, width: 2 });
  const jobs: Int16Array[] = [];
  const encode = async (samples: Int16Array) => {
    jobs.push(samples);
    const rows = Math.ceil(plan.length / 320);
    return Float32Array.from({ length: 2 * rows }, (_, i) => row(samples, i >> 1)[i & 1]!);
  };
  const windows = new EncodedWindows(plan, encode, framerate, [setting.vectors, 2]);
  const given: { frame: number; silent: boolean; window: Pending }[] = [];
  const receive = (frame: number, window: Pending, silent: boolean) => given.push({ frame, silent, window });
  return { plan, jobs, windows, given, receive };
}

const hubertRow = (samples: Int16Array, k: number): [number, number] => [
  samples[320 * k]!,
  samples[320 * k + 399] ?? 0,
];
const startOf = (samples: Int16Array, k: number): [number, number] => [samples[320 * k] ?? 0, k];
const wholeRow = (samples: Int16Array): [number, number] => [samples[0]!, samples.at(-1)!];

async function opened(given: readonly { frame: number; window: Pending }[]): Promise<Map<number, number[]>> {
  const out = new Map<number, number[]>();
  for (const { frame, window } of given) out.set(frame, [...((await window) ?? [])]);
  return out;
}

/**
 * LiveTalking's loop: ten chunks of silence on both sides at first, then 32 chunks a step behind the last 20; features of
 * all of it; frame i of a step sees rows from 10 + 2 i + `first`, and where those end the edge again.
 */
function liveTalking(
  input: Int16Array,
  { first, vectors, rows }: { first: number; vectors: number; rows: number },
  row: (samples: Int16Array, k: number) => [number, number],
): number[][] {
  const chunks = Array.from({ length: Math.floor(input.length / 320) }, (_, n) =>
    input.slice(320 * n, 320 * n + 320),
  );
  let context = Array.from({ length: 20 }, () => new Int16Array(320));
  const frames: number[][] = [];
  while (chunks.length >= 32) {
    context.push(...chunks.splice(0, 32));
    const samples = new Int16Array(context.flatMap((chunk) => [...chunk]));
    for (let i = 0; i < 16; i++) {
      const at = Array.from({ length: vectors }, (_, k) =>
        Math.min(rows - 1, Math.max(0, 10 + 2 * i + first + k)),
      );
      frames.push(at.flatMap((k) => row(samples, k)));
    }
    context = context.slice(-20);
  }
  return frames;
}

/** What LiveTalking hears of `samples` from when the session began: its output is late by ten chunks of silence. */
const late = (samples: Int16Array) => {
  const all = new Int16Array(3200 + samples.length);
  all.set(samples, 3200);
  return all;
};

for (const { name, setting, first, rows, row } of [
  {
    name: 'HuBERT, four frames to either side',
    setting: { kind: 'hubert', offsetMs: -160, vectors: 16 },
    first: -8,
    rows: 51,
    row: hubertRow,
  },
  {
    name: "Whisper as LiveTalking's MuseTalk hears it",
    setting: { kind: 'whisper', offsetMs: 0, vectors: 10 },
    first: 0,
    rows: 1500,
    row: startOf,
  },
  {
    name: 'Whisper as MuseTalk itself hears it',
    setting: { kind: 'whisper', offsetMs: -80, vectors: 10 },
    first: -4,
    rows: 1500,
    row: startOf,
  },
] as const) {
  t.test(`${name}: every frame sees the rows that LiveTalking gives it`, async (t) => {
    const speech = counting(640 * 75);
    const { windows, given, receive, plan } = stand(setting, row);
    windows.push(late(speech), receive);
    windows.complete(640 * 80, receive);
    const ours = await opened(given);
    const theirs = liveTalking(speech, { first, vectors: setting.vectors, rows }, row);
    t.equal(theirs.length, 64, 'four steps');
    t.equal(plan.length, 16_640, 'of as much sound');
    for (const [n, window] of theirs.entries()) {
      // Where all that a window could hear is silence, nothing is asked.
      if (ours.get(n)!.length > 0) t.same(ours.get(n), window, `frame ${n}`);
    }
    t.ok([...ours.values()].filter((window) => window.length > 0).length >= 60);
  });
}

t.test('a window is where its offset says, sample by sample', async (t) => {
  for (const context of ['short', 'reference'] as const) {
    for (const [setting, begin] of [
      [{ kind: 'hubert', offsetMs: -160, vectors: 16, context }, -2560],
      [{ kind: 'hubert', offsetMs: -320, vectors: 32, context }, -5120],
      [{ kind: 'hubert', offsetMs: 0, vectors: 8, context }, 0],
    ] as const) {
      const { windows, given, receive, plan } = stand(setting, hubertRow);
      windows.push(counting(32_000), receive);
      const seen = await opened(given);
      t.ok(seen.size > 25);
      for (const [n, window] of seen) {
        if (640 * n + begin < 0) continue;
        const want = Array.from({ length: setting.vectors }, (_, k) => {
          const at = 640 * n + begin + 320 * k;
          return [at + 1, at + 400];
        });
        t.same(window, want.flat(), `${context}, ${begin}, frame ${n} of jobs of ${plan.length}`);
      }
    }
  }
});

t.test('another frame rate: a window begins at the last row that is not behind its moment', async (t) => {
  const framerate = { num: 30_000, den: 1001 };
  const { windows, given, receive } = stand(
    { kind: 'hubert', offsetMs: -160, vectors: 16, context: 'short', framerate },
    hubertRow,
  );
  windows.push(counting(32_000), receive);
  for (const [n, window] of await opened(given)) {
    const want = (n * 1001 * 16_000) / 30_000 - 2560;
    if (want >= 0) t.ok(window[0]! - 1 <= want + 1 && window[0]! - 1 > want - 321, `frame ${n}`);
  }
});

/** Ultralight's wenet_infer.py and its data set: 32 hops of silence before the sound, a row every five. */
t.test('wenet: rows and windows as Ultralight makes them of a file', async (t) => {
  const framerate = { num: 20, den: 1 };
  const speech = counting(30_000);
  const { windows, given, receive } = stand(
    { kind: 'wenet', offsetMs: -200, vectors: 8, framerate },
    wholeRow,
  );
  windows.push(speech, receive);
  const seen = await opened(given);
  const padded = new Int16Array(32 * 160 + 30_000 + 35 * 160);
  padded.set(speech, 32 * 160);
  const banks = Math.floor((padded.length - 400) / 160) + 1;
  const rows: [number, number][] = [];
  for (let start = 0; start + 67 <= banks; start += 5)
    rows.push([padded[160 * start]!, padded[160 * (start + 66) + 399]!]);
  t.ok(seen.size > 25);
  for (const [n, window] of seen) {
    const want = Array.from({ length: 8 }, (_, k) => rows[n - 4 + k] ?? [0, 0]);
    t.same(window, want.flat(), `frame ${n}`);
  }
});

/** SyncTalk_2D: a row of each frame's mel window, the first one twice, eight to either side. */
t.test('ave: windows as SyncTalk_2D makes them of a file', async (t) => {
  const speech = counting(32_000);
  const heard = (frame: number) => {
    const at = 200 * Math.floor(3.2 * frame + 1e-9) - 600;
    return [speech[at] ?? 0, speech[at + 3999]!] as [number, number];
  };
  const { windows, given, receive } = stand({ kind: 'ave', offsetMs: -320, vectors: 16 }, wholeRow);
  windows.push(speech, receive);
  const seen = await opened(given);
  t.ok(seen.size > 30);
  for (const [n, window] of seen) {
    const features = [heard(0), ...Array.from({ length: 60 }, (_, k) => heard(k))];
    const want = Array.from({ length: 16 }, (_, k) => features[n - 8 + k] ?? [0, 0]);
    t.same(window, want.flat(), `frame ${n}`);
  }
});

t.test('what comes out does not depend on the buffers, nor on where the stretch began', async (t) => {
  const speech = counting(24_000);
  for (const setting of [
    { kind: 'hubert', offsetMs: -160, vectors: 16, context: 'short' },
    { kind: 'wenet', offsetMs: -200, vectors: 8 },
  ] as const) {
    const row = setting.kind === 'hubert' ? hubertRow : wholeRow;
    const one = stand(setting, row);
    one.windows.push(speech, one.receive);
    const other = stand(setting, row);
    for (let i = 0, n = 0; i < speech.length; n++) {
      const size = [161, 320, 7, 2999][n % 4]!;
      other.windows.push(speech.subarray(i, i + size), other.receive);
      i += size;
    }
    t.same(await opened(other.given), await opened(one.given));
    t.equal(other.jobs.length, one.jobs.length);
    t.equal(other.windows.position, 24_000);
  }
});

t.test('each job runs once, and none for silence', async (t) => {
  const { windows, given, receive, jobs } = stand(
    { kind: 'hubert', offsetMs: -160, vectors: 16, context: 'short' },
    hubertRow,
  );
  windows.push(new Int16Array(64_000), receive);
  t.equal(jobs.length, 0);
  t.ok(given.length > 90 && given.every(({ silent }) => silent));
  windows.push(counting(6400), receive);
  windows.push(new Int16Array(64_000), receive);
  // Ten frames of speech, and the windows before and after that hear it: six blocks of four.
  const spoken = given.filter(({ silent }) => !silent);
  t.equal(spoken.length, 10 + 3 + 4 + 1, 'the frames whose rows hear a sample of it');
  t.ok(jobs.length <= 6, `${jobs.length} runs`);
});

t.test('silent rows beside speech are made once', async (t) => {
  const { windows, receive, jobs } = stand({ kind: 'wenet', offsetMs: -200, vectors: 8 }, wholeRow);
  for (let word = 0; word < 3; word++) {
    windows.push(new Int16Array(32_000), receive);
    windows.push(counting(1600), receive);
  }
  windows.push(new Int16Array(32_000), receive);
  t.equal(jobs.filter((samples) => samples.every((sample) => sample === 0)).length, 1);
  t.ok(jobs.length <= 1 + 3 * 16, `${jobs.length} runs`);
});

t.test('what is completed hears zeros behind its end; what comes later is heard in full', async (t) => {
  for (const kind of ['hubert', 'wenet'] as const) {
    const setting = { kind, offsetMs: -160, vectors: 8, context: 'short' } as const;
    const row = kind === 'hubert' ? hubertRow : wholeRow;
    const speech = counting(9600);
    const early = stand(setting, row);
    early.windows.push(speech.subarray(0, 5760), early.receive);
    early.windows.complete(5760, early.receive);
    t.equal(early.windows.position, 5760);
    t.equal(early.given.length, 9);
    const cut = stand(setting, row);
    cut.windows.push(speech.subarray(0, 5760), cut.receive);
    cut.windows.push(new Int16Array(32_000), cut.receive);
    t.same(await opened(early.given), await opened(cut.given.slice(0, 9)));
    early.windows.push(speech.subarray(5760), early.receive);
    early.windows.complete(9600, early.receive);
    const whole = stand(setting, row);
    whole.windows.push(speech, whole.receive);
    whole.windows.complete(9600, whole.receive);
    t.same(await opened(early.given.slice(9)), await opened(whole.given.slice(9)));
  }
});

t.test('a new stretch knows nothing of the one before', async (t) => {
  const one = stand({ kind: 'ave', offsetMs: -320, vectors: 16 }, wholeRow);
  one.windows.push(counting(16_000, 7), one.receive);
  one.given.length = 0;
  one.windows.restart(6_400);
  one.windows.push(counting(16_000), one.receive);
  const other = stand({ kind: 'ave', offsetMs: -320, vectors: 16 }, wholeRow);
  other.windows.restart(6_400);
  other.windows.push(counting(16_000), other.receive);
  t.equal(one.given[0]!.frame, 10);
  t.same(await opened(one.given), await opened(other.given));
});

t.test('look-ahead is what is waited for', async (t) => {
  const ahead = (setting: Setting) => Math.round(1e6 * stand(setting, hubertRow).windows.lookAhead) / 1000;
  t.equal(ahead({ kind: 'hubert', offsetMs: -160, vectors: 16 }), 840);
  t.equal(ahead({ kind: 'hubert', offsetMs: -160, vectors: 16, context: 'short' }), 300);
  t.equal(ahead({ kind: 'whisper', offsetMs: 0, vectors: 10 }), 840);
  t.equal(ahead({ kind: 'whisper', offsetMs: 0, vectors: 10, context: 'short' }), 340);
  t.equal(ahead({ kind: 'wenet', offsetMs: -200, vectors: 8, framerate: { num: 20, den: 1 } }), 515);
  t.equal(ahead({ kind: 'ave', offsetMs: -320, vectors: 16 }), 452.5);
});

t.test('a run that fails or comes too late takes its windows with it, and no others', async (t) => {
  const setting: Setting = { kind: 'hubert', offsetMs: -160, vectors: 16, context: 'short' };
  const plan: Plan = encodedKind('hubert')!.plan({ ...setting, framerate: pal, context: 'short', width: 1 });
  const asked: number[] = [];
  const windows = new EncodedWindows(
    plan,
    async (_, frame) => {
      asked.push(frame);
      if (frame === 4) return undefined;
      if (frame === 8) throw new Error('broken');
      return new Float32Array(40).fill(frame);
    },
    pal,
    [16],
  );
  const given: Pending[] = [];
  windows.push(counting(16_000), (_, window) => given.push(window));
  t.same(asked.slice(0, 4), [0, 4, 8, 12]);
  const outcome = await Promise.allSettled(given.slice(0, 16));
  t.same(
    outcome.map((one) => (one.status === 'fulfilled' ? one.value?.[0] : (one.reason as Error).message)),
    [0, 0, 0, 0, ...Array(4).fill(undefined), ...Array(4).fill('broken'), 12, 12, 12, 12],
  );
});
