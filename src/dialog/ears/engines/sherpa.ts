/**
 * Recognition on this machine by sherpa-onnx: streaming zipformer (words while one speaks), SenseVoice or Whisper (at the end of a turn).
 *
 * The package `sherpa-onnx-node` is not part of an installation: it is loaded when this recogniser is asked for. Settings: `model`, the folder
 * that a model was unpacked to; `language`. Runs in a process of its own, one per model.
 */
import { resolve } from 'node:path';
import { TalkError } from '../../../element/error.js';
import {
  type RecogniseRequest,
  Recogniser,
  type RecogniserInfo,
  type RecogniserSettings,
} from '../recogniser.js';
import { sherpaModel } from '../sherpa/files.js';
import { SherpaHost } from '../sherpa/host.js';

export default class SherpaRecogniser extends Recogniser {
  readonly info: RecogniserInfo = {
    name: 'sherpa',
    longName: 'sherpa-onnx',
    description: 'On this machine, with a downloaded model: streaming zipformer, SenseVoice, Whisper',
    streaming: true,
    environment: ['SHERPA_MODEL'],
  };

  readonly #module: string;
  readonly #hosts = new Map<string, SherpaHost>();

  /** @param module what is imported, for tests */
  constructor(module = 'sherpa-onnx-node') {
    super();
    this.#module = module;
  }

  override async check(settings: RecogniserSettings): Promise<void> {
    await this.#host(settings).ready();
  }

  async recognise({ sound, settings, signal, partial }: RecogniseRequest): Promise<string> {
    return await this.#host(settings).hear(sound, partial, signal);
  }

  override async close(): Promise<void> {
    const hosts = [...this.#hosts.values()];
    this.#hosts.clear();
    await Promise.all(hosts.map((host) => host.close()));
  }

  #host({ model = '', language = '' }: RecogniserSettings): SherpaHost {
    const given = model || process.env['SHERPA_MODEL'] || '';
    if (given === '') {
      throw new TalkError(
        'resource/settings',
        'Expected the folder of a model of sherpa-onnx as model or SHERPA_MODEL.',
      );
    }
    const folder = resolve(given);
    const key = `${folder} ${language}`;
    const host = this.#hosts.get(key) ?? new SherpaHost(this.#module, () => sherpaModel(folder, language));
    this.#hosts.set(key, host);
    return host;
  }
}
