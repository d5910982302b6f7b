/**
 * The process in which sherpa-onnx speaks.
 *
 * A process and no thread: where a model is broken, or a text has no sign that it knows, the library ends the process it runs in (seen with
 * 1.13.8: a segmentation fault). The package is CommonJS with no types of its own; what is used of it is written down here.
 */
import type { VoiceAnswer, VoiceOrder } from './protocol.js';

interface OfflineTts {
  readonly numSpeakers: number;
  generate(request: {
    text: string;
    sid: number;
    speed: number;
    /** False: the samples are copied into the heap of JavaScript. */
    enableExternalBuffer: boolean;
  }): { samples: Float32Array; sampleRate: number };
}

interface Sherpa {
  OfflineTts: new (config: unknown) => OfflineTts;
}

const answer = (message: VoiceAnswer): void => {
  process.send?.(message);
};
let tts: OfflineTts | undefined;

async function load({ module, config }: Extract<VoiceOrder, { do: 'load' }>): Promise<void> {
  let sherpa: Sherpa;
  try {
    const found = (await import(module)) as { default?: Sherpa } & Sherpa;
    sherpa = found.default ?? found;
  } catch (error) {
    answer({ said: 'broken', missing: true, message: (error as Error).message });
    return;
  }
  try {
    tts = new sherpa.OfflineTts(config);
    answer({ said: 'ready', speakers: tts.numSpeakers });
  } catch (error) {
    answer({ said: 'broken', missing: false, message: (error as Error).message });
  }
}

function say({ id, text, speaker, speed }: Extract<VoiceOrder, { do: 'say' }>): void {
  try {
    const made = tts?.generate({ text, sid: speaker, speed, enableExternalBuffer: false });
    if (made === undefined) throw new Error('there is no model');
    const samples = Int16Array.from(made.samples, (value) =>
      Math.max(-32768, Math.min(32767, Math.round(value * 32767))),
    );
    answer({ said: 'sound', id, samples, rate: made.sampleRate });
  } catch (error) {
    answer({ said: 'failed', id, message: (error as Error).message });
  }
}

process.on('message', (order: VoiceOrder) => {
  if (order.do === 'load') void load(order);
  else say(order);
});
// Whoever started it has gone.
process.on('disconnect', () => process.exit(0));
