import { readFile } from 'node:fs/promises';
import { TalkError } from '../element/error.js';
import type { Box } from '../picture/picture.js';
import { type Manifest, thousandths } from './manifest.js';

/** First line of a file of boxes. */
const HEAD = 'x,y,width,height';

/** A box for each frame, four numbers each: half an hour of them is 1.4 MB. */
export class Boxes {
  readonly #rows: Float64Array;

  /** @param rows x, y, width, height of frame 0, then of frame 1, … in pixels of the picture */
  constructor(rows: Float64Array) {
    this.#rows = rows;
  }

  /** How many there are. */
  get count(): number {
    return this.#rows.length / 4;
  }

  at(frame: number): Box {
    const [x, y, w, h] = this.#rows.subarray(4 * frame, 4 * frame + 4) as unknown as [
      number,
      number,
      number,
      number,
    ];
    return { x, y, w, h };
  }
}

/**
 * The boxes of a manifest, from its list or from the file it names.
 * @param name what to call the manifest's field in messages
 * @throws TalkError resource/settings naming file and line, resource/not-found
 */
export async function readBoxes(
  boxes: NonNullable<Manifest['boxes']>,
  { frames, folder, name }: { frames: number; folder: string; name: string },
): Promise<Boxes> {
  if (typeof boxes !== 'string') return new Boxes(Float64Array.from(boxes.flat()));
  const path = `${folder}/${boxes}`;
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new TalkError(
      'resource/not-found',
      `${path}, which avatar.yaml names as ${name}, cannot be read.`,
      {
        details: { file: path },
        cause,
      },
    );
  });
  return new Boxes(parseBoxes(text, path, frames));
}

/** @throws TalkError resource/settings */
function parseBoxes(text: string, file: string, frames: number): Float64Array {
  const refuse = (line: number, problem: string): never => {
    throw new TalkError('resource/settings', `${file}, line ${line}: ${problem}`, {
      details: { file, line },
    });
  };
  const lines = text.trimEnd().split(/\r?\n/);
  const from = lines[0]?.replaceAll(' ', '') === HEAD ? 1 : 0;
  if (lines.length - from !== frames) {
    refuse(
      lines.length,
      `Expected one box for each of the ${frames} frames but received ${lines.length - from}.`,
    );
  }
  const rows = new Float64Array(4 * frames);
  for (let n = 0; n < frames; n++) {
    const line = lines[n + from]!;
    const numbers = line.split(',').map((word) => (word.trim() === '' ? Number.NaN : Number(word)));
    if (numbers.length !== 4 || !numbers.every(Number.isFinite) || numbers[2]! <= 0 || numbers[3]! <= 0) {
      refuse(
        n + from + 1,
        `Expected x,y,width,height in pixels but received ${JSON.stringify(line.slice(0, 60))}.`,
      );
    }
    rows.set(numbers, 4 * n);
  }
  return rows;
}

/** Boxes as the text of a CSV file. */
export function formatBoxes(boxes: Iterable<readonly [number, number, number, number]>): string {
  return [HEAD, ...Array.from(boxes, (box) => box.map(thousandths).join(','))].join('\n').concat('\n');
}

/** Somebody will speak with an avatar. @throws TalkError library/settings where it has no boxes */
export function demandBoxes({ id, boxed }: { readonly id: string; readonly boxed: boolean }): void {
  if (boxed) return;
  throw new TalkError(
    'library/settings',
    `The avatar ${id} has no boxes, as a clip may: it is not known where its mouth is, and nobody speaks with it.`,
  );
}
