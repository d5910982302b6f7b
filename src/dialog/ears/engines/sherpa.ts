/**
 * Recognition on this machine by sherpa-onnx: streaming zipformer (words while one speaks), SenseVoice or Whisper (at the end of a turn).
 *
 * The package `sherpa-onnx-node` is not part of an installation: it is loaded when this recogniser is asked for. Settings: `model`, the folder
 * that a model was unpacked to; `language`. Runs in a thread of its own, one per model.
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
  readonly #hosts = new Map<string, Promise<SherpaHost>>();

  /** @param module what is imported, for tests */
  constructor(module = 'sherpa-onnx-node') {
    super();
    this.#module = module;
  }

  override async check(settings: RecogniserSettings): Promise<void> {
    await this.#host(settings);
  }

  async recognise({ sound, settings, signal, partial }: RecogniseRequest): Promise<string> {
    const host = await this.#host(settings);
    return await host.hear(sound, partial, signal);
  }

  override async close(): Promise<void> {
    const hosts = [...this.#hosts.values()];
    this.#hosts.clear();
    await Promise.allSettled(hosts.map(async (host) => (await host).close()));
  }

  async #host({ model = '', language = '' }: RecogniserSettings): Promise<SherpaHost> {
    const folder = model || process.env['SHERPA_MODEL'] || '';
    if (folder === '') {
      throw new TalkError(
        'resource/settings',
        'Expected the folder of a model of sherpa-onnx as model or SHERPA_MODEL.',
      );
    }
    const key = `${resolve(folder)} ${language}`;
    const known = this.#hosts.get(key);
    const opening = known ?? this.#open(resolve(folder), language);
    if (known === undefined) this.#hosts.set(key, opening);
    const forget = () => this.#hosts.get(key) === opening && this.#hosts.delete(key);
    const host = await opening.catch((error: unknown) => {
      forget();
      throw error;
    });
    if (!host.dead) return host;
    forget();
    return await this.#host({ model, language });
  }

  async #open(folder: string, language: string): Promise<SherpaHost> {
    const host = new SherpaHost(this.#module, await sherpaModel(folder, language));
    try {
      await host.ready;
      return host;
    } catch (error) {
      await host.close();
      throw error;
    }
  }
}
