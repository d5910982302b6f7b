/**
 * How fast a cut is: the last packet that holds unfaded old speech, and the mouth.
 *
 * One live session as a conversation has it: Opus in 10 ms frames, sinks with no deadline of their own. A tap before the
 * gate keeps what was said, one behind it compares: a piece with sound that is byte for byte what was said is unfaded.
 * The packet that carries the last such piece is timed where it would be sent. The mouth counts as closed with the first
 * picture after which only the face at rest is shown.
 */
import type { Frame } from '../../src/element/index.js';
import { FACE, prepare, session, speaks, VOICE_ENCODER, wait } from './support/face.js';
import { watch } from './support/probes.js';
import { progress, report, spread } from './support/report.js';

const TIMES = 40;
const RATE = 24_000;
/** Opus looks this far ahead, so what comes in at t is still in the packet stamped t + 2.5 ms. */
const LOOK_AHEAD_NS = 2.5e6;
/** Samples remembered before the gate: more than the lead and all queues. */
const RING = 4 * RATE;

const avatar = await prepare();
const said = new Int16Array(RING);
const place = (pts: number) => Math.round((pts * RATE) / 1e9);
const samplesOf = ({ data }: Frame) => new Int16Array(data.buffer, data.byteOffset, data.byteLength / 2);

/** PTS (end) of the last piece behind the gate that holds old speech as it was said. */
let lastUnfaded = 0;
/** PTS and time of the packets, in order, since the cut. */
let packets: { pts: number; at: number }[] = [];
let pictures: { at: number; moving: boolean }[] = [];

const before = watch((frame) => {
  const samples = samplesOf(frame);
  const first = place(frame.pts ?? 0);
  for (let i = 0; i < samples.length; i++) said[(first + i) % RING] = samples[i]!;
});
const behind = watch((frame) => {
  const samples = samplesOf(frame);
  const first = place(frame.pts ?? 0);
  let sound = false;
  for (let i = 0; i < samples.length; i++) {
    if (samples[i] !== said[(first + i) % RING]) return;
    sound ||= samples[i] !== 0;
  }
  if (sound) lastUnfaded = (frame.pts ?? 0) + (samples.length * 1e9) / RATE;
});
const sent = watch(({ pts = 0 }, at) => packets.push({ pts, at }));
const shown = watch((frame, at) => pictures.push({ at, moving: speaks(frame, avatar) }));

const pipeline = await session(
  `ttssrc name=say rate=${RATE} ! benchtap watch=${before} ! tee name=t  t. ! queue ! cutgate ! benchtap watch=${behind} ! ${VOICE_ENCODER} ! benchsink processing-deadline=0 watch=${sent}  ${FACE} ! benchsink processing-deadline=0 watch=${shown}`,
);
const say = pipeline.element('say');

/** Speaks, cuts at some moment, and looks at what came after. */
async function cut(voice: string, text: string, i: number): Promise<{ sound: number; mouth: number }> {
  say.emit('say', text, voice, null);
  await wait(700 + 100 * ((i * 0.618) % 1));
  packets = packets.slice(-200);
  pictures = [];
  const at = performance.now();
  say.emit('cut');
  await wait(600);
  const last = packets.findLast(({ pts }) => pts < lastUnfaded + LOOK_AHEAD_NS) ?? { pts: 0, at };
  const moving = pictures.findLastIndex((picture) => picture.moving);
  return { sound: last.at - at, mouth: moving + 1 };
}

progress(`${TIMES} cuts of a tone, ${TIMES} of speech`);
const TONE = '440:10:0.5';
const SPEECH =
  'Every morning the old sailor walked along the harbour, and told anyone who would listen about the seven seas.';
for (let i = 0; i < 3; i++) await cut('flite/slt', SPEECH, i);
const sounds: number[] = [];
for (let i = 0; i < TIMES; i++) sounds.push((await cut('tone/sine', TONE, i)).sound);
const mouths: number[] = [];
for (let i = 0; i < TIMES; i++) mouths.push((await cut('flite/slt', SPEECH, i)).mouth);
await pipeline.close();
report([
  {
    what: 'cut -> last packet with unfaded old speech leaves',
    unit: 'ms',
    ...spread(sounds),
    budgets: [
      { of: 'p50', max: 25 },
      { of: 'p99', max: 50 },
    ],
  },
  {
    what: 'cut -> mouth closed',
    unit: 'frames',
    ...spread(mouths),
    budgets: [{ of: 'p99', max: 2 }],
    note: 'pictures that leave after the cut with a mouth drawn on them',
  },
]);
