/** The face path as a whole: speech in, pictures of the default avatar out, by the default model. */
import t from 'tap';
import FeatExtract from '../../elements/featextract.js';
import LipsyncFilter from '../../elements/lipsyncfilter.js';
import PasteBackMix from '../../elements/pastebackmix.js';
import { type Avatar, openAvatar } from '../../src/avatar/index.js';
import { register } from '../../src/element/index.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import { closeSharedPool } from '../../src/inference/index.js';
import type { Box } from '../../src/picture/picture.js';
import { closeVoices, speak } from '../../src/voice/index.js';
import { audio, framesOf, type Line, mark, record, registerRig, script } from '../support/script.js';
import { correlation, mean } from '../support/statistics.js';

registerRig();
for (const element of [FeatExtract, LipsyncFilter, PasteBackMix]) register(element);
t.teardown(async () => {
  await closeSharedPool();
  await closeVoices();
});

const RATE = 16_000;
const FRAME = 640;
/** Utterance begins with this video frame, and so many follow its end. */
const FIRST = 5;
const AFTER = 20;

async function speech(text: string): Promise<Int16Array> {
  const parts: number[] = [];
  const { signal } = new AbortController();
  for await (const { samples } of speak({ text, voice: 'flite/slt', rate: RATE, signal }))
    parts.push(...samples);
  return Int16Array.from(parts);
}

function* lines(voice: Int16Array): Generator<Line> {
  const begin = FIRST * FRAME;
  const end = begin + voice.length;
  const frames = Math.ceil(end / FRAME) + AFTER;
  yield mark('lead', { ns: 300e6 });
  yield audio(new Int16Array(begin), 0);
  yield mark('utterance-start', { id: 'u', pts: (begin / RATE) * 1e9 });
  for (let at = 0; at < voice.length; at += 320) yield audio(voice.subarray(at, at + 320), begin + at);
  yield mark('utterance-end', { id: 'u', pts: Math.round((end / RATE) * 1e9) });
  for (let at = end; at < frames * FRAME; at += 320) {
    yield audio(new Int16Array(Math.min(320, frames * FRAME - at)), at);
  }
}

/** @param begun gets the utterances whose first mouth has left */
async function render(voice: Int16Array, who = 'ava', begun: unknown[] = []): Promise<Uint8Array[]> {
  const { name, seen } = record();
  const p = Pipeline.launch(
    `scriptsrc script=${script(lines(voice))} caps="audio/x-raw,format=S16LE,layout=interleaved,channels=1,rate=${RATE}" ! featextract ! lipsyncfilter avatar=${who} ! pastebackmix avatar=${who} ! recsink record=${name}`,
  );
  p.on('mark', ({ name, fields }) => name === 'mouth-begun' && begun.push(fields['id']));
  try {
    await Promise.all([p.finished(), p.play()]);
  } finally {
    await p.close();
  }
  return framesOf(seen).map(({ data }) => data);
}

/** How much of the lower half of the face box differs from the avatar at rest, per frame. */
function movement(frames: readonly Uint8Array[], ava: Avatar): number[] {
  return frames.map((data, n) => {
    const rest = ava.data(ava.index(n));
    const { x, y, w, h } = ava.box(ava.index(n));
    let sum = 0;
    for (let row = Math.ceil(y + h / 2); row < y + h; row++) {
      for (let column = Math.ceil(x); column < x + w; column++) {
        sum += Math.abs(data[row * ava.width + column]! - rest[row * ava.width + column]!);
      }
    }
    return sum / (w * h);
  });
}

