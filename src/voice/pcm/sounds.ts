/**
 * Sounds that somebody brought, waiting to be heard as the voice `pcm/KEY`.
 *
 * The key is random and known to the session that brought the sound alone; a request over the network cannot name one
 * (`strangers.ts`). A sound stays until it was heard, cut or refused, or its session ends: whoever makes an end lets it go.
 */
import { randomUUID } from 'node:crypto';
import { TalkError } from '../../element/error.js';
import type { SpeechPiece } from '../engine.js';

/** Something to hear. */
export interface Sound {
  /** Its samples, when its turn comes. Ends when the signal aborts, or soon after. */
  open(signal: AbortSignal): AsyncIterable<SpeechPiece>;
  /** Nobody wants it any more. Called once. */
  close(): void;
}

/** Sounds of all sessions together. */
const MOST = 1024;
const PREFIX = 'pcm/';
const sounds = new Map<string, Sound>();

/** Keeps a sound and returns the voice that plays it. Throws TalkError `resource/quota` when too many wait. */
export function bring(sound: Sound): string {
  if (sounds.size >= MOST) {
    const message = `Expected at most ${MOST} sounds to wait. Send more later.`;
    throw new TalkError('resource/quota', message, { retryable: true });
  }
  const key = randomUUID();
  sounds.set(key, sound);
  return `${PREFIX}${key}`;
}

/** The sound of a key; undefined when it is there no more. */
export function broughtSound(key: string): Sound | undefined {
  return sounds.get(key);
}

/** Forgets the sound of a voice and closes it. Any number of times, and nothing for other voices. */
export function letGo(voice: string): void {
  if (!voice.startsWith(PREFIX)) return;
  const key = voice.slice(PREFIX.length);
  const sound = sounds.get(key);
  sounds.delete(key);
  sound?.close();
}
