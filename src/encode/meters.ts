/** How long a track is by now, of what has passed an element in front of its muxer. */
import { type Caps, type Ns, type Part, SECOND } from '../element/index.js';
import { AAC_RATE } from './aac.js';

/** A GstStructure of numbers. */
interface Structure {
  fields: Record<string, number>;
}

/** Buffers and bytes that an identity has let through. */
export function passedBy(tail: Part): { buffers: number; bytes: number } {
  const stats = tail.get('stats') as Structure | undefined;
  return { buffers: stats?.fields['num-buffers'] ?? 0, bytes: stats?.fields['num-bytes'] ?? 0 };
}

/** What passes the tail of a video track: one buffer per picture. */
export function pictures(fields: Caps['fields']): (passed: { buffers: number }) => Ns {
  const { num = 0, den = 1 } = (fields['framerate'] ?? {}) as { num?: number; den?: number };
  return ({ buffers }) => (num === 0 ? 0 : Math.round((buffers * den * SECOND) / num));
}

/** What passes the tail of an AAC track. */
export function frames(): (passed: { buffers: number }) => Ns {
  return ({ buffers }) => Math.round((buffers * 1024 * SECOND) / AAC_RATE);
}

/** What passes the tail of a PCM track. */
export function samples(fields: Caps['fields']): (passed: { bytes: number }) => Ns {
  const perSecond = Number(fields['rate'] ?? AAC_RATE) * Number(fields['channels'] ?? 1) * 2;
  return ({ bytes }) => Math.round((bytes * SECOND) / perSecond);
}
