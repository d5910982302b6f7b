/** Which of sherpa-onnx's models lies in a folder, told by the names of its files, as its own downloads have them. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { TalkError } from '../../../element/error.js';

/** What sherpa-onnx-node is configured with. */
export interface SherpaModel {
  /** `online` hears as one speaks, `offline` the whole turn at its end. */
  readonly kind: 'online' | 'offline';
  readonly modelConfig: Readonly<Record<string, unknown>>;
}

/**
 * Streaming zipformer (encoder, decoder, joiner), Whisper (encoder, decoder) or SenseVoice (one file), each with its tokens.
 * @throws TalkError resource/not-found
 */
export async function sherpaModel(folder: string, language = ''): Promise<SherpaModel> {
  const files = await readdir(folder).catch(() => {
    throw missing(folder, 'there is no such folder');
  });
  // Of two precisions the quick one.
  const sorted = files.filter((name) => name.endsWith('.onnx')).sort((a, b) => weight(a) - weight(b));
  const find = (pattern: RegExp) => {
    const name = sorted.find((one) => pattern.test(one));
    return name === undefined ? undefined : join(folder, name);
  };
  const tokens = files.find((name) => /tokens\.txt$/.test(name));
  if (tokens === undefined) throw missing(folder, 'it has no tokens.txt');
  const common = { tokens: join(folder, tokens), numThreads: 1, provider: 'cpu', debug: 0 };
  const [encoder, decoder, joiner] = [find(/encoder/), find(/decoder/), find(/joiner/)];
  if (encoder && decoder && joiner) {
    return { kind: 'online', modelConfig: { transducer: { encoder, decoder, joiner }, ...common } };
  }
  if (encoder && decoder) {
    const whisper = { encoder, decoder, language, task: 'transcribe', tailPaddings: -1 };
    return { kind: 'offline', modelConfig: { whisper, ...common } };
  }
  const model = find(/^model/);
  if (model === undefined) throw missing(folder, 'it has none of their ONNX files');
  const senseVoice = { model, language, useInverseTextNormalization: 1 };
  return { kind: 'offline', modelConfig: { senseVoice, ...common } };
}

const weight = (name: string): number => (name.includes('int8') ? 0 : 1);

function missing(folder: string, why: string): TalkError {
  return new TalkError(
    'resource/not-found',
    `Expected a folder with a streaming zipformer, Whisper or SenseVoice of sherpa-onnx as model but ${why}: ${folder}. They are at https://github.com/k2-fsa/sherpa-onnx/releases/tag/asr-models.`,
    { details: { model: folder } },
  );
}
