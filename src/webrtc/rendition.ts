/** Renditions of one picture: the ordinary one of a codec, and a low one for viewers whose line takes no more. */
import type { VideoCodec } from './codecs.js';
import type { Rung } from './ladder.js';

export type Rendition = VideoCodec | `${VideoCodec}-low`;

export const RENDITIONS = ['H264', 'VP8', 'VP9', 'H264-low', 'VP8-low', 'VP9-low'] as const;

export function renditionOf(codec: VideoCodec, rung: Rung): Rendition {
  return rung === 'low' ? `${codec}-low` : codec;
}

export function codecOf(rendition: Rendition): VideoCodec {
  return rendition.replace('-low', '') as VideoCodec;
}
