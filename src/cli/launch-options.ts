/**
 * The command line of `launch`: flags as gst-launch has them, then a line or a graph file with its parameters.
 */
import { readValue, writeValue } from '../graph/launch-text.js';
import type { Scalar } from '../graph/model.js';
import { nearest } from '../graph/similar.js';
import { UsageError } from './exit.js';
import { readValues } from './graph-source.js';

/** What was asked for. */
export interface LaunchRequest {
  readonly verbose: boolean;
  readonly messages: boolean;
  readonly quiet: boolean;
  readonly tags: boolean;
  readonly json: boolean;
  /** A launch line, or a file with the values of its parameters. */
  readonly graph:
    | { readonly line: string }
    | { readonly file: string; readonly values: Record<string, Scalar> };
}

const FLAGS = {
  '-v': 'verbose',
  '--verbose': 'verbose',
  '-m': 'messages',
  '--messages': 'messages',
  '-q': 'quiet',
  '--quiet': 'quiet',
  '-t': 'tags',
  '--tags': 'tags',
  '--json': 'json',
  // Known from gst-launch; Ctrl-C always ends the stream properly here.
  '-e': 'eos',
  '--eos-on-shutdown': 'eos',
} as const;

/** Reads the arguments. Flags may stand anywhere, as with gst-launch; behind `--` nothing is a flag. */
export function readLaunch(args: readonly string[]): LaunchRequest {
  const set = new Set<string>();
  const words: string[] = [];
  let literal = false;
  for (const arg of args) {
    if (literal || !arg.startsWith('-') || arg === '-') words.push(arg);
    else if (arg === '--') literal = true;
    else for (const flag of flagsOf(arg)) set.add(flag);
  }
  const has = (flag: string) => set.has(flag);
  return {
    verbose: has('verbose'),
    messages: has('messages'),
    quiet: has('quiet'),
    tags: has('tags'),
    json: has('json'),
    graph: graphOf(words),
  };
}

function flagsOf(arg: string): string[] {
  const known: Readonly<Record<string, string>> = FLAGS;
  const whole = known[arg];
  if (whole !== undefined) return [whole];
  // -vm is -v -m.
  if (/^-[a-z]{2,}$/.test(arg)) {
    const flags = [...arg.slice(1)].map((letter) => known[`-${letter}`]);
    if (flags.every((flag) => flag !== undefined)) return flags;
  }
  const near = nearest(arg, Object.keys(FLAGS));
  throw new UsageError(`there is no option ${arg}${near === undefined ? '' : `, did you mean ${near}?`}`);
}

function graphOf(words: readonly string[]): LaunchRequest['graph'] {
  const [first, ...rest] = words;
  if (first === undefined) {
    throw new UsageError(
      'what should be played?',
      'For example: talkgraph launch videotestsrc ! autovideosink',
    );
  }
  if (!/\.ya?ml$/.test(first) || rest.some((word) => word === '!')) return { line: joinLine(words) };
  return { file: first, values: readValues(rest) };
}

/**
 * One launch line of the words a shell made. A line given as one word is taken as it is. Of several, blanks inside a
 * word were quoted for the shell and are quoted again for the parser, as gst-launch does: text="Hello there" arrives
 * as text=Hello there.
 */
export function joinLine(words: readonly string[]): string {
  if (words.length === 1) return words[0] ?? '';
  return words.map(escapeBlanks).join(' ');
}

function escapeBlanks(word: string): string {
  // gst-launch would take what follows `text=` for its value.
  if (/^[\w:%-]+=$/.test(word)) return `${word}""`;
  let inQuotes = false;
  let out = '';
  for (let i = 0; i < word.length; i++) {
    const char = word[i] ?? '';
    if (char === '"' && (!inQuotes || word[i - 1] !== '\\')) inQuotes = !inQuotes;
    if (/[ \t\n]/.test(char) && !inQuotes && word[i - 1] !== '\\') out += '\\';
    out += char;
  }
  const assignment = /^([\w:%-]+)=(.*)$/s.exec(out);
  // A backslash does not carry a line break past the scanner; quotes do.
  if (!assignment?.[2]?.includes('\\\n')) return out;
  return `${assignment[1]}=${writeValue(readValue(assignment[2]))}`;
}
