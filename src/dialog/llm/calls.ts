/**
 * The calls of tools in an answer, put together from their pieces.
 *
 * `tool_calls` of a delta is a list of {index, id, function: {name, arguments}}: the first piece of a call has its id and name, those
 * behind it more of its arguments (https://platform.openai.com/docs/guides/function-calling, "Streaming"). Servers differ: some leave the index
 * out or number all of them 0, some repeat an empty id, some have no ids.
 */
import { z } from 'zod';
import { TalkError } from '../../element/error.js';

/** A call, as the model wants it. */
export interface ToolCall {
  readonly id: string;
  readonly name: string;
  /** JSON, if the model wrote some. */
  readonly args: string;
}

export const CallPieces = z.array(
  z.object({
    index: z.number().nullish(),
    id: z.string().nullish(),
    function: z.object({ name: z.string().nullish(), arguments: z.string().nullish() }).nullish(),
  }),
);
type Piece = z.infer<typeof CallPieces>[number];

/** Calls at once. */
const MOST = 16;
/** Characters of a call's arguments. */
const LONGEST = 64 << 10;

interface Open {
  readonly index: number | undefined;
  readonly id: string;
  name: string;
  args: string;
}

export class Calls {
  readonly #open: Open[] = [];

  /** @throws TalkError resource/quota for too many, or too long ones */
  take(pieces: readonly Piece[]): void {
    for (const piece of pieces) {
      const call = this.#belongsTo(piece) ?? this.#begin(piece);
      call.name ||= piece.function?.name ?? '';
      call.args += piece.function?.arguments ?? '';
      if (call.args.length > LONGEST) throw tooMuch(`arguments longer than ${LONGEST >> 10} KB`);
    }
  }

  get list(): readonly ToolCall[] {
    return this.#open.map(({ id, name, args }) => ({ id, name, args }));
  }

  #belongsTo({ index, id, function: said }: Piece): Open | undefined {
    if (id) return this.#open.find((one) => one.id === id);
    // Without an id a name begins a call, unless the index says that it is a known one.
    if (typeof index === 'number') return this.#open.findLast((one) => one.index === index);
    return said?.name ? undefined : this.#open.at(-1);
  }

  #begin({ index, id }: Piece): Open {
    if (this.#open.length === MOST) throw tooMuch(`more than ${MOST} calls of tools at once`);
    const call = { index: index ?? undefined, id: id || `call_${this.#open.length + 1}`, name: '', args: '' };
    this.#open.push(call);
    return call;
  }
}

function tooMuch(what: string): TalkError {
  return new TalkError('resource/quota', `The language model wants ${what}.`);
}
