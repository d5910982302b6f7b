/** A pipeline with a sink that publishes to a server, for tests of such sinks. */
import type { TalkError } from '../../src/element/index.js';
import type { Mark } from '../../src/graph/events.js';
import { Pipeline } from '../../src/graph/pipeline.js';

/** A running pipeline with a sink of this name, and all that was said. */
export async function publish(line: string, name = 'w') {
  const pipeline = Pipeline.launch(line);
  const errors: TalkError[] = [];
  const warnings: TalkError[] = [];
  const marks: Mark[] = [];
  pipeline.on('error', (error) => errors.push(error));
  pipeline.on('warning', (warning) => warnings.push(warning));
  pipeline.on('mark', (mark) => marks.push(mark));
  /** The nth mark of a name. */
  const mark = async (called: string, n = 1): Promise<Mark['fields']> => {
    for (;;) {
      const found = marks.filter((one) => one.name === called)[n - 1];
      if (found !== undefined) return found.fields;
      await new Promise((resolve) => pipeline.once('mark', resolve));
    }
  };
  const count = (called: string): number => marks.filter((one) => one.name === called).length;
  await pipeline.play();
  return { pipeline, element: pipeline.element(name), errors, warnings, marks, mark, count };
}