t.test('the mouth moves with the voice, rests without it, and two runs give the same bytes', async (t) => {
  const ava = await openAvatar('ava');
  t.teardown(() => ava.close());
  const voice = await speech('Hello, my name is Ava. What a lovely day we have, do we not?');
  const begun: unknown[] = [];
  const frames = await render(voice, 'ava', begun);
  t.same(begun, ['u'], 'the first mouth of the utterance is told, once');
  const spoken = Math.ceil(voice.length / FRAME);
  t.equal(frames.length, FIRST + spoken + AFTER);

  const moved = movement(frames, ava);
  t.ok(
    moved.slice(0, FIRST - 2).every((v) => v === 0),
    'at rest before the first sound can be seen coming',
  );
  t.ok(
    moved.slice(FIRST + spoken + 4).every((v) => v === 0),
    'at rest after the last one',
  );
  t.ok(Math.max(...moved) > 2, `moves by up to ${Math.max(...moved)}`);

  const loudness = Array.from({ length: frames.length }, (_, n) => {
    const at = (n - FIRST) * FRAME;
    const part = voice.subarray(Math.max(0, at - 320), Math.max(0, at + FRAME + 320));
    return Math.sqrt(part.reduce((sum, s) => sum + s * s, 0) / 1_280);
  });
  const lags = [-4, -3, -2, -1, 0, 1, 2, 3, 4].map((lag) => ({
    lag,
    r: correlation(moved.slice(4 + lag, frames.length - 4 + lag), loudness.slice(4, -4)),
  }));
  const best = lags.reduce((a, b) => (b.r > a.r ? b : a));
  t.ok(best.r > 0.6 && Math.abs(best.lag) <= 2, JSON.stringify(lags));

  const again = await render(voice);
  t.same(
    again.findIndex((data, n) => Buffer.compare(data, frames[n]!) !== 0),
    -1,
    'two runs give the same bytes',
  );
});

/** Places in the luma plane for which `inside(u, v)` holds; u and v are 0 .. 1 from side to side of the box. */
function places(of: Avatar, { x, y, w, h }: Box, inside: (u: number, v: number) => boolean): number[] {
  const found: number[] = [];
  for (let row = 0; row < of.height; row++)
    for (let column = 0; column < of.width; column++)
      if (inside((column + 0.5 - x) / w, (row + 0.5 - y) / h)) found.push(row * of.width + column);
  return found;
}

/** How much each picture differs from the one before at these places, luma levels on average. */
function changes(frames: readonly Uint8Array[], at: readonly number[]): number[] {
  return frames.slice(1).map((data, n) => mean(at.map((i) => Math.abs(data[i]! - frames[n]![i]!))));
}

for (const who of ['ava', 'max', 'drawn'] as const) {
  t.test(`${who}: no seam, no step of colour and no jump from rest to speech and back`, async (t) => {
    const avatar = await openAvatar(who);
    t.teardown(() => avatar.close());
    const rest = (n: number) => avatar.data(avatar.index(n));
    const frames = await render(await speech('Wow, five brave people! Are you all right?'), who);
    const spoken = frames.flatMap((data, n) => (Buffer.compare(data, rest(n)) === 0 ? [] : [n]));

    // What is drawn lies in the lower half of the box and fades before it ends: beyond it chin and neck do what they do at rest.
    let [beyond, edge] = [0, 0];
    for (const n of spoken) {
      const { x, y, w, h } = avatar.box(avatar.index(n));
      const [data, still] = [frames[n]!, rest(n)];
      for (let at = 0; at < avatar.width * avatar.height; at++) {
        if (data[at] === still[at]) continue;
        const u = ((at % avatar.width) + 0.5 - x) / w;
        const v = (Math.floor(at / avatar.width) + 0.5 - y) / h;
        const off = Math.abs(data[at]! - still[at]!);
        if (u < 0 || u > 1 || v < 0.45 || v > 1) beyond = Math.max(beyond, off);
        else if (u < 0.01 || u > 0.99 || v > 0.99) edge = Math.max(edge, off);
      }
    }
    t.equal(beyond, 0, 'beyond the box it is the avatar');
    t.ok(edge <= 3, `in the last hundredth of the box it is off by ${edge} levels`);

    const loop = Array.from({ length: avatar.count }, (_, n) => avatar.data(n));
    const below = (v: number) => v > 0.5 && v < 1;
    const regions = {
      'the sides of the box': (u: number, v: number) =>
        below(v) && ((u > 0 && u < 0.06) || (u > 0.94 && u < 1)),
      'all but the mouth': (u: number, v: number) =>
        below(v) && u > 0 && u < 1 && Math.hypot((u - 0.5) / 0.35, (v - 0.68) / 0.25) > 1,
    };
    for (const [name, inside] of Object.entries(regions)) {
      const at = places(avatar, avatar.box(0), inside);
      const most = Math.max(...changes(loop, at));
      const seen = changes(frames, at);
      // Cheeks and chin go with the words, so there it is the change that counts: into speech and out of it.
      const when = name === 'all but the mouth' ? [spoken[0]! - 1, spoken.at(-1)!] : [...seen.keys()];
      const worst = Math.max(...when.map((n) => seen[n]!));
      t.ok(
        worst <= most,
        `${name}: changes by up to ${worst.toFixed(2)} levels, at rest by ${most.toFixed(2)}`,
      );
    }
  });
}
