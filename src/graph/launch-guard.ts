/**
 * Launch lines that GStreamer's parser must not see as they are: some crash it, some it plays in part without a word.
 */
import { TalkError } from '../element/error.js';
import { type Token, tokenize } from './launch-lex.js';
import { LaunchSyntaxError, parseLaunch } from './launch-parse.js';

/**
 * Throws for a line that must not be parsed.
 *
 * A byte past ASCII outside of quotes ends the parser's scanner: everything behind is left out. And a syntax error
 * throws away the elements made so far, which with `name.` in the line is the crash of `safeLine`; so our own reading
 * of the same grammar comes first.
 */
export function guardLaunch(line: string): void {
  const tokens = tokenize(line);
  const stray = tokens.find(({ kind, text }) => kind === 'other' && (text.codePointAt(0) ?? 0) > 0x7f);
  if (stray) {
    throw new TalkError('resource/settings', `"${stray.text}" cannot stand outside a quoted value.`);
  }
  if (tokens.some(isReference)) checkSyntax(line);
}

/**
 * The line as the parser can bear it.
 *
 * Once a line has `name.` in it, GStreamer 1.22's parser looks the name up in what the line made, and dereferences a
 * null pointer when that is nothing: no element stands beside the name, none exists, or each was let go because a
 * property of it was refused. Inside the brackets of a pipeline there is always something to look in, and the answer
 * is the same pipeline or a plain error.
 */
export function safeLine(line: string): string {
  return tokenize(line).some(isReference) ? `pipeline.( ${line} )` : line;
}

function isReference({ kind }: Token): boolean {
  return kind === 'ref';
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
