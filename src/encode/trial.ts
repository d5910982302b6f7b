/**
 * Whether an encoder of a graphics card does on this machine what a live picture needs. That one is registered says only that its
 * plugin was found: the driver may be missing, the card may have no encoder, or be used up.
 */
import { toTalkError } from '../element/index.js';
import { Pipeline } from '../graph/pipeline.js';
import { hardwareText, type Wanted } from './hardware.js';
import type { Hardware } from './names.js';

const [WIDTH, HEIGHT] = [320, 240];
/** Pictures before a key frame is asked for, and until it has to be there. */
const BEFORE = 5;
const AFTER = 3;
/** Pictures that may be inside while the next ones come. */
const HELD = 1;
/** ms; a driver that is loaded for the first time may take a second or two. */
const LIMIT = 10_000;
const CLOSING = 2000;
/** ms after which one that worked before is tried again: cards encode so many streams at a time, and others end. */
const AGAIN = 60_000;

/** What was found of each, when, and whether it ever worked. */
interface Found {
  readonly said: Promise<string | undefined>;
  readonly at: number;
  readonly worked: boolean;
}
const known = new Map<string, Found>();
const worked = new Set<string>();

/**
 * Undefined where it works, or a sentence why not. Tried once, and again after {@link distrust}; one that has worked in this process
 * and does not now also after a minute.
 * @param limit ms that it may take
 * @param now ms on any clock that does not jump
 */
export async function tryHardware(
  name: Hardware,
  profile: Wanted['profile'],
  limit = LIMIT,
  now = performance.now(),
): Promise<string | undefined> {
  const key = `${name} ${profile}`;
  const before = known.get(key);
  const late = before?.worked === true && now - before.at >= AGAIN && (await before.said) !== undefined;
  // Of many that find it late at once the first tries.
  const found = late && known.get(key) === before ? undefined : known.get(key);
  if (found !== undefined) return found.said;
  const said = tried(name, profile, limit);
  known.set(key, { said, at: now, worked: worked.has(key) });
  if ((await said) === undefined) worked.add(key);
  return said;
}

/** It has failed while it was used: it is tried again before it is used again. */
export function distrust(name: Hardware): void {
  for (const key of known.keys()) if (key.startsWith(`${name} `)) known.delete(key);
}

async function tried(name: Hardware, profile: Wanted['profile'], limit: number): Promise<string | undefined> {
  let pipeline: Pipeline | undefined;
  try {
    const text = hardwareText(name, 'enc', { bitrate: 500_000, buffer: 400, keyInterval: 1000, profile });
    const caps = `video/x-raw,format=I420,width=${WIDTH},height=${HEIGHT},framerate=25/1`;
    pipeline = Pipeline.launch(
      `appsrc name=in format=time caps=${caps} ! ${text} ! appsink name=out sync=false async=false`,
    );
    return await watch(pipeline, limit);
  } catch (error) {
    return toTalkError(error).message;
  } finally {
    await closed(pipeline);
  }
}

/** It is closed, or a driver that hangs is left to itself: nobody waits for that one longer than this. */
async function closed(pipeline: Pipeline | undefined): Promise<void> {
  let late: NodeJS.Timeout | undefined;
  const enough = new Promise<void>((resolve) => {
    late = setTimeout(resolve, CLOSING);
  });
  await Promise.race([pipeline?.close().catch(() => undefined), enough]);
  clearTimeout(late);
}

/** Gives it pictures one by one; rejects with what it says itself. */
async function watch(pipeline: Pipeline, limit: number): Promise<string | undefined> {
  const out: { key: boolean; pts: number }[] = [];
  let came = (): void => undefined;
  pipeline.element('out').onSamples((samples) => {
    for (const { delta = false, pts = 0 } of samples) out.push({ key: !delta, pts });
    came();
  });
  let late: NodeJS.Timeout | undefined;
  const trouble = new Promise<'late'>((resolve, reject) => {
    pipeline.on('error', reject);
    late = setTimeout(() => resolve('late'), limit);
  });
  const until = (count: number) => {
    const there = new Promise<'there'>((resolve) => {
      came = () => out.length >= count && resolve('there');
      came();
    });
    return Promise.race([there, trouble]);
  };
  try {
    await Promise.race([pipeline.play(), trouble]);
    const feed = pipeline.element('in').feed();
    const push = async (from: number, to: number) => {
      for (let n = from; n < to; n++) await feed.push({ data: picture(n), pts: n * 40e6, duration: 40e6 });
      return until(to - HELD);
    };
    if ((await push(0, BEFORE)) === 'late')
      return `Of ${BEFORE} pictures it gave ${out.length} within ${limit / 1000} s.`;
    const asked = out.length;
    await pipeline.element('enc').forceKeyUnit({ allHeaders: true });
    if ((await push(BEFORE, BEFORE + AFTER)) === 'late') return 'It stops when a key frame is asked for.';
    if (!out[0]?.key) return 'It does not begin with a key frame.';
    if (!out.slice(asked).some(({ key }) => key)) return 'It makes no key frame when one is asked for.';
    if (out.some(({ pts }, n) => n > 0 && pts <= (out[n - 1]?.pts ?? 0)))
      return 'It changes the order of pictures.';
    return undefined;
  } finally {
    clearTimeout(late);
    trouble.catch(() => undefined);
  }
}

/** A bar that moves on grey. */
function picture(n: number): Uint8Array {
  const data = new Uint8Array((WIDTH * HEIGHT * 3) / 2).fill(128);
  for (let y = 0; y < HEIGHT; y++) data.fill(235, y * WIDTH + n * 16, y * WIDTH + n * 16 + 16);
  return data;
}
