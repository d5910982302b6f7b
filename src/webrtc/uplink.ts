/**
 * Where the microphones of viewers meet who wants to hear them: `webrtcsink` owns the viewers and puts in what they send,
 * `webrtcsrc` takes the sound of one of them. The two elements know nothing of each other but the name they meet under.
 */
import type { RtpPacket } from 'werift';

/** What those who hear are told. */
export interface UplinkListener {
  /** A packet of the viewer that is heard. */
  sound(packet: RtpPacket): void;
  /** Another viewer is heard from now on; undefined: nobody. */
  heard(viewer: string | undefined): void;
}

/** The microphones of one sink. */
export class Uplink {
  /** Viewers with a microphone, in the order they came; true for those who came only to talk. */
  readonly #viewers = new Map<string, boolean>();
  #listener: UplinkListener | undefined;
  #chosen = '';
  #current: string | undefined;

  /** Somebody listens; without that no viewer is asked for its microphone. */
  get wanted(): boolean {
    return this.#listener !== undefined;
  }

  /** The viewer that is heard. */
  get current(): string | undefined {
    return this.#current;
  }

  /** Only one can listen; false when there is one already. */
  listen(listener: UplinkListener): boolean {
    if (this.#listener !== undefined) return false;
    this.#listener = listener;
    return true;
  }

  ignore(): void {
    this.#listener = undefined;
  }

  /** Hears this viewer alone; with an empty text the first one that came, and before those who watch those who only talk. */
  choose(viewer: string): void {
    this.#chosen = viewer;
    this.#settle();
  }

  /** @param talksOnly it came for nothing else than to be heard */
  add(viewer: string, talksOnly = false): void {
    this.#viewers.set(viewer, talksOnly);
    this.#settle();
  }

  remove(viewer: string): void {
    this.#viewers.delete(viewer);
    this.#settle();
  }

  /** What a viewer's microphone sent. Others than the one that is heard are not. */
  packet(viewer: string, packet: RtpPacket): void {
    if (viewer === this.#current) this.#listener?.sound(packet);
  }

  #settle(): void {
    const all = [...this.#viewers];
    const [first] = all.find(([, talksOnly]) => talksOnly) ?? all[0] ?? [];
    const next = this.#chosen === '' ? first : this.#viewers.has(this.#chosen) ? this.#chosen : undefined;
    if (next === this.#current) return;
    this.#current = next;
    this.#listener?.heard(next);
  }
}

const meetings = new Map<string, { readonly uplink: Uplink; users: number }>();

/** The uplink of a name, made when first asked for; `leave` when it is not needed any more, once for each `meet`. */
export function meet(name: string): { readonly uplink: Uplink; leave(): void } {
  const meeting = meetings.get(name) ?? { uplink: new Uplink(), users: 0 };
  meetings.set(name, meeting);
  meeting.users++;
  let left = false;
  return {
    uplink: meeting.uplink,
    leave() {
      if (left) return;
      left = true;
      if (--meeting.users === 0) meetings.delete(name);
    },
  };
}

/** How many names are in use: none when all elements have stopped. */
export const meetingCount = (): number => meetings.size;

/**
 * The name under which elements of one pipeline meet.
 * @param path of either element in its pipeline, as GStreamer writes it: `/GstPipeline:p/GstTs_webrtcsink:web`
 * @param peer name of the sink; empty: any sink of the pipeline
 */
export function meetingName(path: string, peer: string): string {
  return `${path.split('/')[1] ?? ''}/${peer}`;
}
