/**
 * Which language model answers: any server of OpenAI's `/v1/chat/completions`, from settings and the environment.
 *
 * A key goes to the server it was given for and to no other: `DASHSCOPE_API_KEY` to DashScope, `OPENAI_API_KEY` to OpenAI,
 * `LLM_API_KEY` to the address that was set.
 */
import { TalkError } from '../../element/error.js';

/** Where to ask. */
export interface ChatServer {
  /** Base address: `/chat/completions` is added. Without a slash at its end. */
  readonly url: string;
  readonly model: string;
  /** Absent where the server wants none (Ollama, vLLM). */
  readonly key?: string;
  /** Environment variables that hold the key, for the advice. */
  readonly keyNames: readonly string[];
  /** What the server calls the longest answer. */
  readonly lengthField: 'max_tokens' | 'max_completion_tokens';
}

/** What was said about the server besides the environment; empty counts as unsaid. */
export interface ChatServerSettings {
  readonly url?: string;
  readonly model?: string;
}

interface Known {
  readonly url: string;
  readonly keyName: string;
  readonly model: string;
  readonly lengthField: ChatServer['lengthField'];
}

/** Services whose address follows from the name of their key; the first one whose key is there is asked. */
const SERVICES: readonly Known[] = [
  {
    url: 'https://dashscope.aliyuncs.com/compatible-mode/v1',
    keyName: 'DASHSCOPE_API_KEY',
    model: 'qwen-plus',
    lengthField: 'max_tokens',
  },
  {
    url: 'https://api.openai.com/v1',
    keyName: 'OPENAI_API_KEY',
    model: 'gpt-4o-mini',
    lengthField: 'max_completion_tokens',
  },
];

type Environment = Readonly<Record<string, string | undefined>>;

/** The server to ask; undefined when nothing says which. Throws resource/settings for an address or a model that cannot be. */
export function chatServer(
  settings: ChatServerSettings = {},
  env: Environment = process.env,
): ChatServer | undefined {
  const said = settings.url || env['LLM_BASE_URL'] || '';
  const service =
    said === ''
      ? SERVICES.find(({ keyName }) => env[keyName])
      : SERVICES.find(({ url }) => sameHost(url, said));
  const url = said === '' ? service?.url : checked(said);
  if (url === undefined) return undefined;
  const model = settings.model || env['LLM_MODEL'] || service?.model;
  if (model === undefined) {
    throw new TalkError(
      'resource/settings',
      `Expected the name of a model for ${host(url)}: set LLM_MODEL, or llm-model.`,
    );
  }
  const key = (service && env[service.keyName]) || (said === '' ? undefined : env['LLM_API_KEY']);
  const keyNames = [...(service ? [service.keyName] : []), ...(said === '' ? [] : ['LLM_API_KEY'])];
  return { url, model, keyNames, lengthField: service?.lengthField ?? 'max_tokens', ...(key && { key }) };
}

/** The part of an address that may be shown: it carries no key. */
export function host(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'the address that was set';
}

function sameHost(url: string, said: string): boolean {
  return URL.canParse(said) && new URL(said).host === new URL(url).host;
}

function checked(said: string): string {
  const url = URL.canParse(said) ? new URL(said) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '') {
    throw new TalkError(
      'resource/settings',
      'Expected the base address of a chat server, like http://127.0.0.1:11434/v1, for llm-url (or LLM_BASE_URL).',
    );
  }
  return said.replace(/\/+$/, '').replace(/\/chat\/completions$/, '');
}
