/** Files that are recorded to: what an ending of the name means, and whether one can be written there. */
import { accessSync, constants, lstatSync, statSync, unlinkSync } from 'node:fs';
import { dirname, extname, resolve } from 'node:path';
import { TalkError } from '../element/index.js';

/** What an ending of the file name means. */
export interface Container {
  /** Launch text of the muxer. */
  mux: (props: { fragment: number; faststart: boolean }) => string;
  /** The same for one of many files; undefined where there is none. */
  segment?: (props: { fragment: number; faststart: boolean }) => string;
  /** Pad templates of the muxer; a pad that is missing cannot be recorded. */
  pads: Partial<Record<'video' | 'audio' | 'captions', string>>;
  /** PCM instead of AAC. */
  pcm?: boolean;
}

const mp4 = ({ fragment, faststart }: { fragment: number; faststart: boolean }): string =>
  `mp4mux name=mux ${faststart ? 'faststart=true' : `fragment-duration=${fragment}`}`;
/** Each file ends as an ordinary MP4, which knows by how much its sound begins later. */
const mp4Segment = (props: { fragment: number; faststart: boolean }): string =>
  props.faststart ? mp4(props) : `${mp4(props)} fragment-mode=first-moov-then-finalise`;
const mkv = () => 'matroskamux name=mux offset-to-zero=true writing-app=talkgraph';
const BOTH = { video: 'video_%u', audio: 'audio_%u', captions: 'subtitle_%u' };

const CONTAINERS: Record<string, Container> = {
  '.mp4': { mux: mp4, segment: mp4Segment, pads: BOTH },
  '.m4a': { mux: mp4, segment: mp4Segment, pads: { audio: 'audio_%u' } },
  '.mkv': { mux: mkv, segment: mkv, pads: BOTH },
  '.wav': { mux: () => 'wavenc name=mux', pads: { audio: 'sink' }, pcm: true },
};

/** By the ending of its name; throws `resource/settings` for another. */
export function containerOf(location: string): Container {
  const known = Object.keys(CONTAINERS).join(', ');
  if (location === '') {
    throw new TalkError(
      'resource/settings',
      `Expected a file name for location (${known}) but received none.`,
    );
  }
  const container = CONTAINERS[extname(location).toLowerCase()];
  if (container !== undefined) return container;
  throw new TalkError(
    'resource/settings',
    `Expected a file name that ends in ${known} for location but received ${JSON.stringify(location)}.`,
  );
}

/** Whatever failed before the first sound or picture leaves no file that looks like a recording. */
export function removeFile(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isFile()) unlinkSync(path);
}

/** Says before anything runs what would fail at the first byte. */
export function checkWritable(location: string): void {
  const path = resolve(location);
  const folder = dirname(path);
  try {
    if (!statSync(folder).isDirectory()) throw new Error('not a folder');
  } catch {
    throw new TalkError(
      'resource/not-found',
      `The folder ${folder} does not exist; nothing can be recorded there.`,
    );
  }
  const existing = statSync(path, { throwIfNoEntry: false });
  if (existing?.isDirectory())
    throw new TalkError('resource/write', `${path} is a folder, not a file to record to.`);
  try {
    accessSync(existing === undefined ? folder : path, constants.W_OK);
  } catch (cause) {
    throw new TalkError('resource/not-authorized', `${path} may not be written.`, { cause });
  }
}

/** The file of captions beside a recording. */
export const besides = (location: string): string => `${location.slice(0, -extname(location).length)}.vtt`;
