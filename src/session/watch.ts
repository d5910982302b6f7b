/** A running graph as one looks at it: its elements with what waits in them, its links with what passes. Costs nothing while nobody looks. */
import type { ElementHandle } from '../graph/handle.js';
import { type Level, levelsOf, lostBy } from '../graph/levels.js';
import { Meter, quantile, type Reading } from '../graph/meter.js';
import type { PadHandle } from '../graph/pad.js';
import type { Pipeline } from '../graph/pipeline.js';
import { registeredElements } from '../graph/registry.js';

/** ms for which a look is told again, so that many who look cost no more than one. */
const FRESH = 900;
/** ms after which nobody looks any more. */
const IDLE = 15_000;

export interface SeenElement {
  readonly name: string;
  /** `bin` for what is made of several. */
  readonly factory: string;
  /** Written in TypeScript, and not GStreamer's own. */
  readonly ours: boolean;
  readonly state: string;
  readonly levels: readonly Level[];
  /** Frames given up by now; undefined where none are counted. */
  readonly lost?: number;
}

export interface SeenLink {
  readonly from: string;
  readonly fromPad: string;
  readonly to: string;
  readonly toPad: string;
  /** What flows; empty before that is agreed on. */
  readonly caps: string;
  /** Buffers a second since the look before; undefined at the first. */
  readonly rate?: number;
  /** bit/s */
  readonly bitrate?: number;
  /** Part of the buffers that hold nothing, 0 to 1. */
  readonly gaps?: number;
  /** ms behind the clock when they pass: of half of the last buffers, and of 95 in 100, no more. Negative is ahead. */
  readonly p50?: number;
  readonly p95?: number;
}

export interface Seen {
  readonly elements: readonly SeenElement[];
  readonly links: readonly SeenLink[];
}

interface Watched {
  readonly link: Pick<SeenLink, 'from' | 'fromPad' | 'to' | 'toPad'>;
  readonly pad: PadHandle;
  readonly meter: Meter;
  before: { readonly at: number; readonly reading: Reading } | undefined;
}

export class Watch {
  readonly #pipeline: Pipeline;
  readonly #watched = new Map<string, Watched>();
  #last: { readonly at: number; readonly seen: Seen } | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(pipeline: Pipeline) {
    this.#pipeline = pipeline;
  }

  /** How it is now; from the second look on with what passed since the one before. Throws core/state-change once it is closed. */
  look(): Seen {
    const now = performance.now();
    if (this.#last !== undefined && now - this.#last.at < FRESH) return this.#last.seen;
    // What was measured long ago says nothing about now.
    this.#timer ??= setTimeout(() => this.close(), IDLE).unref();
    this.#timer.refresh();
    const elements = this.#pipeline.elements().reverse();
    const seen = { elements: elements.map(shown), links: this.#links(elements, now) };
    this.#last = { at: now, seen };
    return seen;
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#last = undefined;
    for (const { meter } of this.#watched.values()) meter.close();
    this.#watched.clear();
  }

  #links(elements: readonly ElementHandle[], now: number): SeenLink[] {
    const there = new Set<string>();
    const links: SeenLink[] = [];
    for (const element of elements) {
      for (const pad of element.pads()) {
        const peer = pad.direction === 'src' ? pad.peer : undefined;
        if (peer === undefined) continue;
        const [to = '', toPad = ''] = endOf(peer.path);
        const link = { from: element.name, fromPad: pad.name, to, toPad };
        const key = Object.values(link).join(' ');
        there.add(key);
        const watched = this.#watched.get(key) ?? { link, pad, meter: new Meter(pad), before: undefined };
        this.#watched.set(key, watched);
        links.push(measured(watched, now));
      }
    }
    for (const [key, { meter }] of this.#watched) {
      if (there.has(key)) continue;
      meter.close();
      this.#watched.delete(key);
    }
    return links;
  }
}

/** Where pictures go into an element; undefined where none do. */
export function picturesInto(links: readonly SeenLink[], element: string | undefined): SeenLink | undefined {
  return links.find(({ to, caps }) => to === element && /^(video|image)\//.test(caps));
}

/** The elements of a pipeline that is not closed. */
export function elementsOf(pipeline: Pipeline): SeenElement[] {
  return pipeline.elements().reverse().map(shown);
}

function measured(watched: Watched, now: number): SeenLink {
  const { link, pad, meter, before } = watched;
  const reading = meter.read();
  watched.before = { at: now, reading };
  const seen = { ...link, caps: pad.caps ?? '' };
  if (before === undefined) return seen;
  const seconds = (now - before.at) / 1000;
  const passed = reading.buffers - before.reading.buffers;
  const [p50, p95] = [quantile(reading.ages, 0.5), quantile(reading.ages, 0.95)];
  return {
    ...seen,
    rate: passed / seconds,
    bitrate: ((reading.bytes - before.reading.bytes) * 8) / seconds,
    ...(passed > 0 && { gaps: (reading.gaps - before.reading.gaps) / passed }),
    ...(p50 !== undefined && p95 !== undefined && { p50, p95 }),
  };
}

function shown(element: ElementHandle): SeenElement {
  const lost = lostBy(element);
  return {
    name: element.name,
    factory: element.factory ?? 'bin',
    ours: registeredElements().has(element.factory ?? ''),
    state: element.state,
    levels: levelsOf(element),
    ...(lost !== undefined && { lost }),
  };
}

/** `web.video` as element and pad; of a bin's own pad the bin. */
function endOf(path: string): [string, string] {
  const dot = path.lastIndexOf('.');
  return [path.slice(0, dot), path.slice(dot + 1)];
}
