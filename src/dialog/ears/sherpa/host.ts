/**
 * A process with one model of sherpa-onnx in it, shared by all turns.
 *
 * When the process ends, the turns that it heard fail, to be asked again, and the next one begins a new process. A turn that it ended with too
 * often is given up.
 */
import { TalkError } from '../../../element/error.js';
import { SherpaProcess } from '../../../sherpa/process.js';
import type { TurnSound } from '../recogniser.js';
import type { SherpaModel } from './files.js';
import { type HearAnswer, type HearOrder, LONGEST_PIECE } from './protocol.js';

/** ms without any answer to a turn that is over. */
const WORKING = 60_000;
/** Processes that may end while they hear one and the same turn. */
const LOSSES = 3;

interface Turn {
  readonly sound: TurnSound;
  readonly partial: (text: string) => void;
  readonly resolve: (text: string) => void;
  readonly reject: (error: unknown) => void;
}

type HearProcess = SherpaProcess<null, HearOrder, HearAnswer>;

export class SherpaHost {
  readonly #module: string;
  readonly #model: () => Promise<SherpaModel>;
  readonly #workingMs: number;
  readonly #turns = new Map<number, Turn>();
  /** Turns of which an answer is due. */
  readonly #due = new Set<number>();
  readonly #losses = new WeakMap<TurnSound, number>();
  #process: HearProcess | undefined;
  #opening: Promise<HearProcess> | undefined;
  #unopened: ((error: TalkError) => void) | undefined;
  #closings = 0;
  #count = 0;

  /**
   * @param model asked before each process
   * @param workingMs without any answer to a turn that is over, then the process is exchanged
   */
  constructor(module: string, model: () => Promise<SherpaModel>, workingMs = WORKING) {
    this.#module = module;
    this.#model = model;
    this.#workingMs = workingMs;
  }

  /** Its process, for those who want to know whether it has one. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Resolves when the model is loaded. Rejects with TalkError. */
  async ready(): Promise<void> {
    await this.#open();
  }

  /** The words of one turn; none when the signal aborts before. Rejects with TalkError. */
  async hear(sound: TurnSound, partial: (text: string) => void, signal: AbortSignal): Promise<string> {
    const process = await this.#open();
    if (process !== this.#process) throw closed();
    if (signal.aborted) return '';
    const turn = ++this.#count;
    const words = new Promise<string>((resolve, reject) =>
      this.#turns.set(turn, { sound, partial, resolve, reject }),
    );
    const stop = () => this.#turns.get(turn)?.resolve('');
    signal.addEventListener('abort', stop, { once: true });
    process.hold(true);
    void this.#feed(process, turn, sound);
    try {
      return await words;
    } finally {
      signal.removeEventListener('abort', stop);
      this.#turns.delete(turn);
      if (process === this.#process) {
        this.#expect(process, turn);
        void process.send({ do: 'drop', turn });
        // An idle recogniser must not keep the program alive.
        if (this.#turns.size === 0) process.hold(false);
      }
    }
  }

  /** Ends the process; what it hears fails with `library/shutdown`. */
  async close(): Promise<void> {
    const ending = this.#process?.end();
    this.#closings++;
    this.#drop(closed());
    await ending;
  }

  #open(): Promise<HearProcess> {
    if (this.#opening !== undefined) return this.#opening;
    const opening = this.#start().catch((error: unknown) => {
      if (this.#opening === opening) this.#opening = undefined;
      throw error;
    });
    this.#opening = opening;
    return opening;
  }

  async #start(): Promise<HearProcess> {
    const closings = this.#closings;
    const config = await this.#model();
    if (closings !== this.#closings) throw closed();
    return await new Promise((resolve, reject) => {
      const process: HearProcess = new SherpaProcess({
        program: new URL('./child.js', import.meta.url),
        who: 'recogniser sherpa',
        module: this.#module,
        config,
        ready: () => {
          process.hold(false);
          resolve(process);
        },
        answered: (answer) => this.#answered(process, answer),
        lost: (error) => this.#drop(error),
      });
      this.#process = process;
      this.#unopened = reject;
    });
  }

  /** Sends a turn as fast as it is taken, and its end. */
  async #feed(process: HearProcess, turn: number, sound: TurnSound): Promise<void> {
    try {
      for await (const piece of sound) {
        for (let at = 0; at < piece.length; at += LONGEST_PIECE) {
          if (!this.#turns.has(turn)) return;
          await process.send({ do: 'sound', turn, samples: piece.subarray(at, at + LONGEST_PIECE) });
        }
      }
      if (!this.#turns.has(turn)) return;
      this.#expect(process, turn);
      await process.send({ do: 'end', turn });
    } catch (error) {
      this.#turns.get(turn)?.reject(error);
    }
  }

  #answered(process: HearProcess, answer: HearAnswer): void {
    const turn = this.#turns.get(answer.turn);
    if (answer.said === 'partial') turn?.partial(answer.text);
    else if (answer.said === 'final') turn?.resolve(answer.text);
    else if (answer.said === 'failed') {
      const { message: debug } = answer;
      turn?.reject(new TalkError('library/failed', 'The recogniser sherpa failed.', { debug }));
    } else this.#due.delete(answer.turn);
    if (this.#due.size > 0) process.watch(this.#workingMs);
    else process.unwatch();
  }

  /** Counts from the first that is due: who comes after it does not give the process more time. */
  #expect(process: HearProcess, turn: number): void {
    if (this.#due.size === 0) process.watch(this.#workingMs);
    this.#due.add(turn);
  }

  /** The process is of no more use; who waits for it is told why. */
  #drop(error: TalkError): void {
    this.#unopened?.(error);
    this.#process = this.#opening = this.#unopened = undefined;
    this.#due.clear();
    for (const { sound, reject } of this.#turns.values()) reject(this.#lost(sound, error));
    this.#turns.clear();
  }

  /** How a turn is told: it is asked again, but not for ever. */
  #lost(sound: TurnSound, error: TalkError): TalkError {
    if (!error.retryable) return error;
    const losses = (this.#losses.get(sound) ?? 0) + 1;
    this.#losses.set(sound, losses);
    if (losses < LOSSES) return error;
    const message = `The recogniser sherpa cannot hear this turn: its process ended ${losses} times.`;
    return new TalkError('library/failed', message, { debug: error.debug });
  }
}

function closed(): TalkError {
  return new TalkError('library/shutdown', 'The recogniser sherpa was closed.');
}
