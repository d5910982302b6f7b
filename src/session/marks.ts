/** In-band marks, as the graph's out end posts them when they are heard, read as session events. */
import type { SessionEvent } from '../server/contract/events.js';

/** A mark as the pipeline reports it. */
export interface PostedMark {
  readonly name: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const number = (value: unknown): number => (typeof value === 'number' ? value : Number(value ?? 0));

/** The event a mark stands for; undefined for marks that concern only the graph itself. */
export function toEvent(session: string, { name, fields }: PostedMark): SessionEvent | undefined {
  const id = text(fields['id']);
  const base = { session, pts: number(fields['pts']), ...(id === '' ? {} : { id }) };
  switch (name) {
    case 'utterance-start':
      return { ...base, type: 'speech.start', text: text(fields['text']) };
    case 'utterance-end':
      return { ...base, type: 'speech.end' };
    case 'sentence':
    case 'word':
      return { ...base, type: name, text: text(fields['text']) };
    case 'clip':
      return { ...base, type: 'clip', name: text(fields['name']) };
    case 'interrupted':
      return {
        ...base,
        type: 'interrupted',
        heardMs: number(fields['heard-ms']),
        heard: text(fields['heard']),
      };
    case 'transcript.partial':
    case 'transcript.final':
      return { ...base, type: name, turn: number(fields['turn']), text: text(fields['text']).trim() };
    case 'turn-start':
    case 'turn-end':
      return {
        ...base,
        type: 'turn',
        turn: number(fields['turn']),
        state: name === 'turn-end' ? 'end' : 'start',
      };
    case 'turn-nothing':
      return {
        ...base,
        type: 'turn',
        turn: number(fields['turn']),
        state: 'nothing',
        why: text(fields['why']),
      };
    case 'asr-failed':
      if (fields['again'] === true) return { ...base, type: 'warning', ...trouble(fields) };
      return { ...base, type: 'error', ...trouble(fields), retryable: fields['retryable'] === true };
    case 'speech-failed':
    case 'answer-failed':
      return { ...base, type: 'error', ...trouble(fields), retryable: fields['retryable'] === true };
    case 'model':
      if (fields['refused'] === undefined) return undefined;
      return { ...base, type: 'warning', code: 'resource/settings', message: text(fields['message']) };
    case 'speech-incomplete':
    case 'voice-fallback':
      return { ...base, type: 'warning', ...trouble(fields) };
    case 'tool':
      return { ...base, type: 'tool', name: text(fields['name']), status: status(fields['status']) };
    case 'answer-incomplete':
      return { ...base, type: 'warning', code: 'stream/failed', message: incomplete(text(fields['reason'])) };
    default:
      return undefined;
  }
}

function status(value: unknown): 'called' | 'done' | 'failed' {
  return value === 'called' || value === 'done' ? value : 'failed';
}
const trouble = (fields: PostedMark['fields']) => ({
  code: text(fields['code']),
  message: text(fields['message']),
});

/** Why an answer ended before its end. */
function incomplete(reason: string): string {
  return reason === 'length'
    ? 'The answer became too long and was left where it is.'
    : 'The language model does not say more about that.';
}
