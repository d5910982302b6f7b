/** Which of sherpa-onnx's voices lies in a folder, told by the names of its files, as its own downloads have them. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { TalkError } from '../../element/error.js';

/** What an `OfflineTts` of sherpa-onnx-node is made with. */
export interface VoiceModel {
  readonly family: 'vits' | 'matcha' | 'kokoro' | 'kitten';
  readonly config: Readonly<Record<string, unknown>>;
}

/** Rules that write out dates and numbers; how they are said in Chinese last. */
const RULES = /\.fst$/;

/**
 * VITS and Piper (one net), Matcha (a net and a vocoder), Kokoro and Kitten (a net and `voices.bin`), each with its tokens.
 * @throws TalkError resource/not-found
 */
export async function voiceModel(folder: string): Promise<VoiceModel> {
  const files = await readdir(folder).catch(() => {
    throw missing(folder, 'there is no such folder');
  });
  files.sort();
  const at = (name: string | undefined): string | undefined =>
    name === undefined ? undefined : join(folder, name);
  const tokens = at(files.find((name) => /tokens\.txt$/.test(name)));
  if (tokens === undefined) throw missing(folder, 'it has no tokens.txt');
  // Of two precisions the quick one.
  const nets = files.filter((name) => name.endsWith('.onnx'));
  nets.sort((a, b) => Number(b.includes('int8')) - Number(a.includes('int8')));
  const vocoder = at(nets.find((name) => /vocos|hifigan|vocoder/i.test(name)));
  const model = at(nets.find((name) => !/vocos|hifigan|vocoder/i.test(name)));
  if (model === undefined) throw missing(folder, 'it has none of their ONNX files');
  const voices = at(files.find((name) => name === 'voices.bin'));
  const lexicon = files.filter((name) => /^lexicon.*\.txt$/.test(name)).map((name) => join(folder, name));
  const dataDir = at(files.find((name) => name === 'espeak-ng-data'));
  const common = {
    tokens,
    ...(dataDir !== undefined && { dataDir }),
    ...(lexicon.length > 0 && { lexicon: lexicon.join(',') }),
  };
  const family =
    voices !== undefined
      ? /kitten/i.test(folder)
        ? 'kitten'
        : 'kokoro'
      : vocoder !== undefined
        ? 'matcha'
        : 'vits';
  const net =
    family === 'matcha'
      ? { acousticModel: model, vocoder, ...common }
      : { model, ...(voices !== undefined && { voices }), ...common };
  const rules = files.filter((name) => RULES.test(name)).map((name) => join(folder, name));
  return {
    family,
    config: {
      model: { [family]: net, numThreads: 1, provider: 'cpu', debug: 0 },
      maxNumSentences: 1,
      ...(rules.length > 0 && { ruleFsts: rules.join(',') }),
    },
  };
}

function missing(folder: string, why: string): TalkError {
  return new TalkError(
    'resource/not-found',
    `Expected a folder with a VITS, Piper, Matcha, Kokoro or Kitten voice of sherpa-onnx as model but ${why}: ${folder}. They are at https://github.com/k2-fsa/sherpa-onnx/releases/tag/tts-models.`,
    { details: { model: folder } },
  );
}
