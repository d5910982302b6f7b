/** What a session can be asked to say. */
import type { Wish } from '../dialog/wish.js';

export interface Saying {
  readonly text: string;
  readonly voice?: string | undefined;
  readonly id?: string | undefined;
}

export interface Asking extends Saying {
  /** Silences the session first. */
  readonly interrupt?: boolean | undefined;
  /** Another conversation than the one that was held; the answer is told by `written` as well. */
  readonly wish?: Wish | undefined;
}
