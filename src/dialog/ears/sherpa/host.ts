/** A thread with one model of sherpa-onnx in it, shared by all turns. */
import { Worker } from 'node:worker_threads';
import { TalkError } from '../../../element/error.js';
import type { SherpaModel } from './files.js';
import type { SherpaAnswer, SherpaOrder } from './protocol.js';

interface Waiting {
  readonly partial: (text: string) => void;
  readonly resolve: (text: string) => void;
  readonly reject: (error: Error) => void;
}

export class SherpaHost {
  readonly ready: Promise<void>;
  readonly #worker = new Worker(new URL('./worker.js', import.meta.url));
  readonly #turns = new Map<number, Waiting>();
  #count = 0;
  #dead: TalkError | undefined;

  constructor(module: string, model: SherpaModel) {
    this.#worker.unref();
    this.ready = new Promise((resolve, reject) => {
      const broken = (error: TalkError) => {
        this.#dead = error;
        reject(error);
        for (const { reject } of this.#turns.values()) reject(error);
        this.#turns.clear();
      };
      this.#worker.on('message', (answer: SherpaAnswer) => {
        if (answer.said === 'ready') resolve();
        else if (answer.said === 'broken') broken(problem(answer));
        else this.#heard(answer);
      });
      this.#worker.on('error', (cause) => broken(died(cause)));
      this.#worker.on('exit', () => broken(died()));
    });
    this.ready.catch(() => undefined);
    this.#order({ do: 'load', module, model });
  }

  /** It does not hear any more; another one may. */
  get dead(): boolean {
    return this.#dead !== undefined;
  }

  /** The words of one turn. */
  async hear(
    sound: AsyncIterable<Int16Array>,
    partial: (text: string) => void,
    signal: AbortSignal,
  ): Promise<string> {
    const turn = ++this.#count;
    const words = new Promise<string>((resolve, reject) =>
      this.#turns.set(turn, { partial, resolve, reject }),
    );
    words.catch(() => undefined);
    try {
      for await (const piece of sound) {
        if (signal.aborted || this.#dead !== undefined) break;
        const samples = Float32Array.from(piece, (sample) => sample / 32768);
        this.#worker.postMessage({ do: 'sound', turn, samples } satisfies SherpaOrder, [samples.buffer]);
      }
      if (this.#dead !== undefined) throw this.#dead;
      if (signal.aborted) return '';
      this.#order({ do: 'end', turn });
      return await words;
    } finally {
      this.#turns.delete(turn);
      this.#order({ do: 'drop', turn });
    }
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #heard({ said, turn, text }: Extract<SherpaAnswer, { turn: number }>): void {
    const waiting = this.#turns.get(turn);
    if (said === 'partial') waiting?.partial(text);
    else waiting?.resolve(text);
  }

  #order(order: SherpaOrder): void {
    this.#worker.postMessage(order);
  }
}

function problem({ missing, message }: Extract<SherpaAnswer, { said: 'broken' }>): TalkError {
  return missing
    ? new TalkError(
        'core/missing-element',
        'The recogniser sherpa needs the npm package sherpa-onnx-node: npm install sherpa-onnx-node.',
        { debug: message, details: { missing: ['sherpa-onnx-node'] } },
      )
    : new TalkError('library/init', 'The model of the recogniser sherpa cannot be loaded.', {
        debug: message,
      });
}

function died(cause?: Error): TalkError {
  return new TalkError('library/failed', 'The thread of the recogniser sherpa has died.', {
    retryable: true,
    ...(cause === undefined ? {} : { debug: cause.message, cause }),
  });
}
