/**
 * An output that is added to a graph while it plays, and taken away again: a recording, a stream to one more place.
 *
 * A graph offers places for it by two tees, `picture` and `sound`. What is added never holds up what is there: where it is too slow
 * it loses what is oldest, and where it fails its error stays its own.
 */
import { randomUUID } from 'node:crypto';
import { atMost } from '../element/atmost.js';
import { TalkError } from '../element/index.js';
import type { ElementHandle } from '../graph/handle.js';
import { writeValue } from '../graph/launch-text.js';
import type { PadHandle } from '../graph/pad.js';
import type { Pipeline } from '../graph/pipeline.js';

/** Tees of the graph, and the pads of an output that they go to. */
const PLACES = [
  ['picture', 'video'],
  ['sound', 'audio'],
] as const;
/** What waits for a slow output. */
const WAITS = 'queue leaky=downstream max-size-time=3000000000 max-size-buffers=0 max-size-bytes=0';
/** A question for memory waits in a queue for its answer, and whoever asks with it: also for a recording that waits for a picture of theirs. */
const UNASKED = 'identity silent=true drop-allocation=true';
/** ms an output may take to finish: it may be as late as what waits for it is long. */
const FINISH = 10_000;

export class Branch {
  readonly #pipeline: Pipeline;
  readonly #name = `branch-${randomUUID()}`;
  readonly #parts: ElementHandle[] = [];
  /** Pads of the tees, and those they are linked to. */
  readonly #links: (readonly [PadHandle, PadHandle])[] = [];

  #closing: Promise<void> | undefined;

  private constructor(pipeline: Pipeline) {
    this.#pipeline = pipeline;
  }

  /**
   * Adds an output with the pads `video` and `audio`.
   * @param factory name of the element
   * @param properties what it is set to
   * @throws TalkError resource/not-found for a graph without places, what the output itself complains of; nothing stays then
   */
  static async open(
    pipeline: Pipeline,
    factory: string,
    properties: Readonly<Record<string, string | number>> = {},
  ): Promise<Branch> {
    const tees = PLACES.map(([name]) => pipeline.find(name));
    if (tees.some((tee) => tee?.factory !== 'tee')) {
      throw new TalkError(
        'resource/not-found',
        'The graph of this session has no tees "picture" and "sound" that an output could be added to.',
      );
    }
    const branch = new Branch(pipeline);
    try {
      const set = Object.entries(properties).map(([name, value]) => `${name}=${writeValue(String(value))}`);
      await branch.#open([factory, ...set].join(' '), tees as ElementHandle[]);
      return branch;
    } catch (error) {
      await branch.#remove();
      throw error;
    }
  }

  /** True for an error or a mark that comes from in here. */
  owns({ element = '' }: { readonly element?: string | undefined }): boolean {
    return element.split('/').some((name) => name.startsWith(this.#name));
  }

  /** True once it is being taken away. */
  get closing(): boolean {
    return this.#closing !== undefined;
  }

  /** Ends the output's streams, waits until it has finished, and takes it away. Any number of times. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    try {
      if (!this.#pipeline.closed) await this.#finish();
    } finally {
      await this.#remove();
    }
  }

  async #open(fragment: string, tees: readonly ElementHandle[]): Promise<void> {
    const output = this.#pipeline.add(`${fragment} name=${this.#name}`);
    this.#parts.push(output);
    if (!output.properties.includes('message-forward')) {
      throw new TalkError(
        'core/link',
        `Expected an output with the pads video and audio but received ${output.factory}.`,
      );
    }
    const heads = PLACES.map(([place, pad]) => {
      const last = this.#pipeline.add(`${WAITS} name=${this.#name}-${place}`);
      const unasked = this.#pipeline.add(`${UNASKED} name=${this.#name}-${place}-unasked`);
      const first = this.#pipeline.add(`errorignore name=${this.#name}-${place}-first`);
      this.#parts.push(last, unasked, first);
      last.link(output, { to: pad });
      unasked.link(last);
      first.link(unasked);
      return first;
    });
    for (const part of this.#parts) await part.sync();
    // Some of the sound may have passed when there is no picture yet. What is encoded cannot be cut.
    const raw = this.#picture?.startsWith('video/x-raw') ?? true;
    if (raw && this.#pipeline.runningTime() !== undefined && output.properties.includes('begin'))
      output.set('begin', 'now');
    for (const [i, head] of heads.entries()) {
      const [from, to] = [tees[i]?.requestPad('src_%u'), head.pad('sink')];
      if (from === undefined || to === undefined) continue;
      this.#links.push([from, to]);
      from.link(to);
    }
  }

  async #finish(): Promise<void> {
    let over: () => void = () => undefined;
    const finished = new Promise<void>((resolve) => {
      over = resolve;
    });
    const hear = ({ name, element }: { name: string; element: string }) => {
      if (name === 'ended' && element.endsWith(this.#name)) over();
    };
    this.#pipeline.on('mark', hear);
    this.#pipeline.on('close', over);
    try {
      // Where no picture has come there is nothing to finish, and sound may be waiting for one.
      const shown = this.#picture !== undefined;
      await this.#unlink();
      if (!shown) return;
      for (const [, to] of this.#links) await to.eos();
      await atMost(finished, FINISH);
    } finally {
      this.#pipeline.off('mark', hear);
      this.#pipeline.off('close', over);
    }
  }

  /** Caps of the pictures; undefined while none has come. */
  get #picture(): string | undefined {
    return this.#pipeline.find('picture')?.pad('sink')?.caps;
  }

  async #unlink(): Promise<void> {
    for (const [from] of this.#links) {
      from.unlink();
      await from.release();
    }
  }

  async #remove(): Promise<void> {
    if (this.#pipeline.closed) return;
    if (this.#links.some(([from]) => from.alive && from.peer !== undefined)) await this.#unlink();
    for (const part of this.#parts.splice(0)) if (part.alive) await part.remove();
  }
}
