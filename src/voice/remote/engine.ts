/**
 * What all voices behind a service have in common: settings, a name for the voice, whom an error speaks of, a list of voices.
 *
 * HTTP services extend `HttpEngine`; others this, and open what they need in `synthesize`.
 */
import type { TalkError } from '../../element/error.js';
import {
  type EngineInfo,
  type RemoteInfo,
  type SynthesisRequest,
  VoiceEngine,
  type VoiceInfo,
} from '../engine.js';
import { type OptionInfo, type OptionInfos, readSettings, type Settings } from '../options.js';
import type { Party } from './refusal.js';

/** Every service has an address. */
export type RemoteOptions = OptionInfos & { readonly server: OptionInfo & { readonly type: 'address' } };

/** What a remote engine says of itself. */
export type RemoteEngineInfo<T extends RemoteOptions> = EngineInfo & {
  readonly options: T;
  readonly remote: RemoteInfo;
};

/** One sentence with everything that is known when it is asked for. */
export interface Ask<T extends RemoteOptions> extends SynthesisRequest {
  readonly settings: Settings<T>;
  /** The voice: the option `ref-file`, what stands behind the slash, or the engine's default. */
  readonly name: string;
  readonly party: Party;
}

/** ms a service is waited for when its voices are listed. */
const LIST_MS = 3000;

export abstract class RemoteEngine<T extends RemoteOptions> extends VoiceEngine {
  abstract override readonly info: RemoteEngineInfo<T>;

  /** What a service means that says no in a way of its own; undefined for the usual meaning of the status. */
  protected explain(_status: number, _body: string, _party: Party): TalkError | undefined {
    return undefined;
  }

  /** Where the service is. Throws TalkError `resource/settings` where that follows from something that is not set. */
  protected server(settings: Settings<T>): URL {
    return (settings as { readonly server: URL }).server;
  }

  /** Voices that are known without asking. */
  protected known(): readonly VoiceInfo[] {
    const { defaultVoice: name, description } = this.info;
    return [{ name, language: 'mul', description }];
  }

  /** Asks the service for its voices; undefined where it cannot tell. */
  protected list(_ask: Ask<T>): Promise<readonly VoiceInfo[] | undefined> {
    return Promise.resolve(undefined);
  }

  /** Those that are known, and those the service tells of when its address is set. Throws TalkError when it cannot be asked. */
  async voices(): Promise<readonly VoiceInfo[]> {
    if (this.lacks() !== undefined) return this.known();
    const signal = AbortSignal.timeout(LIST_MS);
    return (await this.list(this.ask({ text: '', signal }))) ?? this.known();
  }

  /** Any name: which there are is the service's affair, and told when it is asked to speak. */
  override async accepts(): Promise<boolean> {
    return true;
  }

  /** The request with its settings. Throws TalkError `resource/settings` for what is missing or wrong. */
  protected ask(request: SynthesisRequest): Ask<T> {
    const { options, defaultVoice } = this.info;
    const given = request.options ?? {};
    const settings = readSettings(this.name, options, given);
    const values = settings as Readonly<Record<string, unknown>>;
    const chosen = given['ref-file'] ?? given['ref_file'];
    const behind = request.voice === defaultVoice ? undefined : request.voice;
    const name = String(chosen || behind || values['ref-file'] || defaultVoice);
    const secrets = Object.entries(options).filter(([, { type }]) => type === 'secret');
    const hide = [...secrets.map(([key]) => values[key]), values['ref-text'], request.text];
    const party: Party = {
      engine: this.name,
      what: `the voice ${this.name}`,
      host: this.server(settings).host,
      hide: hide.filter((one): one is string => typeof one === 'string'),
      keys: secrets.flatMap(([, { environment = [] }]) => environment),
      explain: (status, body) => this.explain(status, body, party),
    };
    return { ...request, settings, name, party };
  }
}

/** An address below another one: `http://host/base` and `tts` are `http://host/base/tts`. */
export function below(server: URL, path: string): URL {
  const url = new URL(server);
  url.pathname = `${server.pathname.replace(/\/+$/, '')}/${path}`;
  return url;
}
