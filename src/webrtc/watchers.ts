/**
 * Those who watch the picture, and which rendition of it each of them is shown.
 *
 * A packet is encoded and packetized once and written to everyone who is shown its rendition. An encoder is wanted as long as somebody is
 * shown, or is to be shown, what it makes.
 */
import { EventEmitter } from 'node:events';
import type TypedEmitter from 'typed-emitter';
import type { VideoCodec } from './codecs.js';
import { KeyFrameRequests } from './keyframes.js';
import { Ladder, type Step } from './ladder.js';
import type { Overrun } from './overload.js';
import type { Peer } from './peer.js';
import { codecOf, type Rendition, renditionOf } from './rendition.js';
import { readRtp } from './rtp.js';
import { RenditionSwitch } from './switch.js';

export type WatchersEvents = {
  /** The encoder of this rendition is to make a key frame now; throttled over its viewers. */
  'key-frame': (rendition: Rendition) => void;
  /** The first viewer of a rendition came, or its last one went. */
  wanted: (rendition: Rendition, wanted: boolean) => void;
  /** The encoder of this rendition is to keep to this bitrate, bit/s. */
  rate: (rendition: Rendition, bitrate: number) => void;
  /** A viewer is to be shown another rendition than before. */
  moved: (viewer: string, rendition: Rendition) => void;
  /** The encoder of this low rendition gives no key frame: who was to be shown it is shown the ordinary one. */
  silent: (rendition: Rendition) => void;
};

interface Watcher {
  readonly peer: Peer;
  readonly codec: VideoCodec;
  readonly shown: RenditionSwitch;
  /** Seconds until what it reports is about the rendition that it is shown. */
  stale: number;
  /** Key frames that it may still ask for at once, and whether it has asked for one more. */
  requests: number;
  owed: boolean;
  /** Its line is let become empty. */
  pause?: NodeJS.Timeout;
}

/**
 * Key frames that one viewer may ask for as fast as they come, three a second; then it gets one a second, and as many again as it has let
 * seconds pass. Each costs all who are shown the rendition some sharpness, and one that never decodes any asks all the time.
 */
const REQUESTS = 10;
/** Reports come about a second late, and are about the second before. Those of a line that was good are good news. */
const STALE_S = 2;
/** Whatever waits in its queue, a viewer gets a picture again after so long. */
const LONGEST_PAUSE_MS = 500;
/** Seconds in which a low rendition gives a key frame that was asked for, or it is none. */
const SILENT_S = 5;
/** Of its queue this part is to be empty when a key frame is asked for. */
const EMPTIED = 0.25;

export class Watchers extends (EventEmitter as new () => TypedEmitter.default<WatchersEvents>) {
  readonly #watchers = new Map<string, Watcher>();
  readonly #requests = new Map<Rendition, KeyFrameRequests>();
  readonly #ladders = new Map<VideoCodec, Ladder>();
  /** Seconds since a key frame of a rendition was asked for that has not come. */
  readonly #unanswered = new Map<Rendition, number>();
  #bitrate: number | undefined;
  #low = true;

  /** @param bitrate that each encoder may have, bit/s; undefined: all are sent all, whatever they report */
  constructor(bitrate: number | undefined) {
    super();
    this.#bitrate = bitrate;
  }

