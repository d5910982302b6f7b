/** Whom the errors of a voice speak of; what a refusal means is said for all services in the room `service`. */
import type { Party as Anybody } from '../../service/refusal.js';

export { broken, hidden, quote, refused, wrongType } from '../../service/refusal.js';

export interface Party extends Anybody {
  /** Name of the voice engine. */
  readonly engine: string;
}
