/** Which graph sessions are made of, and with what, when nobody names one. */
import { chatServer } from '../dialog/llm/server.js';
import { TalkError } from '../element/index.js';
import type { SessionSettings } from './session.js';

/** What was said about the language model; empty counts as unsaid. */
export interface ModelSettings {
  readonly url?: string | undefined;
  readonly model?: string | undefined;
  readonly prompt?: string | undefined;
  /** 0 to 2 */
  readonly temperature?: number | undefined;
  /** File of tools. */
  readonly tools?: string | undefined;
}

/** What was said about the speech recogniser; empty counts as unsaid. */
export interface RecogniserChoice {
  readonly engine?: string | undefined;
  readonly url?: string | undefined;
  readonly model?: string | undefined;
}

/**
 * One that only speaks; one that answers as well, where settings or environment name a language model; one that hears besides, where
 * they name a recogniser too: words that nobody answers are nothing to hear. `graph`, if it is named, and with all that was said in any
 * case. Throws resource/settings for an address that is none, a model without a name, and settings of a model that nobody names.
 */
export function usualGraph(
  settings: ModelSettings = {},
  ears: RecogniserChoice = {},
  graph?: string,
): SessionSettings {
  const { url = '', model = '', prompt = '', temperature, tools = '' } = settings;
  const answers = {
    ...said({ 'llm-url': url, 'llm-model': model, 'system-prompt': prompt, tools }),
    ...(temperature !== undefined && { temperature }),
  };
  const engine = ears.engine || process.env['TALKGRAPH_ASR'] || '';
  const hears = said({ 'asr-url': ears.url ?? '', 'asr-model': ears.model ?? '' });
  if (graph !== undefined)
    return { graph, parameters: { ...answers, ...said({ asr: ears.engine ?? '' }), ...hears } };
  if (chatServer({ url, model }) !== undefined) {
    return engine === ''
      ? { graph: 'chat.yaml', parameters: answers }
      : { graph: 'conversation.yaml', parameters: { ...answers, asr: engine, ...hears } };
  }
  const names = Object.keys(answers);
  if (names.length > 0) {
    throw new TalkError(
      'resource/settings',
      `Expected a language model for ${names.join(', ')}: set llm-url and llm-model, or LLM_BASE_URL and LLM_MODEL, DASHSCOPE_API_KEY or OPENAI_API_KEY.`,
    );
  }
  return { graph: 'webrtc.yaml', parameters: {} };
}

function said(values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''));
}
