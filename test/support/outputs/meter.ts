/**
 * An output with somebody at its end who reads by content when flashes and beeps come: what is common to all of them.
 *
 * The session behind it is graphs/lab/sync.yaml: a mouth that is white for exactly the frames that sound, once a second.
 */
import type { ElementHandle } from '../../../src/graph/handle.js';
import type { OpenGraph } from '../../../src/graph/open.js';
import type { Pipeline } from '../../../src/graph/pipeline.js';
import { Branch } from '../../../src/session/branch.js';
import type { ViewerSink } from '../../../src/webrtc/viewers.js';

/** A flash with its beep: when, ms of a clock of the meter's own, and how much later the beep came, ms. */
export interface Pair {
  readonly at: number;
  readonly skew: number;
}

/** What a meter has seen for a while. */
export interface Taken {
  readonly pairs: readonly Pair[];
  /** ms from the moment a picture is of to when it was there: on the screen of a page, at the player elsewhere. None for files. */
  readonly latencies: readonly number[];
}

export const NOTHING: Taken = { pairs: [], latencies: [] };

export interface Meter {
  /** As it stands in tables. */
  readonly name: string;
  /** Comes to watch. Resolves when it is connected. */
  begin(): Promise<void>;
  /** What it has seen since it began or was last asked. */
  take(): Promise<Taken>;
  /** Dies without a word, as a process that is killed or a cable that is pulled. `begin` revives it. */
  kill(): Promise<void>;
  /** Goes as it should. */
  end(): Promise<void>;
}

/** Beeps of 80 ms, one a second, and the seconds that a text of them lasts. */
const SAID_S = 60;
const FIRST_MS = 200;
/** Texts whose flashes are known. */
const REMEMBERED = 10;
export const TONES = `0:0.2 ${'1000:0.08 0:0.92 '.repeat(SAID_S - 1)}1000:0.08 0:0.72`;

/** Unix ms. */
export const unixNow = (): number => performance.timeOrigin + performance.now();

/** The session under test. It says its tones for as long as it plays. */
export class Lab {
  readonly pipeline: Pipeline;
  /** What failed that no output has to answer for. */
  readonly errors: string[] = [];
  readonly #branches = new Set<Branch>();
  readonly #sink: ElementHandle;
  /** When flashes are, Unix ms, of the last texts: who is asked every five minutes what it saw is told of all. */
  #flashes: number[] = [];

  constructor({ pipeline, ends }: OpenGraph) {
    const { in: say, out: sink } = ends;
    if (say === undefined || sink === undefined) throw new Error('the graph has no ends in and out');
    this.pipeline = pipeline;
    this.#sink = sink;
    pipeline.on('error', (error) => {
      // What was added fails by itself, as in a session.
      const added = [...this.#branches].some((branch) => branch.owns(error));
      if (!added && !/camera-under-test/.test(error.element ?? '')) this.errors.push(error.message);
    });
    pipeline.on('mark', ({ name, element, fields }) => {
      if (name !== 'utterance-start' || element !== sink.path) return;
      const first = unixNow() + (Number(fields['pts']) - (pipeline.runningTime() ?? 0)) / 1e6 + FIRST_MS;
      this.#flashes = [
        ...this.#flashes.slice(-REMEMBERED * SAID_S),
        ...Array.from({ length: SAID_S }, (_, n) => first + n * 1000),
      ];
      // The next text before this one ends, so that the beeps go on.
      say.emit('say', TONES, null, null);
    });
  }

  get viewers(): ViewerSink {
    return this.#sink.instance as unknown as ViewerSink;
  }

  async add(factory: string, properties: Readonly<Record<string, string | number>>): Promise<Branch> {
    const branch = await Branch.open(this.pipeline, factory, properties);
    this.#branches.add(branch);
    return branch;
  }

  /** How late flashes came that were there at these times, Unix ms: each counts from the last that was due before. */
  latencies(times: readonly number[]): number[] {
    return times.flatMap((time) => {
      const due = this.#flashes.findLast((flash) => flash <= time);
      return due === undefined ? [] : [time - due];
    });
  }
}
