/**
 * `talkgraph COMMAND …`: finds the command, runs it, and turns whatever it throws into a sentence and an exit code.
 */
import { readFileSync } from 'node:fs';
import { GraphError } from '../graph/problem.js';
import { didYouMean } from '../graph/similar.js';
import { COMMANDS } from './commands.js';
import { EXIT, UsageError } from './exit.js';
import { showFailure } from './failure.js';
import { processTerminal, type Terminal } from './terminal.js';

/** Runs one command line and answers the exit code. `terminal` is the process's own unless a test brings another. */
export async function run(args: readonly string[], terminal?: Terminal): Promise<number> {
  const plain = args.filter((arg) => arg !== '--no-color');
  const place = terminal ?? processTerminal({ color: plain.length === args.length });
  if (terminal === undefined) endQuietlyWithoutReader();
  const [name, ...rest] = plain;
  try {
    if (name === undefined || name === '--help' || name === '-h') return await help([], place);
    if (name === '--version' || name === '-V') return version(place);
    if (name === 'help') return await help(rest, place);
    const entry = COMMANDS[name];
    if (!entry)
      throw new UsageError(`there is no command "${name}"${didYouMean(name, Object.keys(COMMANDS))}`);
    if (rest.includes('--help') || (rest[0] === '-h' && rest.length === 1)) return await help([name], place);
    return await (await entry.load()).run(rest, place);
  } catch (error) {
    return failed(error, name, place);
  }
}

function failed(error: unknown, name: string | undefined, terminal: Terminal): number {
  const label = terminal.paint('error', 'error:');
  if (error instanceof UsageError) {
    const known = name !== undefined && Object.hasOwn(COMMANDS, name);
    const hint = error.hint ?? `"talkgraph help${known ? ` ${name}` : ''}" says more.`;
    terminal.err(`${label} ${error.message}\n${hint}\n`);
    return EXIT.usage;
  }
  if (error instanceof GraphError) {
    const { length } = error.problems;
    const count = length === 1 ? '' : `\n${length} things are wrong with the graph.`;
    terminal.err(`${label} ${error.message}${count}\n`);
    return EXIT.usage;
  }
  showFailure(error, terminal, { verbose: false, plain: name !== 'launch' });
  return EXIT.failed;
}

async function help(args: readonly string[], terminal: Terminal): Promise<number> {
  const [name] = args;
  if (name === undefined) {
    const names = Object.keys(COMMANDS);
    const width = Math.max(...names.map((one) => one.length)) + 2;
    const lines = names.map((one) => {
      return `  ${terminal.paint('name', one.padEnd(width), 'out')}${COMMANDS[one]?.blurb}`;
    });
    terminal.out(`talkgraph ${packageVersion()}: a talking face as a media graph\n
Usage: talkgraph COMMAND …\n\n${lines.join('\n')}\n
"talkgraph help COMMAND" says more. --no-color (or NO_COLOR) leaves colours out; --version prints the version.
`);
    return EXIT.ok;
  }
  const entry = COMMANDS[name];
  if (!entry) throw new UsageError(`there is no command "${name}"${didYouMean(name, Object.keys(COMMANDS))}`);
  terminal.out(`${(await entry.load()).help.trim()}\n`);
  return EXIT.ok;
}

function version(terminal: Terminal): number {
  terminal.out(`talkgraph ${packageVersion()}\n`);
  return EXIT.ok;
}

/** The version in package.json, which is two folders above `dist/src/cli` and of `src/cli` alike. */
export function packageVersion(): string {
  for (const path of ['../../../package.json', '../../package.json']) {
    try {
      const text = readFileSync(new URL(path, import.meta.url), 'utf8');
      return String((JSON.parse(text) as { version?: string }).version);
    } catch {
      // Not there: the other one is.
    }
  }
  return 'of unknown version';
}

/** `talkgraph inspect | head` closes our output early; that is no error. */
function endQuietlyWithoutReader(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      process.exit(EXIT.ok);
    });
  }
}
