/**
 * The audio visual encoder of SyncTalk and SyncTalk_2D: Wav2Lip's audio encoder, trained by itself. Its keys stand alone, or
 * behind `audio_encoder.`, as the class that loads them has them.
 */
import type { Keys } from './keys.js';
import type { EncoderNetwork } from './network.js';
import { floatInput } from './pixels.js';
import { AUDIO_96, block } from './wav2lip.js';

/** Numbers of what it makes of a window. */
const WIDTH = 512;

/** The audio visual encoder that has these keys, if it has. */
export function findAve(keys: Keys): EncoderNetwork | undefined {
  // With a face beside it, it is a whole Wav2Lip.
  if (keys.has('face_encoder_blocks.0.0.conv_block.0.weight')) return undefined;
  const last = AUDIO_96.split(' ').length - 1;
  const prefix = ['', 'audio_encoder.'].find(
    (one) =>
      keys.has(`${one}0.conv_block.0.weight`) &&
      keys.has(`${one}${last}.conv_block.0.weight`) &&
      keys.shape(`${one}${last}.conv_block.0.weight`)[0] === WIDTH,
  );
  if (prefix === undefined) return undefined;
  return {
    title: 'audio visual encoder',
    family: 'ave',
    licence: 'not stated in the file',
    inputs: { mel: [1, 80, 16] },
    outputs: { hidden: [WIDTH] },
    build: (g, all) => {
      const half = g.precision === 'float16';
      const { name } = block(g, all, floatInput(g, 'mel', [1, 80, 16]), prefix, AUDIO_96);
      const flat = half ? g.node('Flatten', [name], { axis: 1 }) : name;
      g.named('hidden', half ? 'Cast' : 'Flatten', [flat], half ? { to: 1 } : { axis: 1 });
      g.outputs.push({ name: 'hidden', type: 'float32', shape: [WIDTH] });
      all.end('the audio visual encoder');
    },
  };
}
