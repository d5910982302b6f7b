/**
 * Single tokens of a launch line taken apart, and what to say about those that cannot stand where they do.
 */
import type { Assignment, ChainLink } from './launch-ast.js';
import type { Token } from './launch-lex.js';
import { readValue } from './launch-text.js';

/** Said of caps outside a link; they fall apart into an element and a path there. */
export const CAPS_PLACE = 'caps must stand between two links ("! audio/x-raw, rate=16000 !")';

/** Operator and caps filter of a link token `! caps !`. */
export function linkOf(token: Token): Pick<ChainLink, 'operator' | 'allPads' | 'caps'> {
  const allPads = token.text.startsWith(':') || token.text.endsWith(':');
  const operator = { text: allPads ? ':' : '!', start: token.start, end: token.start + 1 };
  if (token.text.length === 1) return { operator, allPads };
  const inner = token.text.slice(1, -1);
  const start = token.start + 1 + (inner.length - inner.trimStart().length);
  const text = inner.trim();
  return { operator, allPads, caps: { text, start, end: start + text.length } };
}

/** Name and value of a token `name=value`. */
export function assignmentOf(token: Token): Assignment {
  const equals = token.text.indexOf('=');
  const name = token.text.slice(0, equals).trimEnd();
  const raw = token.text.slice(equals + 1).trimStart();
  return {
    name: { text: name, start: token.start, end: token.start + name.length },
    value: { text: readValue(raw), start: token.end - raw.length, end: token.end },
  };
}

/** What to say about a token where an element should begin. */
export function unexpected(token: Token): string {
  if (token.kind === 'assignment') return 'a property must stand behind its element';
  if (token.kind === 'link') return 'a link needs something before it';
  if (token.kind === 'padref') return 'a pad must stand next to a link';
  if (token.kind === 'other') return `"${token.text}" cannot stand outside a quoted value`;
  return `an element was expected here, not "${token.text}"`;
}
