/**
 * The inside of an element: its number at the C++ side and the state of its conversation with it. Authors never see
 * it; the runtime and the verbs do.
 */
import { native } from '../native.js';
import type { Element } from './element.js';
import { checkMetas, type TimedFrame, writeFrame } from './frame.js';
import { Outcome } from './wire.js';

/** Answers that nobody waits for and nobody can give any more: with the promise goes what JS was shown. */
const forgotten = new FinalizationRegistry<number>((call) => native.complete(call, Outcome.drop));

/** One instance, as the runtime knows it. */
export class Link {
  readonly id: number;
  readonly factory: string;
  /** The author's object. */
  object!: Element;
  /** The data question that is being answered right now; 0 when there is none. */
  call = 0;
  /** How often old work was called off. An answer to a question from before is not an error, whatever it is. */
  aborts = 0;
  /** Generation of a pipe's work; frames of an older one are dropped by C++. */
  generation = 0;
  latency = 0;
  /** Settles when the last start has ended, and been undone where nobody waited for it; never rejects. */
  starting: Promise<void> | undefined;
  /** Questions whose answers are promised. */
  readonly open = new Map<number, object>();
  #controller: AbortController | undefined;
  #room: (() => void)[] = [];
  #ready: (() => void)[] = [];

  constructor(id: number, factory: string) {
    this.id = id;
    this.factory = factory;
  }

  /** Aborts when work on the data at hand is no longer wanted. A new one from then on. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    return this.#controller.signal;
  }

  abort(): void {
    this.aborts++;
    const controller = this.#controller;
    this.#controller = undefined;
    controller?.abort();
    for (const [call, promise] of this.open) forgotten.register(promise, call);
    this.open.clear();
    this.wakeReady();
    this.wakeRoom();
  }

  /** Resolves when C++ has room again, or old work was called off. */
  room(): Promise<void> {
    return new Promise((resolve) => this.#room.push(resolve));
  }

  wakeRoom(): void {
    const waiting = this.#room;
    this.#room = [];
    for (const resolve of waiting) resolve();
  }

  /** Resolves when there is something to take, or old work was called off. */
  ready(): Promise<void> {
    return new Promise((resolve) => this.#ready.push(resolve));
  }

  wakeReady(): void {
    const waiting = this.#ready;
    this.#ready = [];
    for (const resolve of waiting) resolve();
  }

  /** Adds a frame to the answer of a question. */
  give(call: number, frame: TimedFrame): void {
    checkMetas(frame.metas);
    const data = writeFrame(frame);
    native.give(call, data, frame.metas, frame.stroke);
  }

  /** Puts a frame into the element's own out queue. False: it is full, wait for `room()`. */
  put(frame: TimedFrame): boolean {
    checkMetas(frame.metas);
    const data = writeFrame(frame);
    return native.put(this.id, this.generation, data, frame.metas, frame.stroke);
  }
}

/** Where an element keeps its link. */
export const LINK: unique symbol = Symbol('link');

/** How the link reaches the constructor of a class that authors extend without writing one. */
export const birth: { link: Link | undefined } = { link: undefined };

/** A name that GStreamer takes for an event or a message; others it drops with a line in its log. */
export function structureName(name: string): string {
  if (/^[A-Za-z][\w/.:+-]*$/.test(name)) return name;
  throw new TypeError(
    `Expected a name of letters, digits and /-_.:+ that begins with a letter but received ${JSON.stringify(name)}`,
  );
}

/** Event names are ours: `talkgraph/NAME`. */
export function eventName(name: string): string {
  return structureName(name).includes('/') ? name : `talkgraph/${name}`;
}
