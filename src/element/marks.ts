/**
 * Marks in the stream, told by a sink when their moment leaves: neither when they reach the sink (lead and latency are still
 * before them) nor once per branch (audio and video both carry them).
 */
import type { ElementEvent } from './element.js';
import type { Fields } from './frame.js';
import type { Ns } from './time.js';

export interface MarkClock {
  runningTime(): Ns | undefined;
  /** Latency of the whole pipeline: what is stamped t leaves at t + latency. */
  readonly pipelineLatency: Ns;
}

/** Marks remembered to recognise the other branch's copy. */
const REMEMBERED = 256;
/** Marks that may wait; more than that is not speech, and is told early. */
const MAX_WAITING = 1024;

/** What elements tell each other, nothing that happens to a listener. */
const INTERNAL = new Set(['epoch', 'lead', 'phonemes']);

interface Waiting {
  name: string;
  fields: Fields;
  pts: Ns;
  /** Its place among all that ever waited. */
  order: number;
  timer: NodeJS.Timeout | undefined;
}

export class Marks {
  readonly #clock: MarkClock;
  readonly #tell: (name: string, fields: Fields) => void;
  readonly #seen = new Set<string>();
  readonly #waiting = new Set<Waiting>();
  #order = 0;
  #epoch = 0;

  constructor(clock: MarkClock, tell: (name: string, fields: Fields) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  /** An event passed the sink: a mark waits for its moment, a cut takes those back that will not come. */
  event({ name, fields, oob, upstream }: ElementEvent): void {
    if (upstream) return;
    const short = name.replace(/^talkgraph\//, '');
    // Behind a gate the cut itself does not come, but the epoch that it begins does.
    if (short === 'cut' || short === 'epoch')
      this.cut(Number(fields['heard'] ?? fields['pts'] ?? 0), Number(fields['epoch'] ?? 0));
    else if (!oob && !INTERNAL.has(short)) this.add(short, fields);
  }

  /** A mark passed a pad. One without a time is told at once, as is one whose moment is over. */
  add(name: string, fields: Fields): void {
    const key = JSON.stringify([name, fields]);
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    if (this.#seen.size > REMEMBERED) this.#seen.delete(this.#seen.values().next().value ?? key);
    this.#schedule(name, fields);
  }

  /**
   * What nobody had heard at `heard`, media time, will not come: the cut that begins `epoch`. What was heard and still waits is late, and
   * is told. The slower branch tells of a cut again, when marks of the new epoch may be waiting already; of two cuts that follow close
   * it tells when both are known.
   */
  cut(heard: Ns, epoch: number): void {
    if (epoch <= this.#epoch) return;
    this.#epoch = epoch;
    for (const mark of this.#waiting) {
      if (mark.pts <= heard) continue;
      clearTimeout(mark.timer);
      this.#waiting.delete(mark);
    }
  }

  /** Drops everything. */
  clear(): void {
    for (const { timer } of this.#waiting) clearTimeout(timer);
    this.#waiting.clear();
    this.#seen.clear();
    this.#epoch = 0;
  }

  #schedule(name: string, fields: Fields): void {
    const pts = fields['pts'];
    const wait = typeof pts === 'number' ? this.#until(pts) : 0;
    if (typeof pts !== 'number' || wait <= 0 || this.#waiting.size >= MAX_WAITING) {
      if (typeof pts === 'number' && wait <= 0) this.#tellBefore(pts, this.#order);
      this.#tell(name, fields);
      return;
    }
    const mark: Waiting = { name, fields, pts, order: this.#order++, timer: undefined };
    this.#waiting.add(mark);
    this.#wait(mark, wait);
  }

  /** ms until what is stamped `pts` has left; 0 while no clock runs. */
  #until(pts: Ns): number {
    const now = this.#clock.runningTime();
    return now === undefined ? 0 : (pts + this.#clock.pipelineLatency - now) / 1e6;
  }

  /** Never early, as timers may be: who cuts right behind a start that was told has heard it begin. */
  #wait(mark: Waiting, ms: number): void {
    mark.timer = setTimeout(() => {
      const left = this.#until(mark.pts);
      if (left > 0) {
        this.#wait(mark, left);
        return;
      }
      this.#waiting.delete(mark);
      this.#tellBefore(mark.pts, mark.order);
      this.#tell(mark.name, mark.fields);
    }, Math.ceil(ms));
  }

  /** Tells what belongs before `pts` and still waits: timers of a busy process come late, and not in order. */
  #tellBefore(pts: Ns, order: number): void {
    const late = [...this.#waiting]
      .filter((mark) => mark.pts < pts || (mark.pts === pts && mark.order < order))
      .sort((a, b) => a.pts - b.pts || a.order - b.order);
    for (const mark of late) {
      clearTimeout(mark.timer);
      this.#waiting.delete(mark);
      this.#tell(mark.name, mark.fields);
    }
  }
}
