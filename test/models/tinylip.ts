import { statSync } from 'node:fs';
import type { InferenceSession } from 'onnxruntime-node';
import t from 'tap';
import { readManifest, verifyWeights } from '../../src/inference/manifest.js';
import { closeVoices } from '../../src/voice/index.js';
import { at, mouthTrack, PARAMS } from '../support/mouthtrack.js';
import { drawnFace, HELD_OUT, infer, MODEL, openModel, PIXELS, spoken } from '../support/tinyliprun.js';

const session = await openModel();
const ava = await drawnFace('ava');
const floor = new Float32Array(1280).fill(-4);
t.teardown(closeVoices);
// Seconds on a free machine; another job beside it must not fail it.
t.setTimeout(180_000);

interface Scores {
  /** Correlation with the truth per parameter, at lag 0. */
  readonly r: readonly number[];
  /** Of the opening, at lags of -2..2 frames. */
  readonly lags: readonly number[];
  /** Part of the /p b m/ at which the lips close. */
  readonly closed: number;
  /** Largest |open| in silence, well away from speech. */
  readonly silence: number;
  /** Milliseconds of one thread per frame. */
  readonly ms: number;
}

/** Sentences through the model. */
async function score(model: InferenceSession, voice: string, texts: readonly string[]): Promise<Scores> {
  const got: number[][] = [];
  const want: number[][] = [];
  const ahead: number[][] = [[], [], [], [], []];
  let closures = 0;
  let closed = 0;
  let silence = 0;
  let spent = 0;
  for (const text of texts) {
    const { windows, phones, seconds } = await spoken(text, voice);
    const track = mouthTrack(phones, seconds + 0.2);
    const began = process.hrtime.bigint();
    const { params } = await infer(model, windows, ava);
    spent += Number(process.hrtime.bigint() - began) / 1e6;
    const mouth = (n: number) => params.subarray(6 * n, 6 * n + 6);
    const first = phones.find((p) => p.phone !== 'pau')!.start;
    const last = phones.findLast((p) => p.phone !== 'pau')!.end;
    for (let n = 0; n < windows.length; n++) {
      const time = n / 25;
      got.push([...mouth(n)]);
      want.push(track.map((values) => at(values, time)));
      for (const [k, values] of ahead.entries()) values.push(at(track[0]!, time + (k - 2) / 25));
      if (time < first - 0.16 || time > last + 0.16) silence = Math.max(silence, Math.abs(mouth(n)[0]!));
    }
    for (const { phone, start, end } of phones) {
      if (!['p', 'b', 'm'].includes(phone)) continue;
      closures++;
      let shut = false;
      for (let n = Math.ceil((start - 0.03) * 25); n <= Math.floor((end + 0.02) * 25); n++)
        if (mouth(n)[0]! < 0.1 && mouth(n)[3]! < -0.35) shut = true;
      if (shut) closed++;
    }
  }
  const open = got.map((m) => m[0]!);
  return {
    r: PARAMS.map((_, k) =>
      correlation(
        got.map((m) => m[k]!),
        want.map((m) => m[k]!),
      ),
    ),
    lags: ahead.map((values) => correlation(open, values)),
    closed: closed / closures,
    silence,
    ms: spent / got.length,
  };
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (x: readonly number[]) => x.reduce((s, v) => s + v, 0) / x.length;
  const [ma, mb] = [mean(a), mean(b)];
  let ab = 0;
  let aa = 0;
  let bb = 0;
  for (let i = 0; i < a.length; i++) {
    ab += (a[i]! - ma) * (b[i]! - mb);
    aa += (a[i]! - ma) ** 2;
    bb += (b[i]! - mb) ** 2;
  }
  return ab / Math.sqrt(aa * bb);
}

function report(voice: string, { r, lags, closed, silence, ms }: Scores): void {
  t.comment(
    `${voice}: ${PARAMS.map((name, k) => `${name} ${r[k]!.toFixed(3)}`).join(', ')}; opening at lags -2..2: ` +
      `${lags.map((v) => v.toFixed(2)).join(' ')}; ${Math.round(closed * 100)} % of p b m close; ` +
      `|open| <= ${silence.toFixed(3)} in silence; ${ms.toFixed(1)} ms a frame on one thread`,
  );
}

t.test('the file is at most 4 MB', async (t) => {
  t.ok(statSync(MODEL).size <= 4_000_000, `${statSync(MODEL).size} bytes`);
});

t.test('the manifest says what the file is', async (t) => {
  const manifest = await readManifest('tinylip');
  t.equal(manifest.path, MODEL);
  await verifyWeights(manifest);
  const rows = (values: readonly { readonly name: string }[]) => values.map(({ name }) => name).sort();
  t.same(rows(session.inputMetadata), Object.keys(manifest.inputs).sort());
  t.same(rows(session.outputMetadata), Object.keys(manifest.outputs).sort());
  const { windows } = await spoken('Hm.', 'flite/slt');
  const got = await infer(session, windows.slice(0, 2), ava);
  for (const [name, shape] of Object.entries(manifest.outputs))
    t.equal(got[name as keyof typeof got].length, 2 * shape.reduce((a, b) => a * b), name);
});

