import { randomUUID } from 'node:crypto';
import type { Draft, Drafts, Frame } from '../element/index.js';
import type { Interruptions } from './interruptions.js';

/** A listener's turn: what the meta `TalkgraphTurn` of its buffer says (docs/conversation.md). */
export interface Turn {
  /** Of its answer. */
  readonly id: string;
  readonly voice: string;
  /** JSON; empty: none. */
  readonly wish: string;
  /** It was said before a cut that is known. */
  readonly old: boolean;
  /** It may be dropped. */
  readonly draft: Draft | undefined;
  /** Of a draft: its answer waits with whoever asks for it. */
  readonly held: boolean;
  /** Running time at which it will be known whether a draft counts; 0: nobody says. */
  readonly due: number;
}

/** Reads it; a buffer without a meta is a turn, too. Call it when the cut that it names has been taken. */
export function readTurn({ metas }: Frame, interruptions: Interruptions, drafts: Drafts): Turn {
  const { id, voice, cut, by, draft, due, wish } = metas?.['TalkgraphTurn'] ?? {};
  return {
    id: String(id || randomUUID()),
    voice: String(voice ?? ''),
    wish: String(wish ?? ''),
    old: interruptions.isOld(String(cut ?? ''), String(by ?? '')),
    draft: draft && id ? drafts.of(String(id)) : undefined,
    held: draft === 'llm',
    due: Number(due ?? 0),
  };
}
