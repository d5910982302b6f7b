/** Answers that never come keep nothing: neither the element that asked, nor what JS was shown. */
import { setImmediate as turn } from 'node:timers/promises';
import t from 'tap';
import {
  type Frame,
  type Metadata,
  type PadTemplates,
  register,
  Transform,
} from '../../src/element/index.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import { native } from '../../src/native.js';
import { gc } from '../support/gc.js';

/** Answers with what `promise` makes; `reached` is told of the frame it was asked about. */
class Silent extends Transform {
  static readonly metadata = {
    name: 'testsilent',
    longName: 'Silent',
    klass: 'Filter',
    description: 'Does not answer',
    author: 'test',
  } satisfies Metadata;
  static readonly pads = { sink: { caps: 'ANY' }, src: { caps: 'ANY' } } satisfies PadTemplates;
  static promise: () => Promise<void> = () => new Promise(() => undefined);
  static reached: (frame: Frame) => void = () => undefined;
  override transform(frame: Frame): Promise<void> {
    Silent.reached(frame);
    return Silent.promise();
  }
}
register(Silent);

/** Plays until a frame is in the element's hands, and closes. */
async function hang(): Promise<Frame> {
  const reached = new Promise<Frame>((resolve) => {
    Silent.reached = resolve;
  });
  const p = Pipeline.launch('videotestsrc ! testsilent ! fakesink');
  p.play().catch(() => undefined);
  const frame = await reached;
  await p.close();
  return frame;
}

/** Collects until `done`, which must become true: finalizers run some turns later. */
async function until(done: () => boolean): Promise<void> {
  while (!done()) {
    await gc();
    await turn();
  }
}

t.test('a promise that nobody can settle any more is let go with all it had', async (t) => {
  for (let round = 0; round < 3; round++) await hang();
  await until(() => native.elementCounts().calls === 0);
  await until(() => native.elementCounts().instances === 0);
  t.equal(native.census().pipelines, 0);
});

t.test(
  'a promise that somebody keeps keeps its frame, but not the element, and may settle later',
  async (t) => {
    let settle = () => {};
    const promise = new Promise<void>((resolve) => {
      settle = resolve;
    });
    Silent.promise = () => promise;
    const frame = await hang();
    await until(() => native.elementCounts().instances === 0);
    t.equal(native.elementCounts().calls, 1);
    t.ok(frame.data.length > 0, 'work that is still under way may look at its frame');
    settle();
    await until(() => native.elementCounts().calls === 0);
    t.equal(frame.data.length, 0, 'detached when the method is done');
  },
);
