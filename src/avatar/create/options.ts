import type { NewAvatar } from '../package.js';
import type { Finding } from './findings.js';

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
  /** See `NewAvatar`; default `pictures`. */
  readonly store?: NewAvatar['store'];
  /** A photo stays one picture; otherwise the head sways, and the eyes blink, for eight seconds. Default false. */
  readonly still?: boolean;
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
  readonly stage: 'reading' | 'writing' | 'latents';
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
  /** The part of what was read that became the loop, seconds. */
  readonly from: number;
  readonly to: number;
  /** Pictures whose lips were brought together. */
  readonly closed: number;
  readonly findings: readonly Finding[];
}
