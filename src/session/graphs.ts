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

/**
 * One that only speaks, or one that answers as well, where settings or environment name a language model; `graph`, if it is named, and
 * with all of them in any case. Throws resource/settings for an address that is none, a model without a name, and settings of a model
 * that nobody names.
 */
export function usualGraph(settings: ModelSettings = {}, graph?: string): SessionSettings {
  const { url = '', model = '', prompt = '', temperature, tools = '' } = settings;
  const parameters = {
    ...(url !== '' && { 'llm-url': url }),
    ...(model !== '' && { 'llm-model': model }),
    ...(prompt !== '' && { 'system-prompt': prompt }),
    ...(temperature !== undefined && { temperature }),
    ...(tools !== '' && { tools }),
  };
  if (graph !== undefined) return { graph, parameters };
  if (chatServer({ url, model }) !== undefined) return { graph: 'conversation.yaml', parameters };
  const names = Object.keys(parameters);
  if (names.length > 0) {
    throw new TalkError(
      'resource/settings',
      `Expected a language model for ${names.join(', ')}: set llm-url and llm-model, or LLM_BASE_URL and LLM_MODEL, DASHSCOPE_API_KEY or OPENAI_API_KEY.`,
    );
  }
  return { graph: 'webrtc.yaml', parameters };
}
