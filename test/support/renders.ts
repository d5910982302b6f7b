/** Renders from the command line, and what one sees in them. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import { openAvatar } from '../../src/avatar/index.js';
import { run as talkgraph } from '../../src/cli/main.js';
import { PACKAGE } from '../../src/graph/find.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import { framesOf, record } from './script.js';
import { fakeTerminal } from './terminal.js';

/**
 * Renders a word or two by a model and an avatar of `folder`, 320x320 with the mouth below row 236: the picture is where the
 * net painted, and nowhere else. `command` runs talkgraph; default in this process.
 */
export async function renders(
  t: Test,
  folder: string,
  model: string,
  face = 'one',
  command = here,
): Promise<void> {
  const location = join(folder, `${model}.mp4`);
  const { exit, err } = await command([
    'launch',
    '-q',
    join(PACKAGE, 'graphs', 'render.yaml'),
    'text=Oh, my.',
    `model=${folder}/${model}`,
    `avatar=${folder}/${face}`,
    `location=${location}`,
  ]);
  t.equal(exit, 0, err);
  const pictures = await picturesOf(location);
  t.ok(pictures.length > 15, `${pictures.length} pictures`);
  const avatar = await openAvatar(join(folder, face));
  t.teardown(() => avatar.close());
  const change = (part: (picture: Uint8Array) => Uint8Array) =>
    pictures.map((picture, n) => difference(part(picture), part(avatar.data(avatar.index(n)))));
  const [above, below] = [change(upperHalf), change(lowerHalf)];
  t.ok(Math.max(...above) < 0.5, `above the mouth all is as it was: ${above.map((x) => x.toFixed(2))}`);
  t.ok(
    Math.min(...below) > 4 * Math.max(...above),
    `below every picture shows what the net painted: ${below.map((x) => x.toFixed(2))}`,
  );
  rmSync(location);
}

/** The command in this process. */
async function here(args: string[]): Promise<{ exit: number; err: string }> {
  const terminal = fakeTerminal();
  const exit = await talkgraph(args, terminal);
  return { exit, err: terminal.written.err };
}

/** How red rows of an I420 picture are: a part of its last plane. */
const redness = (picture: Uint8Array, from: number, to: number) =>
  picture.slice(320 * 320 * 1.25).slice(from * 160, to * 160);
/** Above the mouth, and where it is. */
const upperHalf = (picture: Uint8Array) => redness(picture, 0, 100);
const lowerHalf = (picture: Uint8Array) => redness(picture, 118, 155);

/** The pictures of a file, I420. */
export async function picturesOf(location: string): Promise<Uint8Array[]> {
  const { name, seen } = record();
  const p = Pipeline.launch(
    `filesrc location="${location}" ! qtdemux ! h264parse ! avdec_h264 ! videoconvert ! video/x-raw,format=I420 ! recsink record=${name}`,
  );
  try {
    await Promise.all([p.finished(), p.play()]);
  } finally {
    await p.close();
  }
  return framesOf(seen).map(({ data }) => data);
}

function difference(a: Uint8Array, b: Uint8Array): number {
  return a.reduce((sum, v, i) => sum + Math.abs(v - b[i]!), 0) / a.length;
}
