import { basename, join } from 'node:path';
import { TalkError } from '../../element/error.js';
import { rgbOf } from '../../picture/rgb.js';
import { avatarsFolder } from '../folders.js';
import { type BoxRow, demandId, type NewAvatar, type Pixels, writePackage } from '../package.js';
import { closeMouth, closing } from './close.js';
import { type Footage, openFootage, RATE } from './footage.js';
import { writeMasks } from './jaw.js';
import type { Created, CreateOptions } from './options.js';
import { closes, makePlan, type Plan } from './plan.js';
import type { Boxes } from './track.js';

/** The part of the work that reading is; a picture takes 11 ms to look at and 25 to write. */
const READING = 0.5;

/**
 * Makes an avatar of a video or a photo: finds the face, follows it, chooses a stretch to loop, brings lips together that are
 * apart, and writes the package. It is there as a whole or not at all.
 *
 * @throws TalkError resource/settings (a bad id, one that is taken), resource/not-found, resource/read, stream/wrong-type,
 *   stream/decode; stream/format when nothing of the video can be used, with `details.findings` as JSON; what `writePackage` throws
 */
export async function createAvatar(options: CreateOptions): Promise<Created> {
  const { id, folder = avatarsFolder(), replace = false } = options;
  const to = join(folder, id);
  await demandId(id, to, replace);
  demandTexts(options);
  const signal = options.signal ?? new AbortController().signal;
  signal.throwIfAborted();
  const { start = 0, read = 120, size = 1280, crop } = options;
  const cut = { start, length: read, largest: size, ...(crop && { crop }) };
  const footage = await openFootage(options.source, cut, signal);
  const plan = await makePlan(footage, options, signal, (done) => {
    const { expected } = footage;
    const part = expected === undefined ? undefined : Math.min(1, done / expected) * READING;
    options.progress?.({ stage: 'reading', done, of: expected, part });
  });
  const count = plan.track.boxes.length;
  await writePackage(folder, id, packageOf(footage, plan, options, signal), {
    replace,
    signal,
    progress: (done) =>
      options.progress?.({
        stage: 'writing',
        done,
        of: count,
        part: READING + (1 - READING) * (done / count),
      }),
  });
  const { stretch, track } = plan;
  return {
    id,
    folder: to,
    width: footage.width,
    height: footage.height,
    frames: count,
    from: start + stretch.from / RATE,
    to: start + stretch.to / RATE,
    closed: closes(plan)
      ? (track.mouths.filter((mouth) => closing(mouth) > 0).length * count) / track.mouths.length
      : 0,
    findings: plan.findings,
  };
}

/** Colours come at half size already: clever ways to halve them would only take time, 2.5 times as much. */
const WEBP = { quality: 95, effort: 4, preset: 'text' } as const;

function packageOf(
  footage: Footage,
  plan: Plan,
  { id, name = id, licence, consent, source, loop = 'there-and-back', store = 'pictures' }: CreateOptions,
  signal: AbortSignal,
): NewAvatar {
  const { track, seen, life } = plan;
  const rows = (kind: keyof Boxes) =>
    track.boxes.map((one): BoxRow => {
      const { x, y, w, h } = one[kind];
      return [x, y, w, h];
    });
  return {
    about: {
      name,
      ...(licence === undefined ? {} : { licence }),
      ...(consent === undefined ? {} : { consent }),
      origin: `made from ${footage.photo ? 'a photo' : 'a video'}${closes(plan) ? ', lips brought together' : ''}`,
      width: footage.width,
      height: footage.height,
      framerate: `${RATE}/1`,
      // What a photo is made to do ends as it begins.
      loop: life === undefined ? loop : 'forward',
    },
    pictures: pictures(footage, plan, signal),
    count: track.boxes.length,
    boxes: () => ({ own: rows('mouth'), crops: { wav2lip: rows('wav2lip'), musetalk: rows('musetalk') } }),
    more: async (scratch) => ({ masks: await writeMasks(scratch, seen) }),
    comment: [`Made by "talkgraph avatar create ${basename(source)}".`],
    store,
    webp: WEBP,
  };
}

/** The pictures of the stretch, lips closed where they are to be. */
async function* pictures(footage: Footage, plan: Plan, signal: AbortSignal): AsyncGenerator<Pixels> {
  const { width, height } = footage;
  const { stretch, track, life } = plan;
  for await (const { number, picture, colour } of footage.shots(signal)) {
    if (number >= stretch.to) return;
    if (number < stretch.from) continue;
    const rgb = { data: rgbOf(picture, colour), width, height };
    if (closes(plan)) closeMouth(rgb, track.mouths[number - stretch.from]!);
    if (life === undefined) yield { data: rgb.data, channels: 3 };
    else for (const [n] of track.boxes.entries()) yield { data: life.draw(rgb, n), channels: 3 };
  }
}

/** Lengths that avatar.yaml may hold, asked before the work. */
const TEXTS = { name: 100, licence: 200, consent: 500 } as const;

function demandTexts(options: CreateOptions): void {
  for (const [key, most] of Object.entries(TEXTS)) {
    const text = options[key as keyof typeof TEXTS];
    if (text === undefined || (text.length > 0 && text.length <= most)) continue;
    throw new TalkError(
      'resource/settings',
      `${key}: Expected 1 to ${most} characters but received ${text.length}.`,
    );
  }
}
