import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { TalkError } from '../element/error.js';

/**
 * What lies behind an avatar: one colour, a picture that fills the frame, or nothing: its pictures keep their alpha, for a
 * compositor, or for a video that whoever makes the frames puts there.
 */
export type Background =
  | { readonly colour: string }
  | { readonly file: string; readonly mtimeMs: number }
  | { readonly clear: true };

/** Behind what says nothing else. */
export const BLACK: Background = { colour: '#000000' };

const PICTURE = /\.(?:webp|png|jpe?g)$/i;
const VIDEO = /\.(?:mp4|m4v|mov|mkv|webm|ogv|avi|mpe?g)$/i;

/** The file of a background that moves; undefined for all others. */
export function videoOf(background: string): string | undefined {
  return VIDEO.test(background) ? resolve(background) : undefined;
}

/**
 * Reads `#rgb`, `#rrggbb`, `transparent`, or the name of a file: a picture (WebP, PNG, JPEG), or a video, before which pictures
 * are transparent.
 * @param folder where relative file names begin
 * @throws TalkError resource/settings for another kind of text, resource/not-found for a file that is not there
 */
export async function readBackground(text: string, folder: string): Promise<Background> {
  const [, short, long] = /^#(?:([0-9a-f]{3})|([0-9a-f]{6}))$/i.exec(text) ?? [];
  if (long !== undefined) return { colour: `#${long.toLowerCase()}` };
  if (short !== undefined) return { colour: `#${[...short.toLowerCase()].map((c) => c + c).join('')}` };
  if (text === 'transparent') return { clear: true };
  const video = VIDEO.test(text);
  if (!video && !PICTURE.test(text)) {
    throw new TalkError(
      'resource/settings',
      `Expected a colour such as #20242c, transparent, a picture (WebP, PNG, JPEG) or a video (MP4, MOV, MKV, WebM, AVI) for the background but received ${JSON.stringify(text.slice(0, 80))}.`,
      { details: { background: text.slice(0, 80) } },
    );
  }
  const file = resolve(folder, text);
  const found = await stat(file).catch(() => undefined);
  if (found?.isFile()) return video ? { clear: true } : { file, mtimeMs: found.mtimeMs };
  const what = video ? 'video' : 'picture';
  throw new TalkError('resource/not-found', `There is no background ${what} ${file}.`, { details: { file } });
}
