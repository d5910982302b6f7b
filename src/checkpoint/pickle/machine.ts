import { Cursor, PickleError } from './cursor.js';
import { OPERATIONS } from './operations.js';
import { type Allowed, Constructor, Tuple, type Value } from './values.js';

/** Opcodes of one pickle: a checkpoint with its optimizer has some ten thousand. */
const MOST_STEPS = 4_000_000;
/** Values that wait at a time. */
const MOST_VALUES = 1_000_000;

/** A name that is not on the allow-list. */
export class RefusedName extends PickleError {
  /** `module.name`. */
  readonly refused: string;

  constructor(refused: string) {
    super(`it calls for ${refused}`);
    this.refused = refused;
  }
}

/**
 * Runs a pickle (protocols 0 to 5) without running anything else: a name is looked up in the allow-list and never
 * imported, a call is a function of ours, and what it makes is plain data.
 *
 * No step calls another, so nothing can nest too deep, and steps, values and lengths are counted.
 */
export class Machine {
  readonly cursor: Cursor;
  readonly allowed: Allowed;
  readonly memo = new Map<number, Value>();
  #stack: Value[] = [];
  /** Stacks below the open marks. */
  readonly #marks: Value[][] = [];
  #waiting = 0;

  constructor(bytes: Uint8Array, allowed: Allowed, at = 0) {
    this.cursor = new Cursor(bytes, at);
    this.allowed = allowed;
  }

  /** Runs to the STOP and answers what is left. @throws PickleError */
  run(): Value {
    for (let step = 0; step < MOST_STEPS; step++) {
      const at = this.cursor.at;
      const code = this.cursor.uint8();
      if (code === 0x2e) return this.pop();
      const operation = OPERATIONS[code];
      if (operation === undefined) {
        throw new PickleError(`byte ${at} is 0x${code.toString(16).padStart(2, '0')}, which is no opcode`);
      }
      operation(this);
    }
    throw new PickleError(`it has more than ${MOST_STEPS} steps`);
  }

  push(value: Value): void {
    if (++this.#waiting > MOST_VALUES) throw new PickleError(`more than ${MOST_VALUES} values wait at once`);
    this.#stack.push(value);
  }

  pop(): Value {
    const value = this.#stack.pop();
    if (value === undefined) throw new PickleError('a value is taken where none is');
    this.#waiting--;
    return value;
  }

  top(): Value {
    const value = this.#stack.at(-1);
    if (value === undefined) throw new PickleError('a value is looked at where none is');
    return value;
  }

  mark(): void {
    if (++this.#waiting > MOST_VALUES) throw new PickleError(`more than ${MOST_VALUES} values wait at once`);
    this.#marks.push(this.#stack);
    this.#stack = [];
  }

  /** What lies above the last mark, which goes. */
  popMark(): Value[] {
    const below = this.#marks.pop();
    if (below === undefined) throw new PickleError('a mark is taken where none is');
    const above = this.#stack;
    this.#waiting -= above.length + 1;
    this.#stack = below;
    return above;
  }

  /** POP takes a mark where nothing lies above it. */
  drop(): void {
    if (this.#stack.length === 0 && this.#marks.length > 0) this.popMark();
    else this.pop();
  }

  /** The constructor of a name. @throws RefusedName */
  find(module: Value, name: Value): Constructor {
    if (typeof module !== 'string' || typeof name !== 'string') {
      throw new PickleError('a name that is no text');
    }
    const found = this.allowed.find(module, name);
    if (found === undefined) throw new RefusedName(`${printable(module)}.${printable(name)}`);
    return found;
  }

  /** What a call gives. */
  call(callee: Value, args: Value): Value {
    if (!(callee instanceof Constructor)) throw new PickleError('it calls what is no constructor');
    if (!(args instanceof Tuple)) throw new PickleError(`${callee.name} is called without a tuple`);
    return callee.call(args.items);
  }

  remember(index: number): void {
    this.memo.set(index, this.top());
  }

  recall(index: number): void {
    const value = this.memo.get(index);
    if (value === undefined) throw new PickleError(`it recalls ${index}, which it has not remembered`);
    this.push(value);
  }
}

/** Names go into messages: no control characters, not too long. */
function printable(text: string): string {
  const plain = text.replace(/[^\x20-\x7e]/g, '?');
  return plain.length > 80 ? `${plain.slice(0, 80)}…` : plain;
}
