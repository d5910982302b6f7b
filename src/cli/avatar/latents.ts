/**
 * `talkgraph avatar latents`.
 */
import { makeLatents } from '../../avatar/making.js';
import { readManifest, readProviders } from '../../inference/index.js';
import { EXIT, UsageError } from '../exit.js';
import { noMoreThan, readOptions } from '../options.js';
import type { Terminal } from '../terminal.js';
import { work } from '../work.js';

/** Makes what a model that paints in latents is shown of one avatar. */
export async function run(args: string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = readOptions(args, {
    model: { type: 'string' },
    provider: { type: 'string' },
  });
  noMoreThan(1, positionals);
  const [id] = positionals;
  if (id === undefined) throw new UsageError('of which avatar should latents be made?');
  if (values.model === undefined) throw new UsageError('for which model?', '"--model NAME" says it.');
  const model = await readManifest(values.model);
  const providers = readProviders(values.provider ?? 'auto');
  const { frames, folder, cut } = await work(terminal, 'Encoding', ({ tick, signal }) =>
    makeLatents(id, model, { providers, signal, progress: tick }),
  );
  terminal.out(`${id}: latents of ${frames} frames for ${model.name}, in ${folder}\n`);
  if (!cut) {
    terminal.out(
      `It has no boxes for ${model.crop}, so that the model is shown another part of the face than it was trained on.\n`,
    );
  }
  return EXIT.ok;
}
