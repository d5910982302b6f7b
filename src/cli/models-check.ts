/**
 * `talkgraph models check`: are they what they should be, and do they run?
 */
import { TalkError } from '../element/error.js';
import { isEncoder, listModels, type Net, readModel, verifyWeights, WorkerPool } from '../inference/index.js';
import { openEncoder } from './encoder-trial.js';
import { EXIT } from './exit.js';
import { readOptions } from './options.js';
import type { Terminal } from './terminal.js';

interface Checked {
  readonly name: string;
  /** One picture or window on one core, ms. */
  readonly ms?: number;
  /** Why it cannot be used. */
  readonly problem?: string;
}

/** Looks at all models, or at those that are named; exit code 1 when one cannot be used. */
export async function run(args: string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = readOptions(args, { json: { type: 'boolean' } });
  const names = positionals.length > 0 ? positionals : await listModels();
  const found: Checked[] = [];
  for (const name of names) {
    const one = await check(name);
    found.push(one);
    if (values.json !== true) terminal.out(line(one, names, terminal));
  }
  if (values.json === true) terminal.out(`${JSON.stringify(found, null, 2)}\n`);
  return found.some(({ problem }) => problem !== undefined) ? EXIT.failed : EXIT.ok;
}

async function check(name: string): Promise<Checked> {
  const pool = new WorkerPool({ workers: 1 });
  try {
    const model = await readModel(name);
    await verifyWeights(model);
    if ('latents' in model && model.latents !== undefined) await verifyWeights(model.latents);
    const { timing } = isEncoder(model)
      ? (await openEncoder(model, 'short', pool)).model
      : await pool.load<Net>(model);
    return { name, ms: Math.round(10 * timing.median) / 10 };
  } catch (error) {
    if (!(error instanceof TalkError)) throw error;
    return { name, problem: error.message };
  } finally {
    await pool.close();
  }
}

function line({ name, ms = 0, problem }: Checked, names: readonly string[], terminal: Terminal): string {
  const width = Math.max(...names.map((one) => one.length)) + 2;
  const label = terminal.paint('name', name.padEnd(width), 'out');
  if (problem !== undefined) return `${label}${terminal.paint('error', problem, 'out')}\n`;
  const speed = `${ms} ms on one core, ${(1000 / ms).toFixed(ms > 100 ? 1 : 0)} a second`;
  return `${label}${terminal.paint('good', 'good', 'out')}: ${speed}\n`;
}
