/** Says a schedule again: passage after passage, with the cuts between them. */
import type { EventItem } from '../element/index.js';
import type { Narrator } from './narrator.js';
import { Replay } from './replay.js';
import type { ScheduleEntry } from './schedule.js';
import type { Timeline } from './timeline.js';

export class Replayer {
  readonly #replay: Replay;
  readonly #timeline: Timeline;
  readonly #narrator: Narrator;

  constructor(entries: readonly ScheduleEntry[], timeline: Timeline, narrator: Narrator) {
    this.#replay = new Replay(entries);
    this.#timeline = timeline;
    this.#narrator = narrator;
    this.#say();
  }

  /** Goes back where the voice went back then. Returns what tells those behind. */
  cutAgain(): EventItem | undefined {
    const cut = this.#replay.due(this.#timeline.frame);
    if (cut === undefined) return undefined;
    this.#narrator.cut();
    this.#timeline.cut(cut.frame);
    this.#say();
    return { event: true, name: 'replay-epoch', fields: { pts: this.#timeline.ptsOf(cut.frame) } };
  }

  /** What goes out before `frame`: the next cut, when it ends something from there on. */
  announce(frame: number): EventItem[] {
    return this.#replay.announce(frame, this.#timeline);
  }

  /** What comes next, up to the next cut. */
  #say(): void {
    for (const saying of this.#replay.says) this.#narrator.say(saying);
    this.#timeline.lastUntil(this.#replay.until);
  }
}
