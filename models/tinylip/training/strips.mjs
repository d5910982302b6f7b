/**
 * What a stranger sees: sentences, and the change from rest to speech and back, as the product makes them.
 *
 *     node models/tinylip/training/strips.mjs AVATAR OUT.webp        after the build
 *
 * Each row but the last is a held-out sentence, fifteen pictures spread over it evenly. The last row is the change: the
 * end of the rest before a sentence and its first pictures, then its last ones and the rest after it, every picture.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { openAvatar } from '../../../dist/src/avatar/index.js';
import { installed, Pipeline } from '../../../dist/src/index.js';
import { closeSharedPool } from '../../../dist/src/inference/index.js';
import { closeVoices, speak } from '../../../dist/src/voice/index.js';

const ACROSS = 15;
const TILE = { width: 112, height: 92 };
const VOICE = 'flite/slt';
const RATE = 24_000;
const FRAME = RATE / 25;
/** Of held-out.json: closures, rounding, F and V, wide and narrow. */
const SENTENCES = [1, 2, 4, 10, 13];
/** Rest before a sentence and between two, video frames. */
const REST = 30;

/** How long a sentence is, and until when it can be heard; samples. */
async function lengthOf(text) {
  let samples = 0;
  let heard = 0;
  const { signal } = new AbortController();
  for await (const chunk of speak({ text, voice: VOICE, rate: RATE, signal })) {
    const last = chunk.samples.findLastIndex((v) => Math.abs(v) > 300);
    if (last >= 0) heard = samples + last;
    samples += chunk.samples.length;
  }
  return { samples, heard };
}

/** All sentences in one schedule: rest, a sentence, rest, ... -> the lines of the file and where each is, in video frames. */
async function planned(texts) {
  const lines = [{ talkgraph: 'schedule', version: 1, rate: RATE, framerate: '25/1' }];
  const places = [];
  let frame = REST;
  for (const [n, text] of texts.entries()) {
    const { samples, heard } = await lengthOf(text);
    lines.push({ say: { id: `s${n}`, text, voice: VOICE, runs: [[frame, 0, samples]] } });
    const frames = Math.ceil(samples / FRAME);
    places.push({ first: frame, frames, last: frame + Math.floor(heard / FRAME) });
    frame += frames + REST;
  }
  return { schedule: lines.map((line) => `${JSON.stringify(line)}\n`).join(''), places };
}

/** The pictures of a schedule as the default graph makes them, RGB, one after the other. */
async function filmed(avatar, schedule, folder) {
  const [plan, film] = [join(folder, 'plan.jsonl'), join(folder, 'film.rgb')];
  await writeFile(plan, schedule);
  await installed();
  const face = `audioresample ! featextract ! lipsyncfilter avatar=${avatar} ! pastebackmix avatar=${avatar}`;
  const pipeline = Pipeline.launch(
    `ttssrc schedule="${plan}" is-live=false ! ${face} ! videoconvert ! video/x-raw,format=RGB ! filesink location="${film}"`,
  );
  try {
    await Promise.all([pipeline.finished(), pipeline.play()]);
  } finally {
    await pipeline.close();
  }
  return await readFile(film);
}

const [id, out] = process.argv.slice(2);
if (!id || !out) throw new TypeError('Expected an avatar and a file: node strips.mjs ava OUT.webp');
const held = JSON.parse(await readFile(new URL('held-out.json', import.meta.url), 'utf8'));
const { schedule, places } = await planned(SENTENCES.map((n) => held[n]));
const avatar = await openAvatar(id);
const folder = await mkdtemp(join(tmpdir(), 'strips-'));
try {
  const film = await filmed(id, schedule, folder);
  const { width, height } = avatar;
  /** The mouth and what is around it in picture n. */
  const tile = async (n) => {
    const { x, y, w, h } = avatar.box(avatar.index(n));
    return await sharp(film.subarray(n * width * height * 3, (n + 1) * width * height * 3), {
      raw: { width, height, channels: 3 },
    })
      .extract({
        left: Math.round(x + 0.2 * w),
        top: Math.round(y + 0.45 * h),
        width: Math.round(0.6 * w),
        height: Math.round(0.5 * h),
      })
      .resize(TILE)
      .png()
      .toBuffer();
  };
  const rows = places.map(({ first, frames }) =>
    Array.from({ length: ACROSS }, (_, k) => first + Math.round(((k + 0.5) * frames) / ACROSS)),
  );
  const { first, last } = places[0];
  const half = Math.ceil(ACROSS / 2);
  rows.push([
    ...Array.from({ length: half }, (_, k) => first - 2 + k),
    ...Array.from({ length: ACROSS - half }, (_, k) => last - 3 + k),
  ]);
  const tiles = await Promise.all(
    rows.flatMap((row, r) =>
      row.map(async (n, k) => ({ input: await tile(n), left: k * TILE.width, top: r * TILE.height })),
    ),
  );
  await sharp({
    create: {
      width: ACROSS * TILE.width,
      height: rows.length * TILE.height,
      channels: 3,
      background: '#fff',
    },
  })
    .composite(tiles)
    .webp({ quality: 72 })
    .toFile(out);
} finally {
  avatar.close();
  await rm(folder, { recursive: true, force: true });
  await Promise.all([closeSharedPool(), closeVoices()]);
}
