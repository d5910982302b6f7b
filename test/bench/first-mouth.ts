/**
 * From the voice engine's first speech sample to the first changed mouth that leaves a sink which keeps to the clock.
 *
 * One live session at rest, again and again: say a sentence, note when the engine gives its first piece (before any
 * resampling or queue of ours) and when the first picture leaves that is not the face at rest, byte for byte.
 */
import { resolveVoice } from '../../src/voice/index.js';
import { FACE, prepare, session, speaks, wait } from './support/face.js';
import { watch } from './support/probes.js';
import { progress, report, spread } from './support/report.js';

const TIMES = 40;
/** A face at rest before the next sentence: this many pictures. */
const REST = 12;

const avatar = await prepare();
let spoken: number | undefined;
let seen: number | undefined;
let still = 0;
let changed = () => {};
const pictures = watch((frame, at) => {
  const moving = speaks(frame, avatar);
  still = moving ? 0 : still + 1;
  if (moving && spoken !== undefined) seen ??= at;
  changed();
});

/** Waits until a picture makes `condition` true. */
function until(condition: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    changed = () => {
      if (condition()) resolve();
    };
  });
}

const { engine } = await resolveVoice('flite/slt');
const synthesize = engine.synthesize.bind(engine);
engine.synthesize = async function* (request) {
  for await (const piece of synthesize(request)) {
    if (piece.samples.some((sample) => sample !== 0)) spoken ??= performance.now();
    yield piece;
  }
};

const pipeline = await session(
  `ttssrc name=say ! tee name=t  t. ! queue ! cutgate ! fakesink sync=true processing-deadline=0  ${FACE} ! benchsink processing-deadline=0 watch=${pictures}`,
);
const latency = pipeline.latency();
progress(`${TIMES} sentences`);
const times: number[] = [];
const early: number[] = [];
for (let i = 0; i < TIMES; i++) {
  await until(() => still >= REST);
  // At any phase to the frames, as a user is.
  await wait(40 * ((i * 0.618) % 1));
  spoken = undefined;
  seen = undefined;
  const asked = performance.now();
  // A new text each time: what was said before comes out of a cache and not out of the engine.
  pipeline.element('say').emit('say', `Aha, number ${i + 1}.`, null, null);
  await until(() => seen !== undefined);
  // The first sentences load code and fill caches.
  if (i < 5) continue;
  times.push(seen! - spoken!);
  early.push(spoken! - asked);
}
await pipeline.close();
report([
  {
    what: 'first speech sample -> first changed mouth leaves the sink',
    unit: 'ms',
    ...spread(times),
    budgets: [{ of: 'p95', max: 120 }],
    note: `the pipeline's latency was ${JSON.stringify(latency)} ns`,
  },
  { what: 'say -> first speech sample (flite)', unit: 'ms', ...spread(early) },
]);
