/**
 * What a session tells the world. One union for SSE, WebSocket, data channel and bus messages; in-band marks of the
 * graph have the same names. Times are media time in nanoseconds since the session's graph began to play.
 */
interface Base {
  readonly session: string;
  /** Utterance the event belongs to. */
  readonly id?: string;
  readonly pts: number;
}

export type SessionState = 'starting' | 'running' | 'ending' | 'ended';

export type SessionEvent =
  | (Base & { readonly type: 'speech.start'; readonly text: string })
  | (Base & { readonly type: 'speech.end' })
  | (Base & { readonly type: 'sentence'; readonly text: string })
  | (Base & { readonly type: 'word'; readonly text: string })
  | (Base & { readonly type: 'clip'; readonly name: string })
  | (Base & {
      readonly type: 'tool';
      readonly name: string;
      readonly status: 'called' | 'done' | 'failed';
    })
  /** What is understood so far of what somebody says, or of all of it: `id` is what its answer is called. */
  | (Base & {
      readonly type: 'transcript.partial' | 'transcript.final';
      /** Counts the turns of whoever speaks. */
      readonly turn: number;
      readonly text: string;
    })
  /** Somebody's turn began or is over; or it was none after all: too short, without a word, a "mhm", or our own voice. */
  | (Base & {
      readonly type: 'turn';
      readonly turn: number;
      readonly state: 'start' | 'end' | 'nothing';
      readonly why?: string;
    })
  | (Base & { readonly type: 'interrupted'; readonly heardMs: number; readonly heard: string })
  | (Base & {
      readonly type: 'error';
      readonly code: string;
      readonly message: string;
      readonly retryable: boolean;
    })
  | (Base & { readonly type: 'warning'; readonly code: string; readonly message: string })
  | (Base & { readonly type: 'state'; readonly state: SessionState; readonly reason?: string });

/** A line of LiveTalking's `/sse`: the body of one `data:` line. */
export type LiveTalkingEvent =
  | { status: 'start' | 'end'; text?: string; tts?: Readonly<Record<string, unknown>> }
  | { status: 'sentence'; text: string }
  | { status: 'interrupted'; heard: number; text: string }
  | { status: 'transcript'; text: string; final: boolean }
  | { status: 'turn'; state: 'start' | 'end' | 'nothing'; why?: string }
  | { status: 'error' | 'warning'; message: string };
