/** The sentence a person reads when something went wrong; what is not ours to explain stays in the log. */
import { TalkError } from '../element/index.js';

export function sentence(error: unknown): string {
  return error instanceof TalkError
    ? error.message
    : 'Something went wrong inside the server; its log says more.';
}
