/**
 * A net with the inputs, the output and the metadata of a VITS of sherpa-onnx, small enough to be written here: every letter is a tone
 * of a tenth of a second, higher for each speaker, longer where it is told to speak slowly. It has no weights to be had from anywhere.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { constant, model, node } from './onnx.js';

export const STANDIN_RATE = 22_050;
/** Samples of a letter at speed 1. */
export const LETTER = 2205;
const SPEAKERS = 3;

/** Writes the model and its letters, with `more` of them, into a folder, under the names that sherpa-onnx's downloads have. */
export function standInVoice(folder: string, more = ''): string {
  mkdirSync(folder, { recursive: true });
  const net = model({
    nodes: [
      // One value for each letter, all the same: [1, letters, 1].
      node('Cast', ['x'], 'letters', { to: 1 }),
      node('Mul', ['letters', 'zero'], 'nothing'),
      node('Add', ['nothing', 'half'], 'loud'),
      node('Unsqueeze', ['loud', 'last'], 'levels'),
      // A tone as long as one letter: sin(w (1 + speaker) n).
      node('Mul', ['length_scale', 'letter'], 'long'),
      node('Squeeze', ['long'], 'count'),
      node('Range', ['from', 'count', 'step'], 'places'),
      node('Cast', ['sid'], 'speaker', { to: 1 }),
      node('Add', ['speaker', 'one'], 'height'),
      node('Mul', ['height', 'omega'], 'turn'),
      node('Mul', ['places', 'turn'], 'angles'),
      node('Sin', ['angles'], 'tone'),
      node('Mul', ['levels', 'tone'], 'spoken'),
      node('Reshape', ['spoken', 'flat'], 'y'),
    ],
    constants: [
      constant('zero', [1], [0]),
      constant('half', [1], [0.5]),
      constant('one', [1], [1]),
      constant('last', [1], [2], 'int64'),
      constant('letter', [1], [LETTER]),
      constant('from', [], [0]),
      constant('step', [], [1]),
      constant('omega', [1], [(2 * Math.PI * 200) / STANDIN_RATE]),
      constant('flat', [3], [1, 1, -1], 'int64'),
    ],
    inputs: {
      x: { type: 'int64', dims: [1, 'letters'] },
      x_length: { type: 'int64', dims: [1] },
      noise_scale: { type: 'float', dims: [1] },
      length_scale: { type: 'float', dims: [1] },
      noise_scale_w: { type: 'float', dims: [1] },
      sid: { type: 'int64', dims: [1] },
    },
    outputs: { y: { type: 'float', dims: [1, 1, 'samples'] } },
    metadata: {
      model_type: 'vits',
      comment: 'standin',
      language: 'English',
      frontend: 'characters',
      sample_rate: `${STANDIN_RATE}`,
      n_speakers: `${SPEAKERS}`,
      add_blank: '0',
      punctuation: '. , ! ?',
      bos_id: '0',
      eos_id: '0',
      blank_id: '0',
      use_eos_bos: '0',
      pad_id: '0',
    },
  });
  writeFileSync(join(folder, 'model.onnx'), net);
  const letters = [...new Set(`_ abcdefghijklmnopqrstuvwxyz0123456789.,!?'-${more}`)];
  writeFileSync(join(folder, 'tokens.txt'), letters.map((letter, n) => `${letter} ${n}\n`).join(''));
  return folder;
}
