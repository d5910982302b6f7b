/**
 * Documentation that is made of the code, and documentation that is run: neither can drift.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { elementsReadme } from '../src/cli/readme.js';
import { TalkError } from '../src/element/index.js';
import { declaredVocabulary } from '../src/graph/declared-vocabulary.js';
import { PACKAGE } from '../src/graph/find.js';
import { installed } from '../src/graph/installed.js';
import { Pipeline } from '../src/graph/pipeline.js';
import { graphSchema } from '../src/graph/schema.js';
import { Camera } from './support/camera.js';

const { declarations } = await installed();

/** Holds a file to what it is made of: a stale one is made anew, and is an error where nobody would commit it. */
function madeFile(path: string, made: string): void {
  t.test(`${path} is what the declarations say`, async (t) => {
    const file = join(PACKAGE, path);
    const written = existsSync(file) ? readFileSync(file, 'utf8') : '';
    if (written !== made && process.env['CI'] !== 'true') {
      writeFileSync(file, made);
      t.comment(`${path} was made anew: commit it`);
    } else t.equal(written, made, 'run the tests without CI=true, they make it');
  });
}

madeFile('elements/README.md', elementsReadme(declarations));
const schema = graphSchema(declaredVocabulary(declarations), undefined, { open: true });
madeFile('graphs/schema.json', `${JSON.stringify(schema, null, 2)}\n`);

/** Plays a line until it ends; one that would play forever is ended once it flows. */
async function plays(line: string): Promise<void> {
  const pipeline = Pipeline.launch(line);
  try {
    const finished = pipeline.finished();
    finished.catch(() => undefined);
    await pipeline.play();
    const patience = new Promise<'endless'>((resolve) => setTimeout(resolve, 5000, 'endless').unref());
    if ((await Promise.race([finished, patience])) === 'endless') await pipeline.eos();
  } finally {
    await pipeline.close();
  }
}

/** An example for a device that this machine has not plays on a fake one. */
async function playsSomewhere(line: string): Promise<void> {
  try {
    await plays(line);
  } catch (error) {
    const device = error instanceof TalkError ? error.details['device'] : undefined;
    if (typeof device !== 'string') throw error;
    const camera = await Camera.make();
    try {
      const { errors } = await camera.run(line.replaceAll(device, camera.device));
      if (errors.length > 0) throw new Error(errors.join(' '));
    } finally {
      await camera.close();
    }
  }
}

for (const { name, examples } of declarations) {
  t.test(`the examples of ${name} play`, async (t) => {
    t.ok(examples.length > 0, 'it has one');
    for (const line of examples) await t.resolves(playsSomewhere(line), line);
  });
}
