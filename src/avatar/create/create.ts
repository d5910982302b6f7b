import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { TalkError } from '../../element/error.js';
import { FaceFinder } from '../../face/index.js';
import { rgbOf } from '../../picture/rgb.js';
import { avatarsFolder, isAvatarId } from '../folders.js';
import { analyse, type Sight } from './analyse.js';
import { closeMouth, closing, type Rgb } from './close.js';
import { type Finding, findings } from './findings.js';
import { type Footage, openFootage, RATE } from './footage.js';
import { writeAvatar } from './sink.js';
import { chooseStretch, LEAST, type Stretch } from './stretch.js';
import { type Track, track } from './track.js';

/** How to make an avatar. */
export interface CreateOptions {
  /** A video or a photo. */
  readonly source: string;
  /** What it will be called; a plain name. */
  readonly id: string;
  /** Where avatars live; default `avatarsFolder()`. */
  readonly folder?: string;
  /** What people call it; default the id. */
  readonly name?: string;
  /** Terms under which its pictures may be used. */
  readonly licence?: string;
  /** Who agreed to what. */
  readonly consent?: string;
  /** Seconds of the source to leave out at the beginning. */
  readonly start?: number;
  /** Seconds of the source to look at. Default 120. */
  readonly read?: number;
  /** Seconds the loop may last, one way. Default 12. */
  readonly length?: number;
  /** Part of the source's picture, pixels: x, y, width, height. */
  readonly crop?: readonly [number, number, number, number];
  /** Pixels of the longer side, at most. Default 1280. */
  readonly size?: number;
  readonly loop?: 'there-and-back' | 'forward';
  /** `close` brings lips together that are a little apart; `keep` leaves them. */
  readonly mouth?: 'close' | 'keep';
  /** A YuNet as ONNX, for faces the detector of the package misses. */
  readonly detector?: string;
  /** Takes the place of an avatar of that name. */
  readonly replace?: boolean;
  readonly signal?: AbortSignal;
  readonly progress?: (progress: CreateProgress) => void;
}

/** How far it is. */
export interface CreateProgress {
  readonly stage: 'reading' | 'writing';
  readonly done: number;
  /** Pictures in all, as far as is known. */
  readonly of: number | undefined;
  /** Of the whole work, 0..1, as far as is known. */
  readonly part: number | undefined;
}

/** What was made. */
export interface Created {
  readonly id: string;
  readonly folder: string;
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  /** Of the pictures together. */
  readonly bytes: number;
  /** The part of what was read that became the loop, seconds. */
  readonly from: number;
  readonly to: number;
  /** Pictures whose lips were brought together. */
  readonly closed: number;
  readonly findings: readonly Finding[];
}

/** The part of the work that reading is; a picture takes 11 ms to look at and 25 to write. */
const READING = 0.5;

/**
 * Makes an avatar of a video or a photo: finds the face, follows it, chooses a stretch to loop, brings lips together that are
 * apart, and writes the package. It is there as a whole or not at all.
 *
 * @throws TalkError resource/settings (a bad id, a name that is taken), resource/not-found, resource/read, stream/wrong-type,
 *   stream/decode; stream/format when nothing of the video can be used, with `details.findings` as JSON; the signal's reason
 */
