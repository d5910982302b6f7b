/**
 * A slow element must hold nobody up: in every graph that comes with talkgraph each way from a source to an element that
 * may block, or to the end, leads through a queue or through a pipe, which is a queue of its own.
 */
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import t from 'tap';
import { bindGraph } from '../../src/graph/bind.js';
import { PACKAGE } from '../../src/graph/find.js';
import type { ElementHandle } from '../../src/graph/handle.js';
import { installed } from '../../src/graph/installed.js';
import { loadGraph } from '../../src/graph/load.js';
import type { Scalar } from '../../src/graph/model.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import { registeredElements } from '../../src/graph/registry.js';

/** What graphs must be given. */
const NEEDED: Readonly<Record<string, Scalar>> = {
  url: 'rtmp://localhost/live/key',
  location: 'a.mp4',
  behind: 'b.mp4',
};

const folder = join(PACKAGE, 'graphs');
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.yaml') && !path.startsWith('parts'))
  .map((path) => join(folder, path))
  .sort();

const verbOf = ({ factory = '' }: ElementHandle) => registeredElements().get(factory)?.description.verb;
const sinkPads = (element: ElementHandle) => element.pads().filter(({ direction }) => direction === 'sink');
const isQueue = (element: ElementHandle) => element.factory === 'queue' || verbOf(element) === 'pipe';

/** True for what waits: for its author, for the clock, or for the world outside. */
function blocks(element: ElementHandle): boolean {
  const verb = verbOf(element);
  // Its outputs come with the data.
  if (element.factory === 'decodebin') return false;
  return (
    verb === 'transform' || verb === 'mixer' || element.pads().every(({ direction }) => direction === 'sink')
  );
}

/** Sources that stand before an element without a queue between. */
function* unqueued(pipeline: Pipeline, element: ElementHandle): Generator<string> {
  const pads = sinkPads(element);
  if (pads.length === 0) yield element.name;
  for (const { peer } of pads) {
    if (peer === undefined) continue; // an input that the graph leaves open
    const before = pipeline.element(peer.path.replace(/\.[^.]*$/, ''));
    if (!isQueue(before)) yield* unqueued(pipeline, before);
  }
}

t.test('there are graphs', async (t) => t.ok(files.length >= 6, files.join(' ')));

for (const file of files) {
  t.test(`${relative(PACKAGE, file)} has a queue before all that may block`, async (t) => {
    const { vocabulary } = await installed();
    const graph = await loadGraph(file);
    const values = Object.entries(NEEDED).filter(([name]) => graph.parameters.has(name));
    const pipeline = Pipeline.launch(bindGraph(graph, Object.fromEntries(values), vocabulary).line);
    const waiting = pipeline.elements().filter(blocks);
    t.ok(waiting.length >= 2, waiting.map(({ name }) => name).join(' '));
    const wrong = waiting.flatMap((element) =>
      [...unqueued(pipeline, element)].map((source) => `${element.name} holds up ${source}`),
    );
    t.same(wrong, []);
    await pipeline.close();
  });
}
