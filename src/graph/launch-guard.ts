/**
 * Two kinds of launch line that GStreamer's parser must not see: one crashes it, one it plays in part without a word.
 */
import { TalkError } from '../element/error.js';
import { native } from '../native.js';
import { type Token, tokenize } from './launch-lex.js';
import { LaunchSyntaxError, parseLaunch } from './launch-parse.js';

/** Names of factories; read again when a name is not among them, since elements are registered as the process goes. */
let known = new Set<string>();

function exists(factory: string): boolean {
  if (known.has(factory)) return true;
  known = new Set(native.catalogFactories().map(({ name }) => name));
  return known.has(factory);
}

/**
 * Throws for a line that must not be parsed.
 *
 * Once a line has `name.` in it, GStreamer 1.22's parser dereferences a null pointer, which ends the process, when no
 * element was made beside it: there is none, none exists, or a syntax error threw them away. So our own reading of the
 * same grammar comes first. And a byte past ASCII outside of quotes ends its scanner: everything behind is left out.
 */
export function guardLaunch(line: string): void {
  const tokens = tokenize(line);
  const stray = tokens.find(({ kind, text }) => kind === 'other' && (text.codePointAt(0) ?? 0) > 0x7f);
  if (stray) {
    throw new TalkError('resource/settings', `"${stray.text}" cannot stand outside a quoted value.`);
  }
  if (!tokens.some(({ kind }) => kind === 'ref')) return;
  checkSyntax(line);
  // A bin in brackets is always made.
  if (tokens.some(({ text }) => text === '(')) return;
  const factories = tokens.filter(isFactory).map(({ text }) => /^[^\s.]*/.exec(text)?.[0] ?? '');
  if (factories.some(exists)) return;
  if (factories.length === 0) {
    throw new TalkError('resource/settings', 'There is no element in this line, only names of some.');
  }
  throw new TalkError('core/missing-element', `no element "${factories[0]}"`, {
    details: { missing: factories },
  });
}

function checkSyntax(line: string): void {
  try {
    parseLaunch(line);
  } catch (error) {
    if (!(error instanceof LaunchSyntaxError)) throw error;
    const { start, end } = error;
    const before = line.slice(Math.max(0, start - 20), start);
    throw new TalkError(
      'resource/settings',
      `syntax error: ${error.message} (at "${before}${line.slice(start, end)}")`,
    );
  }
}

/** A bare word makes an element, and one before `.(` a bin; behind a comma it is a pad (`a.x,y`). */
function isFactory({ kind }: Token, index: number, tokens: readonly Token[]): boolean {
  return kind === 'binref' || (kind === 'identifier' && tokens[index - 1]?.text !== ',');
}
