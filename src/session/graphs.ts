/** Which graph sessions are made of, and with what, when nobody names one. */
import { chatServer } from '../dialog/llm/server.js';
import type { SessionSettings } from './session.js';

/** What was said about the language model; empty counts as unsaid. */
export interface ModelSettings {
  readonly url?: string | undefined;
  readonly model?: string | undefined;
  readonly prompt?: string | undefined;
}

/**
 * One that only speaks, or one that answers as well, where settings or environment name a language model. Throws resource/settings
 * for an address that is none and a model without a name.
 */
export function usualGraph({ url = '', model = '', prompt = '' }: ModelSettings = {}): SessionSettings {
  if (chatServer({ url, model }) === undefined) return { graph: 'webrtc.yaml', parameters: {} };
  return {
    graph: 'conversation.yaml',
    parameters: {
      ...(url !== '' && { 'llm-url': url }),
      ...(model !== '' && { 'llm-model': model }),
      ...(prompt !== '' && { 'system-prompt': prompt }),
    },
  };
}
