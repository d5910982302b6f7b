/**
 * `talkgraph new VERB NAME`: the two files a new element is: the element and its test.
 */
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { didYouMean } from '../graph/similar.js';
import { EXIT, UsageError } from './exit.js';
import { bin } from './new/bin.js';
import { mixer } from './new/mixer.js';
import { pipe } from './new/pipe.js';
import { sink } from './new/sink.js';
import { source } from './new/source.js';
import { namesOf, type Template } from './new/template.js';
import { transform } from './new/transform.js';
import { noMoreThan, readOptions } from './options.js';
import type { Terminal } from './terminal.js';

/** One template for each verb. */
export const TEMPLATES: Readonly<Record<string, Template>> = { source, transform, pipe, mixer, sink, bin };

const verbs = Object.entries(TEMPLATES).map(([verb, { blurb }]) => `  ${verb.padEnd(10)} ${blurb}`);

export const help = `
talkgraph new VERB NAME

Writes elements/NAME.ts and test/elements/NAME.ts (without the hyphens of NAME): an element that works and its test,
to be changed into yours. Run it in the folder of a checkout. The verb is what the element does:

${verbs.join('\n')}

  talkgraph new transform audio-thing
`;

/** Writes the two files. */
export async function run(args: string[], terminal: Terminal): Promise<number> {
  const { positionals } = readOptions(args, {});
  const [verb = '', name = '', ...more] = positionals;
  const template = TEMPLATES[verb];
  if (!template) {
    const names = Object.keys(TEMPLATES);
    const what =
      verb === ''
        ? `say what it does: ${names.join(', ')}`
        : `there is no verb "${verb}"${didYouMean(verb, names)}`;
    throw new UsageError(what);
  }
  noMoreThan(0, more);
  if (positionals.length === 1)
    throw new UsageError(`say its name, for example talkgraph new ${verb} audio-thing`);
  const names = namesOf(name);
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) || names.factory.length < 3) {
    throw new UsageError(
      `"${name}" cannot name an element: lower-case words joined by hyphens, a letter first, three letters at least`,
    );
  }
  if (!existsSync('elements') || !existsSync('test')) {
    throw new UsageError(
      'there are no folders elements and test here',
      'Run it in the folder of a checkout.',
    );
  }
  await checkFree(names.factory);
  const files = {
    [`elements/${names.factory}.ts`]: template.element(names),
    [`test/elements/${names.factory}.ts`]: template.test(names),
  };
  for (const path of Object.keys(files)) {
    if (existsSync(path)) throw new UsageError(`${path} is there already`);
  }
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text, { flag: 'wx' });
  }
  terminal.out(`${Object.keys(files).join('\n')}\n`);
  terminal.err(
    `Next: npm run build:ts, node dist/test/elements/${names.factory}.js, talkgraph inspect ${names.factory}.\n`,
  );
  return EXIT.ok;
}

/** An element of that name would shadow the other. */
async function checkFree(factory: string): Promise<void> {
  const { installed } = await import('../graph/installed.js');
  const info = (await installed()).vocabulary.element(factory);
  if (info) throw new UsageError(`there is an element "${factory}" already: ${info.blurb}`);
}
