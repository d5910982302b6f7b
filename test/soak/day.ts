/**
 * A day of beeps and flashes through the whole face path, as fast as this machine goes: voice and face are as far apart in its last
 * hour as in its first, to the sample. Time is counted, not kept, so what could drift are the counts: of samples, of mel columns, of
 * frames, across every utterance.
 *
 *   node --expose-gc dist/test/soak/day.js [SHARE]      24 hours x SHARE; a short run two minutes
 */

import { Pipeline } from '../../src/graph/pipeline.js';
import { registerElements } from '../../src/graph/registry.js';
import { closeSharedPool } from '../../src/inference/index.js';
import { closeVoices } from '../../src/voice/index.js';
import { TONES } from '../support/outputs/meter.js';
import { skewOf } from '../webrtc/support/skew.js';

const SHARE = Number(process.argv[2] ?? 1);
const MINUTES = SHARE < 0.1 ? 2 : Math.round(24 * 60 * SHARE);
const RATE = 24_000;
const FRAME = 40e6;
/** Small pictures: nothing here depends on their size. */
const SIZED = 'width=128 height=128';
/** ms an hour. */
const DRIFT = 1;

await registerElements();
const pipeline = Pipeline.launch(
  `ttssrc name=say voice=tone/square is-live=false text="${TONES}" ! tee name=t ` +
    't. ! queue max-size-time=10000000000 max-size-bytes=0 max-size-buffers=0 ! appsink name=heard sync=false ' +
    `t. ! queue ! audioresample ! featextract model=lab-flash ! lipsyncfilter model=lab-flash ${SIZED} ` +
    `! pastebackmix ${SIZED} ! appsink name=seen sync=false`,
);
const errors: string[] = [];
pipeline.on('error', ({ message }) => errors.push(message));

/** Moments at which it begins to beep, and at which it flashes, ms. */
const [beeps, flashes]: [number[], number[]] = [[], []];
let [silent, said] = [RATE, 1];
pipeline.element('heard').onSamples(
  (samples) => {
    for (const { data, pts = 0 } of samples) {
      const first = Math.round((pts * RATE) / 1e9);
      const pcm = new Int16Array(data.slice().buffer);
      for (const [i, sample] of pcm.entries()) {
        if (sample === 0) silent++;
        else {
          if (silent > RATE / 4) beeps.push(((first + i) * 1000) / RATE);
          silent = 0;
        }
      }
      // The next minute before this one is over.
      if (said < MINUTES && first > (said - 0.5) * 60 * RATE) {
        said++;
        pipeline.element('say').emit('say', TONES, null, null);
      }
    }
  },
  { full: 'wait' },
);
let [dark, white] = [0, true];
pipeline.element('seen').onSamples(
  (samples) => {
    for (const { data, pts = 0 } of samples) {
      // The mouth is white for as long as it sounds: the picture is brighter by more than breathing makes it.
      let sum = 0;
      for (let i = 0; i < 128 * 128; i++) sum += data[i] as number;
      const mean = sum / (128 * 128);
      if (dark === 0) dark = mean;
      const flash = mean - dark > 0.8;
      if (flash && !white) flashes.push((Math.round(pts / FRAME) * FRAME) / 1e6);
      if (!flash) dark += (mean - dark) / 8;
      white = flash;
    }
  },
  { full: 'wait' },
);
const begun = performance.now();
await Promise.all([pipeline.finished(), pipeline.play()]);
await pipeline.close();
await closeVoices();
await closeSharedPool();

// One by one: both are the same events in the same order.
const pairs = flashes.map((at, n) => ({ at, skew: (beeps[n] ?? Number.NaN) - at }));
const { n, min, median, max, driftPerHour } = skewOf(pairs);
const seconds = (performance.now() - begun) / 1000;
console.log(
  `${MINUTES} minutes in ${seconds.toFixed(0)} s (${((MINUTES * 60) / seconds).toFixed(0)} x): ${beeps.length} beeps, ${n} flashes; ${min} to ${max} ms, median ${median} ms, drift ${driftPerHour} ms/h`,
);
if (beeps.length !== MINUTES * 60) errors.push(`${beeps.length} beeps in ${MINUTES} minutes`);
if (n !== beeps.length) errors.push(`${n} flashes for ${beeps.length} beeps`);
if (!(Math.abs(median) < 1 && Math.abs(driftPerHour) <= DRIFT)) errors.push('voice and face drift');
for (const error of errors) console.error(`not as it should be: ${error}`);
process.exit(errors.length === 0 ? 0 : 1);