t.test('sentences of the default voice that it never heard', async (t) => {
  const scores = await score(session, 'flite/slt', HELD_OUT);
  report('flite/slt', scores);
  t.ok(scores.r[0]! > 0.88, `opening r ${scores.r[0]}`);
  t.ok(
    scores.lags.indexOf(Math.max(...scores.lags)) >= 1 && scores.lags.indexOf(Math.max(...scores.lags)) <= 3,
  );
  t.ok(scores.r[1]! > 0.7, `width r ${scores.r[1]}`);
  t.ok(scores.r[3]! > 0.7, `tuck and press r ${scores.r[3]}`);
  t.ok(scores.closed > 0.8, `${scores.closed} of the closures`);
  t.ok(scores.silence < 0.03, `|open| ${scores.silence} in silence`);
});

t.test('a voice that it never heard', async (t) => {
  const scores = await score(session, 'flite/awb', HELD_OUT.slice(0, 7));
  report('flite/awb', scores);
  t.ok(scores.r[0]! > 0.8, `opening r ${scores.r[0]}`);
  t.ok(scores.closed > 0.6, `${scores.closed} of the closures`);
  t.ok(scores.silence < 0.05, `|open| ${scores.silence} in silence`);
});

t.test('digital silence leaves the picture as it is', async (t) => {
  for (const who of ['ava', 141, 142, 143] as const) {
    const face = who === 'ava' ? ava : await drawnFace(who);
    const { out, params } = await infer(session, [floor], face);
    let worst = 0;
    for (let i = 0; i < 3 * PIXELS; i++) worst = Math.max(worst, Math.abs(out[i]! - face[3 * PIXELS + i]!));
    t.ok(worst < 1 / 255, `${who}: off by ${worst * 255} / 255, open ${params[0]}`);
  }
});

t.test('a held vowel does not flicker', async (t) => {
  const { windows, phones } = await spoken('Ah. Awe. Ooh. Spa. Who. See.', 'flite/slt');
  const { params } = await infer(session, windows, ava);
  let steps = 0;
  for (const { phone, start, end } of phones) {
    if (phone === 'pau') continue;
    // Away from the sounds beside it the mouth stands still.
    for (let n = Math.ceil((start + 0.08) * 25) + 1; n <= (end - 0.1) * 25; n++, steps++) {
      const [before, now] = [params.subarray(6 * n - 6, 6 * n), params.subarray(6 * n, 6 * n + 6)];
      t.ok(Math.abs(now[0]! - before[0]!) < 0.1, `${phone}: open ${before[0]} -> ${now[0]}`);
      t.ok(Math.abs(now[1]! - before[1]!) < 0.15, `${phone}: wide ${before[1]} -> ${now[1]}`);
    }
  }
  t.ok(steps > 5, `${steps} steps`);
});

t.test('the upper half is the reference, an open vowel opens a hole, and a closure does not', async (t) => {
  const { windows, phones } = await spoken('Papa saw a car on a farm by the spa.', 'flite/slt');
  for (const who of ['ava', 141, 144, 147] as const) {
    const face = who === 'ava' ? ava : await drawnFace(who);
    const { out, alpha, params } = await infer(session, windows, face);
    const count = windows.length;
    const hole = Array.from({ length: count }, (_, n) =>
      alpha.subarray(n * PIXELS, (n + 1) * PIXELS).reduce((a, b) => a + b, 0),
    );
    for (let n = 0; n < count; n++)
      for (let c = 0; c < 3; c++)
        for (let i = 0; i < PIXELS / 2; i++)
          if (out[(3 * n + c) * PIXELS + i] !== face[(3 + c) * PIXELS + i]) t.fail('upper half differs');
    const widest = Math.max(...hole);
    t.ok(widest > 100, `${who}: ${widest.toFixed(0)} pixels open`);
    for (const { phone, start, end } of phones) {
      if (phone !== 'p') continue;
      const frames = hole.slice(Math.ceil((start - 0.03) * 25), Math.floor((end + 0.02) * 25) + 1);
      t.ok(Math.min(...frames) < 20, `${who}: /p/ leaves ${Math.min(...frames).toFixed(0)} pixels`);
    }
    t.ok(params.every((v) => v >= -1 && v <= 1));
  }
});

t.test('a frame does not depend on its neighbours in the batch', async (t) => {
  const { windows } = await spoken('We mow.', 'flite/slt', 0.2);
  const three = windows.slice(8, 11);
  const whole = await infer(session, three, ava);
  for (const [k, window] of three.entries()) {
    const alone = await infer(session, [window], ava);
    let worst = 0;
    for (let i = 0; i < 3 * PIXELS; i++)
      worst = Math.max(worst, Math.abs(alone.out[i]! - whole.out[k * 3 * PIXELS + i]!));
    t.ok(worst < 1e-4, `frame ${k}: ${worst}`);
  }
});
