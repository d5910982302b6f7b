/**
 * Neural voices on this machine by sherpa-onnx: VITS and Piper, Matcha, Kokoro, Kitten.
 *
 * The package `sherpa-onnx-node` is not part of an installation: it is loaded when this voice is asked for. A name is the number of a
 * speaker of the model, `sherpa/0`. Each sentence is made whole: the library's progress calls come once for a sentence.
 * https://k2-fsa.github.io/sherpa/onnx/tts/index.html
 */
import { resolve } from 'node:path';
import { TalkError } from '../../element/error.js';
import {
  type EngineInfo,
  type SpeechPiece,
  type SynthesisRequest,
  VoiceEngine,
  type VoiceInfo,
} from '../engine.js';
import { readSettings } from '../options.js';
import { voiceModel } from '../sherpa/files.js';
import { VoiceHost } from '../sherpa/host.js';

const OPTIONS = {
  model: {
    type: 'file',
    blurb: 'the folder that a voice was unpacked to',
    environment: ['SHERPA_TTS_MODEL'],
    needed: true,
  },
  speed: { type: 'number', blurb: 'speed, 1 as usual', min: 0.25, max: 4, default: 1 },
} as const;

/** Models held at once: each has hundreds of megabytes. */
const MODELS = 4;

export default class SherpaEngine extends VoiceEngine {
  readonly info = {
    name: 'sherpa',
    longName: 'sherpa-onnx',
    description: 'Neural voices on this machine, with a downloaded model: Piper, Matcha, Kokoro',
    defaultVoice: '0',
    text: 'sentences',
    streaming: false,
    marks: [],
    repeatable: false,
    // It is made whole before it is heard, one sentence at a time, by a process whose host looks at the clock.
    watchesItself: true,
    options: OPTIONS,
  } as const satisfies EngineInfo;

  readonly #module: string;
  readonly #hosts = new Map<string, Promise<VoiceHost>>();

  /** @param module what is imported, for tests */
  constructor(module = 'sherpa-onnx-node') {
    super();
    this.#module = module;
  }

  async voices(): Promise<readonly VoiceInfo[]> {
    const { defaultVoice: name } = this.info;
    return [{ name, language: 'mul', description: 'The first speaker of the model; others by number' }];
  }

  /** Any number: how many there are the model tells when it is loaded. */
  override async accepts(voice: string): Promise<boolean> {
    return /^\d{1,5}$/.test(voice);
  }

  async *synthesize(request: SynthesisRequest): AsyncGenerator<SpeechPiece, void, undefined> {
    const { text, voice = this.info.defaultVoice, utterance: owner = 0, signal, options } = request;
    const { model, speed } = readSettings(this.name, OPTIONS, options);
    const host = await this.#host(resolve(model));
    const sound = await host.say({ owner, text, speaker: Number(voice), speed, signal });
    if (sound !== undefined && sound.samples.length > 0) yield sound;
  }

  /** Loads the model that the environment names: it takes seconds. */
  override async warm(): Promise<void> {
    if (this.lacks() !== undefined) return;
    (await this.#host(resolve(readSettings(this.name, OPTIONS).model))).warm();
  }

  override async close(): Promise<void> {
    const hosts = [...this.#hosts.values()];
    this.#hosts.clear();
    await Promise.allSettled(hosts.map(async (host) => (await host).close()));
  }

  #host(folder: string): Promise<VoiceHost> {
    const known = this.#hosts.get(folder);
    if (known !== undefined) return known;
    if (this.#hosts.size >= MODELS)
      throw new TalkError('resource/quota', `Expected at most ${MODELS} models of the voice sherpa at once.`);
    const host = voiceModel(folder).then((model) => new VoiceHost(this.#module, model));
    this.#hosts.set(folder, host);
    host.catch(() => this.#hosts.delete(folder));
    return host;
  }
}
