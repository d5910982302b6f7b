/**
 * From what a language model writes to what a person would say: running text without Markdown, code, tables, addresses, pictures
 * and thoughts, while it is still being written.
 *
 * Code and tables are left out, of a link its text is said, list items and headings become sentences, and `<think>…</think>` is for
 * nobody. How the text was cut on its way makes no difference: each sign waits until everything that could change what becomes of it has
 * been seen, or until it is clear that it never will.
 */
import { type Inline, inlineAt } from './inline.js';
import { type Opening, openingAt } from './line.js';
import { Voiced } from './voiced.js';

type State =
  | { readonly kind: 'line' }
  | { readonly kind: 'text' }
  /** Up to the end of the line. */
  | { readonly kind: 'skip'; readonly next?: State }
  /** Up to a line of this. */
  | { readonly kind: 'code'; readonly fence: string }
  | { readonly kind: 'thought'; readonly end: RegExp };

const LINE: State = { kind: 'line' };
const TEXT: State = { kind: 'text' };
/** Signs of a line of code after which it is no fence. */
const LONG = 1000;
/** Longest end of a thought. */
const THOUGHT_END = '</reasoning>'.length;

/** Reads one answer. */
export class Spoken {
  #rest = '';
  #half = '';
  #state: State = LINE;
  /** The sign before the rest, as it was written. */
  #before = '\n';
  #voiced = new Voiced();

  /** Takes a part and gives what can be said now; empty while that is not known. */
  push(part: string): string {
    const text = this.#half + part;
    // Half a pair of surrogates is no sign yet.
    const known = text.length - (/[\ud800-\udbff]$/.test(text) ? 1 : 0);
    this.#rest += text.slice(0, known);
    this.#half = text.slice(known);
    this.#take(false);
    return this.#voiced.taken();
  }

  /** The text is complete: gives the rest. Another may begin. */
  end(): string {
    this.#rest += this.#half;
    this.#take(true);
    this.#voiced.line();
    const last = this.#voiced.taken();
    this.#rest = this.#half = '';
    this.#state = LINE;
    this.#before = '\n';
    this.#voiced = new Voiced();
    return last;
  }

  #take(final: boolean): void {
    while (this.#rest !== '' && this.#step(final)) {
      // One sign or construct after the other.
    }
  }

  /** False when more must be seen. */
  #step(final: boolean): boolean {
    const state = this.#state;
    switch (state.kind) {
      case 'line':
        return this.#open(openingAt(this.#rest, final));
      case 'text':
        return this.#read(inlineAt(this.#rest, this.#before, final));
      case 'skip':
        return this.#skip(state.next ?? TEXT);
      case 'code':
        return this.#code(state.fence, final);
      case 'thought':
        return this.#think(state.end, final);
    }
  }

  #open(opening: Opening | undefined): boolean {
    if (opening === undefined) return false;
    const { length, item, skip, fence, again } = opening;
    this.#advance(length);
    // What begins a line is no sign before its text.
    this.#before = '\n';
    if (item) this.#voiced.item();
    if (fence !== undefined) this.#state = { kind: 'skip', next: { kind: 'code', fence } };
    else this.#state = skip ? { kind: 'skip' } : again ? LINE : TEXT;
    return true;
  }

  #read(inline: Inline | undefined): boolean {
    if (inline === undefined) return false;
    const { length, say, again, gap, fence, thought } = inline;
    const lineEnd = this.#rest.startsWith('\n');
    this.#advance(length);
    if (gap) this.#voiced.gap();
    if (again !== undefined) this.#rest = again + this.#rest;
    if (fence !== undefined) this.#state = { kind: 'skip', next: { kind: 'code', fence } };
    if (thought !== undefined) {
      this.#state = { kind: 'thought', end: thought };
      this.#voiced.say(' ');
    }
    if (say !== undefined) this.#voiced.say(say);
    if (lineEnd) {
      this.#voiced.line();
      this.#state = LINE;
    }
    return true;
  }

  #skip(next: State): boolean {
    const end = this.#rest.indexOf('\n');
    this.#advance(end < 0 ? this.#rest.length : end);
    if (end < 0) return false;
    // The end of the line that opens a block belongs to the block.
    if (next.kind === 'code') this.#advance(1);
    this.#state = next;
    return true;
  }

  /** Line by line; a block that nobody ends goes on to the end. */
  #code(fence: string, final: boolean): boolean {
    const end = this.#rest.indexOf('\n');
    if (end < 0 && !final && this.#rest.length < LONG) return false;
    const line = this.#rest.slice(0, end < 0 || end > LONG ? LONG : end);
    const closed = new RegExp(`^\\s*${fence[0]}{${fence.length},}\\s*$`).test(line);
    this.#advance(line.length);
    if (closed) {
      this.#state = TEXT;
      return true;
    }
    if (this.#rest.startsWith('\n')) this.#advance(1);
    return true;
  }

  #think(end: RegExp, final: boolean): boolean {
    const found = end.exec(this.#rest);
    if (found === null) {
      // Its last signs may be the beginning of the end.
      const gone = this.#rest.length - (final ? 0 : THOUGHT_END);
      if (gone > 0) this.#advance(gone);
      return false;
    }
    this.#advance(found.index + found[0].length);
    this.#before = '\n';
    this.#state = LINE;
    return true;
  }

  #advance(length: number): void {
    if (length === 0) return;
    this.#before = [...this.#rest.slice(Math.max(0, length - 2), length)].at(-1) ?? this.#before;
    this.#rest = this.#rest.slice(length);
  }
}

/** A whole text at once. */
export function spoken(text: string): string {
  const reader = new Spoken();
  return reader.push(text) + reader.end();
}
