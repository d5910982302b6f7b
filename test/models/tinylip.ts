import { statSync } from 'node:fs';
import type { InferenceSession } from 'onnxruntime-node';
import t from 'tap';
import { readManifest } from '../../src/inference/manifest.js';
import { verifyWeights } from '../../src/inference/weights.js';
import { SpeechMouth } from '../../src/lipsync/speechmouth.js';
import { readVisemes } from '../../src/lipsync/visemes.js';
import { closeVoices } from '../../src/voice/index.js';
import { at, mouthTrack, PARAMS, type Phone } from '../support/mouthtrack.js';
import { correlation } from '../support/statistics.js';
import { drawnFace, HELD_OUT, infer, MODEL, openModel, PIXELS, spoken } from '../support/tinyliprun.js';

const session = await openModel();
const table = await readVisemes((await readManifest('tinylip')).visemes ?? '');
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
  /** Part of the /f v/ at which the lower lip goes under the teeth. */
  readonly tucked: number;
  /** Largest |open| in silence, well away from speech. */
  readonly silence: number;
  /** Milliseconds of one thread per frame. */
  readonly ms: number;
}

/** What the lips do at each of these phonemes, and at how many of them they do it. */
function seen(phones: readonly Phone[], of: readonly string[], does: (frame: number) => boolean) {
  const sounds = phones.filter(({ phone }) => of.includes(phone));
  const done = sounds.filter(({ start, end }) => {
    for (let n = Math.ceil((start - 0.03) * 25); n <= Math.floor((end + 0.02) * 25); n++)
      if (does(n)) return true;
    return false;
  });
  return { all: sounds.length, done: done.length };
}

/** Sentences through the model, which is told the phonemes or has to hear them. */
async function score(
  model: InferenceSession,
  voice: string,
  texts: readonly string[],
  told = false,
): Promise<Scores> {
  const got: number[][] = [];
  const want: number[][] = [];
  const ahead: number[][] = [[], [], [], [], []];
  const closures = { all: 0, done: 0 };
  const tucks = { all: 0, done: 0 };
  let silence = 0;
  let spent = 0;
  for (const text of texts) {
    const { windows, phones, seconds } = await spoken(text, voice);
    const track = mouthTrack(phones, seconds + 0.2);
    const began = process.hrtime.bigint();
    const { params } = await infer(model, windows, ava, told ? mouths(phones, windows.length) : undefined);
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
    for (const [total, of, does] of [
      [closures, ['p', 'b', 'm'], (n: number) => mouth(n)[0]! < 0.1 && mouth(n)[3]! < -0.35],
      [tucks, ['f', 'v'], (n: number) => mouth(n)[3]! > 0.35],
    ] as const) {
      const { all, done } = seen(phones, of, does);
      total.all += all;
      total.done += done;
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
    closed: closures.done / closures.all,
    tucked: tucks.done / tucks.all,
    silence,
    ms: spent / got.length,
  };
}

/** The mouths that lipsyncfilter tells with drive=phonemes, one per window. */
function mouths(phones: readonly Phone[], count: number): Float32Array[] {
  const speech = new SpeechMouth(table);
  const list = phones.map(({ phone, start, end }) => [phone, start * 1e6, (end - start) * 1e6]);
  speech.event('phonemes', { pts: 0, list: JSON.stringify(list) });
  return Array.from(
    { length: count },
    (_, n) => speech.at(n * 40e6, n * 40e6 + 120e6) ?? new Float32Array(6),
  );
}

function report(voice: string, { r, lags, closed, tucked, silence, ms }: Scores): void {
  t.comment(
    `${voice}: ${PARAMS.map((name, k) => `${name} ${r[k]!.toFixed(3)}`).join(', ')}; opening at lags -2..2: ` +
      `${lags.map((v) => v.toFixed(2)).join(' ')}; ${Math.round(closed * 100)} % of p b m close, ${Math.round(tucked * 100)} % of f v tuck; ` +
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
  t.ok(scores.r[0]! > 0.9, `opening r ${scores.r[0]}`);
  t.equal(scores.lags.indexOf(Math.max(...scores.lags)), 2, 'best at lag 0');
  t.ok(scores.r[1]! > 0.7, `width r ${scores.r[1]}`);
  t.ok(scores.r[3]! > 0.7, `tuck and press r ${scores.r[3]}`);
  t.ok(scores.closed > 0.8, `${scores.closed} of the closures`);
  t.ok(scores.tucked > 0.8, `${scores.tucked} of the f and v`);
  t.ok(scores.silence < 0.03, `|open| ${scores.silence} in silence`);
});

t.test('a voice that it never heard', async (t) => {
  const scores = await score(session, 'flite/awb', HELD_OUT.slice(0, 7));
  report('flite/awb', scores);
  t.ok(scores.r[0]! > 0.85, `opening r ${scores.r[0]}`);
  t.ok(scores.closed > 0.6, `${scores.closed} of the closures`);
  t.ok(scores.silence < 0.05, `|open| ${scores.silence} in silence`);
});

t.test('told the phonemes, any voice is as good as the best', async (t) => {
  const scores = await score(session, 'flite/awb', HELD_OUT.slice(0, 7), true);
  report('flite/awb told', scores);
  t.ok(
    scores.r.every((r) => r > 0.98),
    `r ${scores.r}`,
  );
  t.equal(scores.closed, 1);
  t.equal(scores.tucked, 1);
  t.ok(scores.silence < 0.03, `|open| ${scores.silence} in silence`);
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
