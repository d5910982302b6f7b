/** A real video becomes an avatar that talks: sharpness, seam and calm by number, against the video itself. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import FeatExtract from '../../elements/featextract.js';
import LipsyncFilter from '../../elements/lipsyncfilter.js';
import PasteBackMix from '../../elements/pastebackmix.js';
import { openFootage } from '../../src/avatar/create/footage.js';
import { createAvatar } from '../../src/avatar/create/index.js';
import { openAvatar } from '../../src/avatar/index.js';
import { register } from '../../src/element/index.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import { closeSharedPool } from '../../src/inference/index.js';
import { AVATAR_COLOUR } from '../../src/picture/colour.js';
import { type Box, rgbPicture } from '../../src/picture/picture.js';
import { rgbOf } from '../../src/picture/rgb.js';
import { closeVoices, speak } from '../../src/voice/index.js';
import { audio, framesOf, type Line, mark, record, registerRig, script } from '../support/script.js';
import { mean } from '../support/statistics.js';

const source = join(fileURLToPath(import.meta.url), '../../../../../shared/data/talking-head.mp4');
const RATE = 16_000;
const FRAME = 640;
/** Pictures before and after what is said. */
const REST = 10;
t.setTimeout(150_000);
t.teardown(async () => {
  await closeSharedPool();
  await closeVoices();
});

async function* lines(text: string): AsyncGenerator<Line> {
  const parts: number[] = [];
  const { signal } = new AbortController();
  for await (const { samples } of speak({ text, voice: 'flite/slt', rate: RATE, signal }))
    parts.push(...samples);
  const voice = Int16Array.from(parts);
  const begin = REST * FRAME;
  const end = begin + voice.length;
  yield mark('lead', { ns: 300e6 });
  yield audio(new Int16Array(begin), 0);
  yield mark('utterance-start', { id: 'u', pts: (begin / RATE) * 1e9 });
  for (let at = 0; at < voice.length; at += 320) yield audio(voice.subarray(at, at + 320), begin + at);
  yield mark('utterance-end', { id: 'u', pts: Math.round((end / RATE) * 1e9) });
  const all = (Math.ceil(end / FRAME) + REST) * FRAME;
  for (let at = end; at < all; at += 320) yield audio(new Int16Array(Math.min(320, all - at)), at);
}

async function render(avatar: string, text: string): Promise<Uint8Array[]> {
  const said: Line[] = [];
  for await (const line of lines(text)) said.push(line);
  const { name, seen } = record();
  const p = Pipeline.launch(
    `scriptsrc script=${script(said)} caps="audio/x-raw,format=S16LE,layout=interleaved,channels=1,rate=${RATE}" ! ` +
      `featextract ! lipsyncfilter avatar="${avatar}" ! pastebackmix avatar="${avatar}" ! recsink record=${name}`,
  );
  try {
    await Promise.all([p.finished(), p.play()]);
  } finally {
    await p.close();
  }
  return framesOf(seen).map(({ data }) => data);
}

