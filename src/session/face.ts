/** Another face in a session that speaks: a mark in the sound, so that model and compositor change with the same frame. */
import type { ElementHandle } from '../graph/handle.js';

/** ns behind what has left already: two frames of video, so that the mark is there before what it is about. */
const AHEAD = 80e6;

/**
 * @param speaker what the sound comes from; what has left is at most `lead` ahead of now
 * @param avatar its id
 * @param now running time of the graph, ns
 */
export function changeFace(speaker: ElementHandle, avatar: string, now: number): void {
  const lead = speaker.properties.includes('lead') ? Number(speaker.get('lead')) * 1e6 : 0;
  const pts = now + lead + AHEAD;
  // In order with the sound; where nobody takes it the session is ending.
  speaker.sendEvent('talkgraph/avatar', { name: avatar, pts, counter: 0 }).catch(() => undefined);
}
