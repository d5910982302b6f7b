/** The process in which sherpa-onnx speaks. The package has no types of its own; what is used of it is written down here. */
import { serve, tell } from '../../sherpa/serve.js';
import type { VoiceAnswer, VoiceFacts, VoiceOrder } from './protocol.js';

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

const answer = (message: VoiceAnswer): void => tell(message);
let tts: OfflineTts | undefined;

function say({ id, text, speaker, speed }: VoiceOrder): void {
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

serve<Sherpa, unknown, VoiceFacts, VoiceOrder>({
  load: (sherpa, config) => {
    tts = new sherpa.OfflineTts(config);
    return { speakers: tts.numSpeakers };
  },
  work: say,
});
