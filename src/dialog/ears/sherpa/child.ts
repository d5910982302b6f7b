/**
 * The process in which sherpa-onnx hears: its calls hold the thread that makes them, for as long as it computes.
 *
 * The package has no types of its own; what is used of it is written down here.
 */
import { serve, tell } from '../../../sherpa/serve.js';
import { EAR_RATE } from '../detector.js';
import type { SherpaModel } from './files.js';
import type { HearAnswer, HearOrder } from './protocol.js';

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

const answer = (message: HearAnswer): void => tell(message);
const streams = new Map<number, Stream>();
let recognizer: Recognizer;
let online = false;

function load(sherpa: Sherpa, { kind, modelConfig }: SherpaModel): null {
  online = kind === 'online';
  const Made = online ? sherpa.OnlineRecognizer : sherpa.OfflineRecognizer;
  recognizer = new Made({ featConfig: { sampleRate: EAR_RATE, featureDim: 80 }, modelConfig });
  return null;
}

function hear(turn: number, samples: Float32Array): Stream {
  const stream = streams.get(turn) ?? recognizer.createStream();
  streams.set(turn, stream);
  stream.acceptWaveform({ sampleRate: EAR_RATE, samples });
  if (online) while (recognizer.isReady?.(stream)) recognizer.decode(stream);
  return stream;
}

function end(turn: number): string {
  if (!streams.has(turn)) return '';
  const stream = online ? hear(turn, TAIL) : (streams.get(turn) as Stream);
  stream.inputFinished?.();
  if (online) while (recognizer.isReady?.(stream)) recognizer.decode(stream);
  else recognizer.decode(stream);
  streams.delete(turn);
  return recognizer.getResult(stream).text.trim();
}

function work(order: HearOrder): void {
  const { turn } = order;
  if (order.do === 'drop') {
    streams.delete(turn);
    answer({ said: 'dropped', turn });
  } else if (order.do === 'end') answer({ said: 'final', turn, text: end(turn) });
  else {
    const stream = hear(
      turn,
      Float32Array.from(order.samples, (sample) => sample / 32768),
    );
    const text = online ? recognizer.getResult(stream).text.trim() : '';
    if (text !== '') answer({ said: 'partial', turn, text });
  }
}

serve<Sherpa, SherpaModel, null, HearOrder>({
  load,
  work: (order) => {
    try {
      work(order);
    } catch (error) {
      streams.delete(order.turn);
      answer({ said: 'failed', turn: order.turn, message: (error as Error).message });
    }
  },
});