  /** Another bitrate is wanted; encoders have it already. */
  set bitrate(bitrate: number) {
    this.#bitrate = bitrate;
    for (const ladder of this.#ladders.values()) ladder.bitrate = bitrate;
  }

  /** What comes in is encoded already: there is one rendition of it. */
  single(): void {
    this.#low = false;
    this.#ladders.clear();
  }

  /** Somebody is shown this rendition, or is to be. */
  wants(rendition: Rendition): boolean {
    for (const { shown } of this.#watchers.values())
      if (shown.current === rendition || shown.wanted === rendition) return true;
    return false;
  }

  add(peer: Peer, codec: VideoCodec): void {
    const shown = new RenditionSwitch(codec);
    if (!this.wants(codec)) this.emit('wanted', codec, true);
    const watcher = { peer, codec, shown, stale: 0, requests: REQUESTS, owed: false };
    this.#watchers.set(peer.id, watcher);
    peer.on('key-frame', () => this.#needsKey(watcher));
    peer.on('overrun', (overrun) => this.#overrun(peer.id, overrun));
  }

  remove(id: string): void {
    const watcher = this.#watchers.get(id);
    if (watcher === undefined) return;
    this.#watchers.delete(id);
    clearTimeout(watcher.pause);
    this.#ladders.get(watcher.codec)?.forget(id);
    for (const rendition of new Set([watcher.shown.current, watcher.shown.wanted])) this.#unwant(rendition);
  }

  /** Which rendition a viewer is shown. */
  shown(id: string): Rendition | undefined {
    return this.#watchers.get(id)?.shown.current;
  }

  /** Sends a packet to those who are shown its rendition. @param key it is part of a key frame */
  write(rendition: Rendition, data: Buffer, key: boolean): void {
    if (key) this.#unanswered.delete(rendition);
    const packet = readRtp(data);
    const codec = codecOf(rendition);
    for (const watcher of this.#watchers.values()) {
      if (watcher.codec !== codec) continue;
      const { waits, current: before } = watcher.shown;
      const theirs = watcher.shown.take(rendition, packet, key);
      if (waits && !watcher.shown.waits) this.#changed(watcher, before);
      if (theirs !== undefined) watcher.peer.write('video', theirs);
    }
  }

  /** Once a second: what can each of them take? */
  control(): void {
    for (const watcher of this.#watchers.values()) this.#allow(watcher);
    if (this.#bitrate === undefined) return;
    for (const [id, watcher] of this.#watchers) {
      const { peer, codec, shown } = watcher;
      if (shown.waits) this.#needsKey(watcher);
      else if (watcher.stale > 0) this.#settle(watcher);
      else if (peer.state === 'connected') {
        const { loss, estimate, bitrate: sent, shortestRtt: rtt } = peer.stats();
        this.#ladderOf(codec, this.#bitrate).report(id, { loss, estimate, sent, rtt });
      }
    }
    this.#notice();
    for (const [codec, ladder] of this.#ladders) this.#step(codec, ladder.step());
  }

  close(): void {
    for (const { pause } of this.#watchers.values()) clearTimeout(pause);
    for (const requests of this.#requests.values()) requests.close();
    this.removeAllListeners();
  }

  /** A second has passed for the low renditions of which a key frame was asked for. */
  #notice(): void {
    for (const [rendition, seconds] of this.#unanswered) {
      this.#unanswered.set(rendition, seconds + 1);
      if (seconds + 1 < SILENT_S || !this.wants(rendition)) continue;
      this.#unanswered.delete(rendition);
      this.#ladders.get(codecOf(rendition))?.loseLow();
      this.emit('silent', rendition);
    }
  }

  #ask(rendition: Rendition): boolean {
    // There is nothing in the place of the ordinary one.
    if (rendition !== codecOf(rendition) && !this.#unanswered.has(rendition))
      this.#unanswered.set(rendition, 0);
    return this.#requestsOf(rendition).ask();
  }

  #step(codec: VideoCodec, { moves, rates }: Step): void {
    for (const { viewer, rung } of moves) this.#move(viewer, renditionOf(codec, rung));
    for (const [rung, rate] of rates) this.emit('rate', renditionOf(codec, rung), rate);
  }

  /** What one is shown does not get through any more: it gets nothing until its line has a picture that it can take. */
  #overrun(id: string, { share, queue }: Overrun): void {
    const watcher = this.#watchers.get(id);
    if (watcher === undefined || this.#bitrate === undefined || watcher.shown.waits) return;
    const { peer, codec, shown } = watcher;
    shown.pause();
    peer.forgetPicture();
    this.#step(codec, this.#ladderOf(codec, this.#bitrate).overrun(id, peer.stats().bitrate, share));
    // The rest of the queue leaves while the key frame is made and under way.
    const ms = Math.min(LONGEST_PAUSE_MS, queue * EMPTIED);
    watcher.pause = setTimeout(() => {
      shown.resume();
      this.#needsKey(watcher);
    }, ms);
  }

  /** A viewer needs a key frame of what it is to be shown. */
  #needsKey(watcher: Watcher): void {
    const { wanted, paused } = watcher.shown;
    // It is asked for when the pause is over.
    if (paused) return;
    if (watcher.requests === 0) watcher.owed = true;
    else if (this.#ask(wanted)) watcher.requests--;
  }

  /** A second has passed. */
  #allow(watcher: Watcher): void {
    watcher.requests = Math.min(REQUESTS, watcher.requests + 1);
    if (!watcher.owed) return;
    watcher.owed = false;
    this.#needsKey(watcher);
  }

  #move(id: string, rendition: Rendition): void {
    const shown = this.#watchers.get(id)?.shown;
    if (shown === undefined) return;
    if (!this.wants(rendition)) this.emit('wanted', rendition, true);
    const before = shown.wanted;
    shown.want(rendition);
    this.emit('moved', id, rendition);
    if (!shown.paused) this.#ask(rendition);
    // One that it never came to see.
    if (before !== shown.current) this.#unwant(before);
  }

  #changed(watcher: Watcher, before: Rendition): void {
    watcher.stale = watcher.shown.current === watcher.codec ? 0 : STALE_S;
    // What was lost of the picture before is not worth the line's room any more.
    watcher.peer.forgetPicture();
    this.#unwant(before);
  }

  /** The first key frame of a low rendition met a queue that was full: there is another one a second later. */
  #settle(watcher: Watcher): void {
    if (watcher.stale-- === STALE_S) this.#needsKey(watcher);
  }

  #unwant(rendition: Rendition): void {
    if (this.wants(rendition)) return;
    this.#unanswered.delete(rendition);
    this.emit('wanted', rendition, false);
  }

  #ladderOf(codec: VideoCodec, bitrate: number): Ladder {
    const ladder = this.#ladders.get(codec) ?? new Ladder(bitrate, this.#low);
    this.#ladders.set(codec, ladder);
    return ladder;
  }

  #requestsOf(rendition: Rendition): KeyFrameRequests {
    const requests =
      this.#requests.get(rendition) ?? new KeyFrameRequests(() => this.emit('key-frame', rendition));
    this.#requests.set(rendition, requests);
    return requests;
  }
}
