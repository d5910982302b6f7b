/**
 * Documentation that is made of the code, and documentation that is run: neither can drift.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { elementsReadme } from '../src/cli/readme.js';
import { PACKAGE } from '../src/graph/find.js';
import { installed } from '../src/graph/installed.js';
import { Pipeline } from '../src/graph/pipeline.js';

const { declarations } = await installed();

t.test('elements/README.md is what the declarations say', async (t) => {
  const file = join(PACKAGE, 'elements/README.md');
  const made = elementsReadme(declarations);
  let written = '';
  try {
    written = readFileSync(file, 'utf8');
  } catch {
    // Not there yet: it is written below.
  }
  if (written !== made && process.env['CI'] !== 'true') {
    writeFileSync(file, made);
    t.comment('elements/README.md was made anew: commit it');
  } else t.equal(written, made, 'run the tests without CI=true, they make it');
});

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

for (const { name, examples } of declarations) {
  t.test(`the examples of ${name} play`, async (t) => {
    t.ok(examples.length > 0, 'it has one');
    for (const line of examples) await t.resolves(plays(line), line);
  });
}
