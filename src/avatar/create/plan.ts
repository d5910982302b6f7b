/** The first half of making an avatar: what of a video is used, and what is to be said about it. */
import { basename } from 'node:path';
import { TalkError } from '../../element/error.js';
import { FaceFinder } from '../../face/index.js';
import { analyse, type Sight } from './analyse.js';
import { type Finding, findings } from './findings.js';
import { type Footage, RATE } from './footage.js';
import { Life } from './life.js';
import type { CreateOptions } from './options.js';
import { chooseStretch, LEAST, type Stretch } from './stretch.js';
import { type Track, track } from './track.js';

/** What is going to be made. */
export interface Plan {
  readonly stretch: Stretch;
  readonly track: Track;
  /** The same of what was seen. */
  readonly seen: Track;
  readonly findings: readonly Finding[];
  readonly mouth: 'close' | 'keep';
  /** What becomes of a photo that is not to stay still; the boxes of `track` are of its pictures. */
  readonly life: Life | undefined;
}

/** True when lips are to be brought together. */
export function closes({ stretch, mouth }: Pick<Plan, 'stretch' | 'mouth'>): boolean {
  return mouth === 'close' && !stretch.closed;
}

/**
 * Looks at all of a video. `told` hears how many pictures were looked at.
 * @throws TalkError stream/format when nothing can be used
 */
export async function makePlan(
  footage: Footage,
  options: CreateOptions,
  signal: AbortSignal,
  told: (done: number) => void,
): Promise<Plan> {
  const { detector, length = 12, mouth = 'close' } = options;
  const finder = await FaceFinder.open(detector === undefined ? {} : { detector });
  let sights: Sight[];
  try {
    sights = await analyse(footage, finder, signal, told);
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
  const [photo] = footage.photo && options.still !== true ? faces : [];
  const life = photo && new Life(footage, photo);
  const seen = track(faces);
  return {
    stretch,
    seen,
    track: life === undefined ? seen : { ...seen, boxes: track(life.faces()).boxes },
    findings: [...found, ...remarks(stretch, mouth, footage)],
    mouth,
    life,
  };
}

function remarks(stretch: Stretch, mouth: Plan['mouth'], { photo }: Footage): Finding[] {
  const [from, to] = [stretch.from / RATE, stretch.to / RATE];
  const found: Finding[] = [];
  if (closes({ stretch, mouth })) {
    const text = 'Nowhere are the lips closed for long; they were brought together in the pictures.';
    found.push({ kind: 'mouth-closed', level: 'warning', from, to, text });
  }
  if (stretch.speaks) {
    const text = 'The person speaks, and the lips will be seen to move at rest; record somebody who listens.';
    found.push({ kind: 'speaks', level: 'warning', from, to, text });
  }
  if (!photo && to - from < 2.5) {
    const text = 'The loop is short and will be seen to repeat; record ten seconds without a cut.';
    found.push({ kind: 'short', level: 'warning', from, to, text });
  }
  return found;
}

function unusable(source: string, found: readonly Finding[]): TalkError {
  const [worst] = found.filter(({ level }) => level === 'error');
  const what = worst === undefined ? `nowhere is a face to be seen for ${LEAST} s` : worst.text;
  return new TalkError('stream/format', `${basename(source)} cannot become an avatar: ${what}`, {
    details: { findings: JSON.stringify(found) },
  });
}
