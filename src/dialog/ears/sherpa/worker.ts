/**
 * The thread in which sherpa-onnx runs: its calls hold the thread that makes them, for as long as it computes.
 *
 * The package is CommonJS with no types of its own; what is used of it is written down here.
 */
import { parentPort } from 'node:worker_threads';
import { EAR_RATE } from '../detector.js';
import type { SherpaAnswer, SherpaOrder } from './protocol.js';

interface Stream {
  acceptWaveform(wave: { sampleRate: number; samples: Float32Array }): void;
  inputFinished?(): void;
}

interface Recognizer {
  createStream(): Stream;
  isReady?(stream: Stream): boolean;
  decode(stream: Stream): void;
  getResult(stream: Stream): { text: string };
}

interface Sherpa {
  OnlineRecognizer: new (config: unknown) => Recognizer;
  OfflineRecognizer: new (config: unknown) => Recognizer;
}

/** Zeros behind a turn: a streaming model tells the last word only with something after it. */
const TAIL = new Float32Array(0.4 * EAR_RATE);

const port = parentPort;
if (port === null) throw new Error('worker.js runs in a worker thread only');
const answer = (message: SherpaAnswer) => port.postMessage(message);
const streams = new Map<number, Stream>();
let recognizer: Recognizer | undefined;
let online = false;

async function load({ module, model }: Extract<SherpaOrder, { do: 'load' }>): Promise<void> {
  let sherpa: Sherpa;
  try {
    const found = (await import(module)) as { default?: Sherpa } & Sherpa;
    sherpa = found.default ?? found;
  } catch (error) {
    answer({ said: 'broken', missing: true, message: (error as Error).message });
    return;
  }
  try {
    online = model.kind === 'online';
    const Made = online ? sherpa.OnlineRecognizer : sherpa.OfflineRecognizer;
    const featConfig = { sampleRate: EAR_RATE, featureDim: 80 };
    recognizer = new Made({ featConfig, modelConfig: model.modelConfig });
    answer({ said: 'ready' });
  } catch (error) {
    answer({ said: 'broken', missing: false, message: (error as Error).message });
  }
}

function hear(recognizer: Recognizer, turn: number, samples: Float32Array): Stream {
  const stream = streams.get(turn) ?? recognizer.createStream();
  streams.set(turn, stream);
  stream.acceptWaveform({ sampleRate: EAR_RATE, samples });
  if (online) while (recognizer.isReady?.(stream)) recognizer.decode(stream);
  return stream;
}

function end(recognizer: Recognizer, turn: number): string {
  if (!streams.has(turn)) return '';
  const stream = online ? hear(recognizer, turn, TAIL) : (streams.get(turn) as Stream);
  stream.inputFinished?.();
  if (online) while (recognizer.isReady?.(stream)) recognizer.decode(stream);
  else recognizer.decode(stream);
  streams.delete(turn);
  return recognizer.getResult(stream).text.trim();
}

let loading: Promise<void> = Promise.resolve();
port.on('message', (order: SherpaOrder) => {
  if (order.do === 'load') loading = load(order);
  else void loading.then(() => recognizer && work(recognizer, order));
});

function work(recognizer: Recognizer, order: Exclude<SherpaOrder, { do: 'load' }>): void {
  const { turn } = order;
  if (order.do === 'drop') streams.delete(turn);
  else if (order.do === 'end') answer({ said: 'final', turn, text: end(recognizer, turn) });
  else {
    const stream = hear(recognizer, turn, order.samples);
    const text = online ? recognizer.getResult(stream).text.trim() : '';
    if (text !== '') answer({ said: 'partial', turn, text });
  }
}
