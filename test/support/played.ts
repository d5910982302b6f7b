/** A line of a launch, played to its end. */
import type { TalkError } from '../../src/element/index.js';
import type { Mark } from '../../src/graph/events.js';
import { Pipeline } from '../../src/graph/pipeline.js';

/** Plays it and resolves with what was posted; rejects with its first error. */
export async function play(line: string): Promise<readonly Mark[]> {
  const pipeline = Pipeline.launch(line);
  const marks: Mark[] = [];
  pipeline.on('mark', (mark) => marks.push(mark));
  let failed: TalkError | undefined;
  pipeline.on('error', (error) => {
    failed ??= error;
  });
  try {
    await pipeline.play();
    await pipeline.finished();
  } catch (error) {
    throw failed ?? error;
  } finally {
    await pipeline.close();
  }
  return marks;
}
