/** Plays the line it is given, to its end or to a mark, and prints what happened as JSON; see camera.ts. */
import { installed } from '../../src/graph/installed.js';
import { Pipeline } from '../../src/graph/pipeline.js';

await installed();
const [line = '', until = ''] = process.argv.slice(2);
const errors: string[] = [];
const marks: string[] = [];
const types: Record<string, string> = {};
const pipeline = Pipeline.launch(line);
pipeline.on('error', ({ code, message }) => errors.push(`${code} ${message}`));
pipeline.on('mark', ({ name }) => marks.push(name));
let begun = performance.now();
try {
  await pipeline.play();
  begun = performance.now();
  for (const { path, type } of pipeline.elements({ recurse: true })) types[path] = type;
  if (until === '') await pipeline.finished();
  while (until !== '' && !marks.includes(until))
    await new Promise((resolve) => pipeline.once('mark', resolve));
} catch {
  // It is among the errors.
}
const seconds = (performance.now() - begun) / 1000;
await pipeline.close();
process.stdout.write(JSON.stringify({ errors, marks, types, seconds }));
