/**
 * Launch lines to data, by the grammar of `gst_parse_launch` and no other: what this refuses GStreamer refuses,
 * only that here the complaint has a place and says what was expected.
 */
import type { Assignment, Chain, ChainLink, ChainNode, ElementNode, Word } from './launch-ast.js';
import { type Token, tokenize } from './launch-lex.js';
import { readValue } from './launch-text.js';
import { assignmentOf, CAPS_PLACE, linkOf, unexpected } from './launch-words.js';

/** A launch line that does not parse: what is wrong, and where in the text. */
export class LaunchSyntaxError extends Error {
  override readonly name = 'LaunchSyntaxError';
  readonly start: number;
  readonly end: number;

  constructor(message: string, start: number, end: number) {
    super(message);
    this.start = start;
    this.end = end;
  }
}

/** Liberties that graph files take with the grammar. */
export interface LaunchDialect {
  /** A name may stand inside a chain: `a. ! b. ! c`. GStreamer wants it twice: `a. ! b.  b. ! c` (see `unchained`). */
  readonly namesInside?: boolean;
}

/** Parses a launch line. Throws LaunchSyntaxError at the first word that cannot stand where it stands. */
export function parseLaunch(text: string, dialect: LaunchDialect = {}): Chain[] {
  const parser = new Parser(text, dialect);
  const chains = parser.chains();
  parser.expectEnd();
  return chains;
}

class Parser {
  readonly #tokens: Token[];
  readonly #length: number;
  readonly #namesInside: boolean;
  #at = 0;

  constructor(text: string, { namesInside = false }: LaunchDialect) {
    this.#namesInside = namesInside;
    this.#tokens = tokenize(text);
    this.#length = text.length;
  }

  chains(): Chain[] {
    const chains: Chain[] = [];
    while (this.#peek() !== undefined && !this.#is(')')) chains.push(this.#chain());
    return chains;
  }

  expectEnd(): void {
    const token = this.#peek();
    if (token !== undefined) this.#fail('this bracket closes nothing', token);
  }

  #chain(): Chain {
    const nodes: ChainNode[] = [];
    const links: ChainLink[] = [];
    let { node, pads } = this.#node();
    nodes.push(node);
    for (let token = this.#peek(); token?.kind === 'link'; token = this.#peek()) {
      if (links.length > 0 && node.kind === 'uri') this.#fail('a chain ends at a URI', token);
      if (links.length > 0 && node.kind === 'ref' && !this.#namesInside) {
        this.#fail('a chain ends at a name: begin the next one with it again ("a. ! b.  b. ! c")', token);
      }
      this.#at++;
      const srcPads = pads;
      const sinkPads = this.#pads();
      if (this.#peek() === undefined) this.#fail('something must follow this link', token);
      ({ node, pads } = this.#node());
      if (node.kind === 'ref') {
        if (sinkPads[0]) this.#fail('write the pad behind the name ("name.pad")', sinkPads[0]);
        sinkPads.push(...pads.splice(0));
      }
      nodes.push(node);
      links.push({ ...linkOf(token), srcPads, sinkPads });
    }
    if (links.length === 0 && node.kind === 'ref') {
      this.#fail('a name alone does nothing: link it ("name. ! element")', node.name);
    }
    if (pads[0]) this.#fail('a link must follow this pad', pads[0]);
    return { nodes, links };
  }

  /** One node, and the pads written behind it or, for a name, in it. */
  #node(): { node: ChainNode; pads: Word[] } {
    const token = this.#next('an element was expected here');
    switch (token.kind) {
      case 'identifier':
        return { node: this.#element(token), pads: this.#pads() };
      case 'ref': {
        const dot = token.text.indexOf('.');
        const name = { text: token.text.slice(0, dot), start: token.start, end: token.start + dot };
        const pad = { text: token.text.slice(dot + 1), start: token.start + dot + 1, end: token.end };
        return {
          node: { kind: 'ref', name },
          pads: [...(pad.text === '' ? [] : [pad]), ...this.#morePads()],
        };
      }
      case 'binref': {
        const factory = /^[^ .]*/.exec(token.text)?.[0] ?? '';
        return this.#bin({ text: factory, start: token.start, end: token.start + factory.length }, token);
      }
      case 'uri':
        return {
          node: { kind: 'uri', uri: { text: readValue(token.text), start: token.start, end: token.end } },
          pads: [],
        };
      default:
        if (token.text === '(') return this.#bin({ text: 'bin', start: token.start, end: token.end }, token);
        return this.#fail(unexpected(token), token);
    }
  }

  #element(token: Token): ElementNode {
    const assignments: Assignment[] = [];
    const presets: Word[] = [];
    for (let next = this.#peek(); next; next = this.#peek()) {
      if (next.kind === 'assignment') assignments.push(assignmentOf(next));
      else if (next.kind === 'preset') presets.push(assignmentOf(next).value);
      else break;
      this.#at++;
    }
    const next = this.#peek();
    if (next?.kind === 'uri' && next.start === token.end) {
      // `audio/x-raw` outside a link falls apart into an element and a path.
      this.#fail(CAPS_PLACE, { text: '', start: token.start, end: next.end });
    }
    return { kind: 'element', factory: token, assignments, presets };
  }

  #bin(factory: Word, opener: Token): { node: ChainNode; pads: Word[] } {
    const assignments: Assignment[] = [];
    for (let next = this.#peek(); next?.kind === 'assignment'; next = this.#peek()) {
      assignments.push(assignmentOf(next));
      this.#at++;
    }
    const chains = this.chains();
    if (!this.#is(')')) this.#fail('this bracket is never closed', opener);
    if (chains.length === 0) this.#fail('a bin must hold something', opener);
    this.#at++;
    return { node: { kind: 'bin', factory, assignments, chains }, pads: this.#pads() };
  }

  /** `.pad` or `.pad,pad`: pads of the element before it or behind it. */
  #pads(): Word[] {
    const token = this.#peek();
    if (token?.kind !== 'padref') return [];
    this.#at++;
    return [{ text: token.text.slice(1), start: token.start + 1, end: token.end }, ...this.#morePads()];
  }

  #morePads(): Word[] {
    const words: Word[] = [];
    while (this.#is(',')) {
      this.#at++;
      const token = this.#next('a pad name was expected here');
      if (token.kind !== 'identifier') this.#fail('a pad name was expected here', token);
      words.push(token);
    }
    return words;
  }

  #peek(): Token | undefined {
    return this.#tokens[this.#at];
  }

  #is(operator: string): boolean {
    const token = this.#peek();
    return token?.kind === 'operator' && token.text === operator;
  }

  #next(expected: string): Token {
    const token = this.#tokens[this.#at++];
    if (token === undefined) throw new LaunchSyntaxError(expected, this.#length, this.#length);
    return token;
  }

  #fail(message: string, word: Word): never {
    throw new LaunchSyntaxError(message, word.start, word.end);
  }
}
