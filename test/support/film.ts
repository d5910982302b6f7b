/** Writes small videos for tests, in forms that every installation can write and read. */
import { readFile, writeFile } from 'node:fs/promises';
import type { Avatar } from '../../src/avatar/index.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import { AVATAR_COLOUR_CAPS } from '../../src/picture/colour.js';
import { pictureBytes, pictureIn, scalePicture } from '../../src/picture/picture.js';

/** What is filmed. */
export interface Film {
  readonly width: number;
  readonly height: number;
  /** Pictures a second; default 25. */
  readonly rate?: number;
  /** Says in the file that it is to be turned by a quarter to the right before it is shown, as phones do. */
  readonly lying?: boolean;
}

/** Writes I420 pictures to a file: .mkv as they are, .mov as JPEG. */
export async function film(
  file: string,
  pictures: Iterable<Uint8Array>,
  { width, height, rate = 25, lying = false }: Film,
): Promise<void> {
  const coded = file.endsWith('.mkv') ? 'matroskamux' : 'jpegenc quality=95 ! qtmux';
  const p = Pipeline.launch(
    `appsrc name=in format=time caps="video/x-raw, format=I420, width=${width}, height=${height}, framerate=${rate}/1, ${AVATAR_COLOUR_CAPS}" ! ` +
      `${coded} ! filesink location="${file}"`,
  );
  try {
    const feed = p.element('in').feed({ limit: 4 << 20 });
    const playing = p.play();
    let n = 0;
    for (const data of pictures) {
      await feed.push({ data, pts: Math.round((n * 1e9) / rate), duration: Math.round(1e9 / rate) });
      n++;
    }
    feed.end();
    await Promise.all([playing, p.finished()]);
  } finally {
    await p.close();
  }
  if (lying) await turn(file);
}

/** Writes a file that has sound and no picture. */
export async function soundFilm(file: string): Promise<void> {
  const p = Pipeline.launch(`audiotestsrc num-buffers=5 ! matroskamux ! filesink location="${file}"`);
  try {
    await Promise.all([p.finished(), p.play()]);
  } finally {
    await p.close();
  }
}

/** Writes the matrix of a quarter turn into the header of the only track. */
async function turn(file: string): Promise<void> {
  const bytes = await readFile(file);
  const matrix = bytes.indexOf('tkhd', 0, 'latin1') + 4 + 40;
  for (const [i, value] of [0, 1, 0, -1, 0].entries()) bytes.writeInt32BE(value * 65_536, matrix + 4 * i);
  await writeFile(file, bytes);
}

/** A picture of one grey. */
export function grey(width: number, height: number, level = 90): Uint8Array {
  const data = new Uint8Array(pictureBytes(width, height)).fill(128);
  pictureIn(data, width, height).planes[0].fill(level);
  return data;
}

/** Avatars' frames, the first in the left half of the picture and the second in the right one. */
export function besides(
  avatars: readonly Avatar[],
  frame: number,
  width: number,
  height: number,
): Uint8Array {
  const data = grey(width, height);
  const to = pictureIn(data, width, height);
  const share = Math.floor(width / 4) * 2;
  for (const [i, avatar] of avatars.entries()) {
    const part = new Uint8Array(pictureBytes(share, height));
    const small = pictureIn(part, share, height);
    scalePicture(small, pictureIn(avatar.data(frame), avatar.width, avatar.height), {
      x: 0,
      y: 0,
      w: share,
      h: height,
    });
    for (const p of [0, 1, 2] as const) {
      const [rows, columns, left] =
        p === 0 ? [height, share, i * share] : [height / 2, share / 2, (i * share) / 2];
      for (let row = 0; row < rows; row++) {
        const from = row * small.strides[p];
        to.planes[p].set(small.planes[p].subarray(from, from + columns), row * to.strides[p] + left);
      }
    }
  }
  return data;
}