export async function createAvatar(options: CreateOptions): Promise<Created> {
  const { id, folder = avatarsFolder(), replace = false } = options;
  const to = join(folder, id);
  await demandId(id, to, replace);
  const signal = options.signal ?? new AbortController().signal;
  signal.throwIfAborted();
  const { start = 0, read = 120, size = 1280, crop } = options;
  const cut = { start, length: read, largest: size, ...(crop && { crop }) };
  const footage = await openFootage(options.source, cut, signal);
  await mkdir(folder, { recursive: true });
  const scratch = join(folder, `.${id}-${randomUUID()}`);
  try {
    const plan = await look(footage, options, signal);
    await mkdir(scratch);
    const bytes = await write(scratch, footage, plan, options, signal);
    signal.throwIfAborted();
    if (replace) await rename(to, `${scratch}-old`).catch(() => undefined);
    await rename(scratch, to);
    await rm(`${scratch}-old`, { recursive: true, force: true });
    const { stretch, track } = plan;
    return {
      id,
      folder: to,
      width: footage.width,
      height: footage.height,
      frames: stretch.to - stretch.from,
      bytes,
      from: start + stretch.from / RATE,
      to: start + stretch.to / RATE,
      closed: closes(plan) ? track.mouths.filter((mouth) => closing(mouth) > 0).length : 0,
      findings: plan.findings,
    };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

interface Plan {
  readonly stretch: Stretch;
  readonly track: Track;
  readonly findings: readonly Finding[];
  readonly mouth: 'close' | 'keep';
}

function closes({ stretch, mouth }: Pick<Plan, 'stretch' | 'mouth'>): boolean {
  return mouth === 'close' && !stretch.closed;
}

async function look(footage: Footage, options: CreateOptions, signal: AbortSignal): Promise<Plan> {
  const { detector, length = 12, progress, mouth = 'close' } = options;
  const { expected } = footage;
  const finder = await FaceFinder.open(detector === undefined ? {} : { detector });
  let sights: Sight[];
  try {
    sights = await analyse(footage, finder, signal, (done) =>
      progress?.({
        stage: 'reading',
        done,
        of: expected,
        part: expected === undefined ? undefined : Math.min(1, done / expected) * READING,
      }),
    );
  } finally {
    await finder.close();
  }
  if (sights.length === 0) {
    throw new TalkError('stream/format', `${basename(options.source)} has no picture after its start.`);
  }
  const found = findings(sights, footage);
  const stretch = chooseStretch(sights, footage, length);
  if (stretch === undefined) throw unusable(options.source, found);
  const faces = sights
    .slice(stretch.from, stretch.to)
    .flatMap(({ face }) => (face === undefined ? [] : [face]));
  return { stretch, track: track(faces), findings: [...found, ...remarks(stretch, mouth, footage)], mouth };
}

function remarks(stretch: Stretch, mouth: Plan['mouth'], { photo }: Footage): Finding[] {
  const [from, to] = [stretch.from / RATE, stretch.to / RATE];
  const found: Finding[] = [];
  if (closes({ stretch, mouth })) {
    const text = 'Nowhere are the lips closed for long; they were brought together in the pictures.';
    found.push({ kind: 'mouth-closed', level: 'warning', from, to, text });
  }
  if (!photo && to - from < 2.5) {
    const text = 'The loop is short and will be seen to repeat; record ten seconds without a cut.';
    found.push({ kind: 'short', level: 'warning', from, to, text });
  }
  return found;
}

async function write(
  scratch: string,
  footage: Footage,
  plan: Plan,
  options: CreateOptions,
  signal: AbortSignal,
): Promise<number> {
  const { stretch, track } = plan;
  const { id, name = id, consent, progress, source } = options;
  const count = stretch.to - stretch.from;
  const origin = [
    `made from ${footage.photo ? 'a photo' : 'a video'}`,
    ...(closes(plan) ? ['lips brought together'] : []),
    ...(consent === undefined ? [] : [`consent: ${consent}`]),
  ].join('; ');
  return writeAvatar(
    scratch,
    {
      name,
      licence: options.licence ?? 'not stated',
      origin,
      width: footage.width,
      height: footage.height,
      framerate: RATE,
      loop: options.loop ?? 'there-and-back',
      boxes: track.boxes,
      about: [`Made by  talkgraph avatar create ${basename(source)} --id ${id}`],
    },
    pictures(footage, plan, signal),
    (done) =>
      progress?.({ stage: 'writing', done, of: count, part: READING + (1 - READING) * (done / count) }),
  );
}

/** The pictures of the stretch, lips closed where they are to be. */
async function* pictures(footage: Footage, plan: Plan, signal: AbortSignal): AsyncGenerator<Rgb> {
  const { width, height } = footage;
  const { stretch, track } = plan;
  for await (const { number, picture, colour } of footage.shots(signal)) {
    if (number >= stretch.to) return;
    if (number < stretch.from) continue;
    const rgb = { data: rgbOf(picture, colour), width, height };
    if (closes(plan)) closeMouth(rgb, track.mouths[number - stretch.from]!);
    yield rgb;
  }
}

async function demandId(id: string, to: string, replace: boolean): Promise<void> {
  if (!isAvatarId(id)) {
    throw new TalkError(
      'resource/settings',
      `"${id.slice(0, 80)}" cannot be the name of an avatar: letters, digits, "-", "_" and ".", beginning with a letter or digit.`,
    );
  }
  if (!replace && (await stat(to).catch(() => undefined)) !== undefined) {
    throw new TalkError(
      'resource/settings',
      `There is an avatar ${id} already, in ${to}; --force puts the new one in its place.`,
    );
  }
}

function unusable(source: string, found: readonly Finding[]): TalkError {
  const [worst] = found.filter(({ level }) => level === 'error');
  const what = worst === undefined ? `nowhere is a face to be seen for ${LEAST} s` : worst.text;
  return new TalkError('stream/format', `${basename(source)} cannot become an avatar: ${what}`, {
    details: { findings: JSON.stringify(found) },
  });
}
