/** A thread that does what its text says. */
import { parentPort, workerData } from 'node:worker_threads';
import type { FliteOrder } from '../../../src/voice/flite/worker.js';

const port = parentPort!;
const cut = new Int32Array(workerData as SharedArrayBuffer);
let life = 0;

port.on('message', async ({ id, text }: FliteOrder) => {
  life++;
  const piece = (): void => {
    const samples = new Int16Array(80).fill(life);
    const phonemes = [{ phone: 'a', start: 0, end: 0.005 }];
    port.postMessage({ type: 'piece', id, piece: { samples, rate: 16000, phonemes } });
  };
  const [what] = text.split(' ');
  if (what === 'exit') process.exit(3);
  if (what === 'throw') throw new Error('torn');
  if (what === 'give-up') return port.postMessage({ type: 'gave-up', id, reason: 'bad text' });
  piece();
  if (what === 'hang') return;
  while (what === 'talk' && Atomics.load(cut, 0) !== id) {
    piece();
    await new Promise((resolve) => setImmediate(resolve));
  }
  port.postMessage({ type: 'done', id, bytes: what === 'swell' ? 200 << 20 : 1 });
});
port.postMessage({ type: 'ready' });
