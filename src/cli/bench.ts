/**
 * `talkgraph bench`: measures this machine with the benches of the repository.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { TalkError } from '../element/index.js';
import { PACKAGE } from '../graph/find.js';
import { EXIT } from './exit.js';
import { readOptions } from './options.js';
import type { Terminal } from './terminal.js';

export const help = `
talkgraph bench [NAME …] [--json] [--list]

Measures this machine: all benches, or those that are named, one after the other, each in a process of its own. They are part of the
repository and need it built ("npm run build"); what is installed from npm has none.

  --list   their names
  --json   one JSON object. Of one bench alone with what it has for programs at the top:
           "talkgraph bench sync --json" gives {outputs: [{output, min, median, max, p99, driftPerHour, n}], …}, ms, + is voice late
`;

/** Runs the benches as `npm run bench` does; the exit code is 1 only where one of them breaks. */
export async function run(args: string[], terminal: Terminal): Promise<number> {
  readOptions(args, { json: { type: 'boolean' }, list: { type: 'boolean' } });
  const runner = join(PACKAGE, 'test', 'bench', 'run.mjs');
  if (!existsSync(runner)) {
    throw new TalkError(
      'resource/not-found',
      'The benches are not part of the installed package. Clone the repository, and there run "npm run bench".',
    );
  }
  const child = spawn(process.execPath, [runner, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.setEncoding('utf8').on('data', (text: string) => terminal.out(text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => terminal.err(text));
  const stop = terminal.onInterrupt(() => child.kill('SIGINT'));
  const [code] = (await once(child, 'close')) as [number | null];
  stop();
  return code === 0 ? EXIT.ok : EXIT.failed;
}
