/**
 * `talkgraph avatar check`.
 */
import { checkAvatar } from '../../avatar/index.js';
import { EXIT, UsageError } from '../exit.js';
import { noMoreThan, readOptions } from '../options.js';
import type { Terminal } from '../terminal.js';
import { work } from '../work.js';

/** Looks at one avatar; exit code 1 when something is wrong. */
export async function run(args: string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = readOptions(args, { json: { type: 'boolean' } });
  noMoreThan(1, positionals);
  const [id] = positionals;
  if (id === undefined) throw new UsageError('which avatar should be looked at?');
  const findings = await work(terminal, 'Looking', ({ tick, signal }) =>
    checkAvatar(id, { progress: tick, signal }),
  );
  const wrong = findings.some(({ severity }) => severity === 'error');
  if (values.json === true) {
    terminal.out(`${JSON.stringify({ id, findings }, null, 2)}\n`);
  } else {
    for (const { severity, text } of findings)
      terminal.out(`${terminal.paint(severity, severity, 'out')}: ${text}\n`);
    if (!wrong) terminal.out(`${terminal.paint('good', `${id} can be used.`, 'out')}\n`);
  }
  return wrong ? EXIT.failed : EXIT.ok;
}