t.test(
  'talks with a mouth as sharp as the video, without a seam and without trembling',
  { skip: !existsSync(source) && `${source} is missing` },
  async (t) => {
    registerRig();
    for (const element of [FeatExtract, LipsyncFilter, PasteBackMix]) register(element);
    const folder = t.testdir();
    const started = performance.now();
    const made = await createAvatar({ source, id: 'filmed', folder, read: 8, length: 4 });
    t.comment(`8 s looked at and 4 s written in ${((performance.now() - started) / 1000).toFixed(1)} s`);
    t.equal(made.frames, 100);
    t.equal(made.closed, 100, 'she smiles with parted lips all the time');
    t.match(
      made.findings.map(({ kind, level }) => ({ kind, level })),
      [
        { kind: 'open-mouth', level: 'warning' },
        { kind: 'mouth-closed', level: 'warning' },
      ],
    );
    const avatar = await openAvatar(join(folder, 'filmed'));
    t.teardown(() => avatar.close());

    // The video's own pictures, in the avatar's colours.
    const filmed: Uint8Array[] = [];
    const footage = await openFootage(
      source,
      { start: 0, length: 8, largest: 1280 },
      new AbortController().signal,
    );
    const first = Math.round(made.from * 25);
    for await (const { number, picture, colour } of footage.shots(new AbortController().signal)) {
      if (number < first || filmed.length === avatar.count) continue;
      filmed.push(rgbPicture(rgbOf(picture, colour), avatar.width, avatar.height));
    }
    t.equal(AVATAR_COLOUR, avatar.colour);
    const frames = await render(
      join(folder, 'filmed'),
      'Wow, five brave people! Would you like some more apple pie?',
    );
    const shown = frames.map((data, n) => {
      const index = avatar.index(n);
      return { data, box: avatar.box(index), rest: avatar.data(index), film: filmed[index]! };
    });
    const spoken = shown.filter(({ data, rest }) => Buffer.compare(data, rest) !== 0);
    t.ok(spoken.length > 40, `${spoken.length} pictures of speech`);
    const { width } = avatar;

    t.test('sharpness', async (t) => {
      const mouth = [0.25, 0.5, 0.75, 0.88] as const;
      const ratio = (pick: (one: (typeof shown)[number]) => Uint8Array, of: typeof shown) =>
        mean(of.map((one) => detail(pick(one), width, one.box, mouth))) /
        mean(of.map((one) => detail(one.film, width, one.box, mouth)));
      const [rest, speech] = [ratio(({ rest }) => rest, shown), ratio(({ data }) => data, spoken)];
      t.comment(
        `variance of the Laplacian around the mouth against the video: at rest ${rest.toFixed(2)}, in speech ${speech.toFixed(2)}`,
      );
      t.ok(rest > 0.5, 'closed lips have less detail than teeth, and no less than half');
      t.ok(speech > 0.7 && speech < 2);
    });

    t.test('seam', async (t) => {
      const step = (pick: (one: (typeof shown)[number]) => Uint8Array) =>
        mean(spoken.map((one) => stepAcross(pick(one), width, one.box)));
      const [ours, theirs] = [step(({ data }) => data), step(({ film }) => film)];
      t.comment(
        `mean step of luma across the edge of the box: ${ours.toFixed(2)}, in the video ${theirs.toFixed(2)}`,
      );
      t.ok(ours < 1.1 * theirs + 0.1);
    });

    t.test('calm', async (t) => {
      const tremble = (at: (n: number) => Uint8Array, [l, top, r, bottom]: Region) => {
        const bends: number[] = [];
        for (let n = 1; n < avatar.count - 1; n++) {
          const { x, y, w, h } = avatar.box(n);
          const [a, b, c] = [at(n - 1), at(n), at(n + 1)];
          for (let row = Math.round(y + top * h); row < y + bottom * h; row++)
            for (let column = Math.round(x + l * w); column < x + r * w; column++) {
              const i = row * width + column;
              bends.push(Math.abs(a[i]! - 2 * b[i]! + c[i]!));
            }
        }
        return mean(bends);
      };
      const ratio = (region: Region) =>
        tremble((n) => avatar.data(n), region) / tremble((n) => filmed[n]!, region);
      const [lips, cheek] = [ratio([0.36, 0.55, 0.64, 0.72]), ratio([0.2, 0.4, 0.3, 0.6])];
      t.comment(
        `bend of luma from picture to picture against the video: closed lips ${lips.toFixed(2)}, cheek ${cheek.toFixed(2)}`,
      );
      t.ok(lips < cheek, 'the lips tremble no more than what was only stored');
    });
  },
);

/** Left, top, right and bottom in parts of the box. */
type Region = readonly [number, number, number, number];

/** Variance of the Laplacian of luma. */
function detail(luma: Uint8Array, width: number, { x, y, w, h }: Box, [l, top, r, bottom]: Region): number {
  const values: number[] = [];
  for (let row = Math.round(y + top * h); row < y + bottom * h; row++)
    for (let column = Math.round(x + l * w); column < x + r * w; column++) {
      const i = row * width + column;
      values.push(4 * luma[i]! - luma[i - 1]! - luma[i + 1]! - luma[i - width]! - luma[i + width]!);
    }
  const middle = mean(values);
  return mean(values.map((value) => (value - middle) ** 2));
}

/** How much luma differs between the pixels on both sides of the box's left, right and lower edge, below its middle. */
function stepAcross(luma: Uint8Array, width: number, { x, y, w, h }: Box): number {
  const steps: number[] = [];
  const at = (column: number, row: number) => luma[row * width + column]!;
  for (let row = Math.round(y + 0.5 * h); row < y + h; row++)
    for (const edge of [Math.round(x), Math.round(x + w)])
      steps.push(Math.abs(at(edge, row) - at(edge - 1, row)));
  for (let column = Math.round(x); column < x + w; column++)
    steps.push(Math.abs(at(column, Math.round(y + h)) - at(column, Math.round(y + h) - 1)));
  return mean(steps);
}
