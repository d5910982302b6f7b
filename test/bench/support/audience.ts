/**
 * Viewers of our own in a process of their own, so that what they cost is not what the session costs: each decrypts and counts what
 * comes, the first keeps it and has it decoded at the end. This file, run as a program, is that process.
 *
 *     const audience = Audience.begin(async (offer) => (await sink.answer(offer)).sdp);
 *     await audience.grow(50);
 *     const seen = await audience.watch(10);
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as later } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { contentOf } from '../../webrtc/support/content.js';
import { Receiver } from '../../webrtc/support/receiver.js';

/** What they saw in a while. */
export interface Seen {
  /** Pictures per second, of each. */
  readonly fps: readonly number[];
  /** Packets of both kinds per second, of all together. */
  readonly packets: number;
  /** Pictures that the first one decoded, of those that it received. */
  readonly decoded: number;
  readonly received: number;
}

/** What the first one saw, packet by packet: ms of its own clock, and RTP timestamps. A picture is there with its last packet. */
export interface Followed {
  readonly pictures: readonly Arrival[];
  readonly sound: readonly Arrival[];
}

export interface Arrival {
  /** Unix ms. */
  readonly at: number;
  readonly rtp: number;
  /** Bytes of the packet that it came with. */
  readonly bytes: number;
}

/** ms that a viewer may take to connect, and how many may fail until it is given up. */
const [CONNECT_MS, MOST_FAILED] = [20_000, 10];
/** Seconds of the first one that are decoded. */
const DECODED_S = 4;

type ToParent = { offer: string } | { grown: number } | { seen: Seen } | { followed: Followed };
type ToChild = { answer: string } | { grow: number } | { watch: number } | { follow: number };

export class Audience {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static begin(answer: (offer: string) => Promise<string>): Audience {
    const child = fork(fileURLToPath(import.meta.url), { execArgv: [] });
    child.on('message', (message: ToParent) => {
      if ('offer' in message)
        void answer(message.offer).then((sdp) => child.send({ answer: sdp } satisfies ToChild));
    });
    return new Audience(child);
  }

  /** Resolves when so many are connected. */
  async grow(viewers: number): Promise<void> {
    await this.#ask({ grow: viewers }, 'grown');
  }

  async watch(seconds: number): Promise<Seen> {
    const told = await this.#ask({ watch: seconds }, 'seen');
    return (told as { seen: Seen }).seen;
  }

  /** Keeps when each packet of the first one came. */
  async follow(seconds: number): Promise<Followed> {
    const told = await this.#ask({ follow: seconds }, 'followed');
    return (told as { followed: Followed }).followed;
  }

  end(): void {
    this.#child.kill('SIGKILL');
  }

  async #ask(question: ToChild, kind: 'grown' | 'seen' | 'followed'): Promise<ToParent> {
    this.#child.send(question);
    const gone = new AbortController();
    const leave = () => gone.abort(new Error('the process of the viewers ended'));
    this.#child.once('exit', leave);
    try {
      for (;;) {
        const [message] = (await once(this.#child, 'message', { signal: gone.signal })) as [ToParent];
        if (kind in message) return message;
      }
    } finally {
      this.#child.off('exit', leave);
    }
  }
}

interface Viewer {
  readonly receiver: Receiver;
  pictures: number;
  packets: number;
}

/** The process of the viewers. */
function serve(tell: (message: ToParent) => void): void {
  const viewers: Viewer[] = [];
  let failed = 0;
  let answered: (sdp: string) => void = () => undefined;

  const grow = async (count: number) => {
    while (viewers.length < count) {
      const receiver = new Receiver();
      const viewer: Viewer = { receiver, pictures: 0, packets: 0 };
      receiver.onPacket = (kind, { packet }) => {
        viewer.packets++;
        if (kind === 'video' && packet.header.marker) viewer.pictures++;
      };
      const answer = new Promise<string>((resolve) => {
        answered = resolve;
      });
      tell({ offer: await receiver.offer() });
      await receiver.accept(await answer);
      try {
        await receiver.connected(CONNECT_MS);
        viewers.push(viewer);
      } catch (error) {
        // On a machine that is busy the session may have given it up; the next one takes its place.
        process.stderr.write(`  a viewer did not connect: ${String(error)}\n`);
        await receiver.close();
        if (++failed > MOST_FAILED) throw error;
      }
    }
    tell({ grown: count });
  };

  const watch = async (seconds: number) => {
    for (const viewer of viewers) [viewer.pictures, viewer.packets] = [0, 0];
    const begun = performance.now();
    await later(seconds * 1000);
    const took = (performance.now() - begun) / 1000;
    const fps = viewers.map(({ pictures }) => pictures / took);
    const packets = viewers.reduce((sum, viewer) => sum + viewer.packets, 0) / took;
    tell({ seen: { fps, packets, ...(await decoded(viewers[0])) } });
  };

  const follow = async (seconds: number) => {
    const [viewer] = viewers;
    if (viewer === undefined) throw new Error('nobody is there to be followed');
    const { receiver } = viewer;
    const counting = receiver.onPacket;
    const followed: Record<keyof Followed, Arrival[]> = { pictures: [], sound: [] };
    receiver.onPacket = (kind, { at, packet }) => {
      const { timestamp: rtp, marker } = packet.header;
      const arrival = { at: performance.timeOrigin + at, rtp, bytes: packet.payload.length };
      if (kind === 'audio') followed.sound.push(arrival);
      else if (marker) followed.pictures.push(arrival);
    };
    await later(seconds * 1000);
    receiver.onPacket = counting;
    tell({ followed });
  };

  /** A few seconds of the first one, decoded. */
  const decoded = async (viewer: Viewer | undefined) => {
    if (viewer === undefined) return { decoded: 0, received: 0 };
    const { receiver } = viewer;
    const counting = receiver.onPacket;
    receiver.onPacket = undefined;
    // Key frames come every ten seconds where nobody asks for one; what comes before it cannot be decoded.
    await receiver.askForKeyFrame();
    await later(DECODED_S * 1000);
    receiver.onPacket = counting;
    const { frames } = await contentOf(receiver, 'H264');
    const { video } = receiver.packets;
    const received = video.filter(({ packet }) => packet.header.marker).length;
    for (const list of [video, receiver.packets.audio]) list.splice(0);
    return { decoded: frames, received };
  };

  process.on('message', (message: ToChild) => {
    if ('answer' in message) answered(message.answer);
    else if ('grow' in message) void grow(message.grow);
    else if ('follow' in message) void follow(message.follow);
    else void watch(message.watch);
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) serve((message) => process.send?.(message));
