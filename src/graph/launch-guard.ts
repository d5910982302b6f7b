/**
 * Launch lines that GStreamer's parser must not see as they are: some crash it, some it plays in part without a word.
 */
import { TalkError } from '../element/error.js';
import { tokenize } from './launch-lex.js';
import { LaunchSyntaxError, parseLaunch } from './launch-parse.js';

/**
 * The line as the parser can bear it; throws for one that must not be parsed.
 *
 * A byte past ASCII outside of quotes ends the parser's scanner: everything behind is left out.
 *
 * Once a line has `name.` in it, GStreamer 1.22's parser looks the name up in what the line made, and dereferences a
 * null pointer when that is nothing: no element stands beside the name, none exists, each was let go because a
 * property of it was refused, or a syntax error threw them away. So our own reading of the same grammar comes first,
 * and then the line stands inside the brackets of a pipeline: there is always something to look in, and the answer is
 * the same pipeline or a plain error.
 */
export function guardLaunch(line: string): string {
  const tokens = tokenize(line);
  const stray = tokens.find(({ kind, text }) => kind === 'other' && (text.codePointAt(0) ?? 0) > 0x7f);
  if (stray) {
    throw new TalkError('resource/settings', `"${stray.text}" cannot stand outside a quoted value.`);
  }
  if (!tokens.some(({ kind }) => kind === 'ref')) return line;
  checkSyntax(line);
  return `pipeline.( ${line} )`;
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
