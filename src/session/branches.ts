/** The outputs that were added to a running graph: each ends by itself, and takes nothing else with it. */

import { atMost } from '../element/atmost.js';
import { logger, type TalkError, toTalkError } from '../element/index.js';
import type { Pipeline } from '../graph/pipeline.js';
import { Branch } from './branch.js';

/** ms that they may hold up the end of a session: with what comes after it, the end of the server is to take three seconds. */
const LAST_WORDS = 1500;
/** ms after which one that is taken away hangs: it may need ten to finish. */
const HANGS = 15_000;

type Origin = Parameters<Branch['owns']>[0];

export class Branches {
  readonly #session: string;
  readonly #open = new Set<Branch>();

  /** @param session its id, for the log */
  constructor(session: string) {
    this.#session = session;
  }

  /** Adds one, and returns what finishes it and takes it away. Throws what `Branch.open` does. */
  async add(
    pipeline: Pipeline,
    factory: string,
    properties: Readonly<Record<string, string | number>>,
  ): Promise<() => Promise<void>> {
    const branch = await Branch.open(pipeline, factory, properties);
    this.#open.add(branch);
    return () => this.#end(branch);
  }

  /** True for a mark that comes from one of them. */
  own(mark: Origin): boolean {
    return this.#of(mark) !== undefined;
  }

  /** Whether an error is one of theirs: that one is taken away, and `first` is called unless it was about to go anyway. */
  lose(error: TalkError, first: () => void): boolean {
    const branch = this.#of(error);
    if (branch === undefined) return false;
    if (branch.closing) return true;
    first();
    void this.#end(branch);
    return true;
  }

  /** Ends all. What takes longer than {@link LAST_WORDS} is not waited for. */
  async close(): Promise<void> {
    if (this.#open.size > 0)
      await atMost(Promise.all([...this.#open].map((branch) => this.#end(branch))), LAST_WORDS);
  }

  #of(what: Origin): Branch | undefined {
    return [...this.#open].find((one) => one.owns(what));
  }

  /** One that hangs is left where it is until the session ends. */
  async #end(branch: Branch): Promise<void> {
    // Until it has ended its errors are its own.
    const ended = branch.close().finally(() => this.#open.delete(branch));
    const told = ended.catch((error: unknown) =>
      this.#warn('an output did not end cleanly', toTalkError(error).code),
    );
    if (!(await atMost(told, HANGS))) this.#warn('an output hangs and is left behind', 'core/state-change');
  }

  #warn(what: string, code: string): void {
    logger({ session: this.#session }).warn(what, { code });
  }
}
