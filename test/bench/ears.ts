/**
 * Ears: how soon a voice over ours silences us. `ears-noise` has how often noises do, `ears-echo` what of our own voice is taken for somebody else's.
 *
 * The silence is measured live: sound goes in as a microphone's would, through vadfilter and asrfilter, while a tone of ours goes
 * through a gate. All rates are on the time of the sound, and the same on every machine.
 */
import AsrFilter from '../../elements/asrfilter.js';
import CutGate from '../../elements/cutgate.js';
import VadFilter from '../../elements/vadfilter.js';
import { pcm, register } from '../../src/element/index.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import { closeSharedPool } from '../../src/inference/index.js';
import { closeVoices } from '../../src/voice/index.js';
import { FakeTranscriptions, hears } from '../fakes/fake-openai-transcriptions.js';
import { allHeardIn, sileros } from '../support/listens.js';
import * as noise from '../support/noises.js';
import { realOnsets, scattered } from '../support/onsets.js';
import { sentences } from '../support/spoken.js';
import { progress, type Row, report, spread } from './support/report.js';

for (const one of [VadFilter, AsrFilter, CutGate]) register(one);

const ONSETS = 50;
/** Seconds from one onset to the next, and of each sentence. */
const [EVERY, LONG] = [2, 0.8];
const rows: Row[] = [];
const add = (row: Row) => {
  rows.push(row);
  progress(`${row.what}: ${row.value ?? `${row.p50} p95 ${row.p95}`} ${row.unit}, ${row.note}`);
};
const said = (await sentences(ONSETS)).map((sentence) => noise.atLevel(sentence, -25));
const seconds = (ONSETS + 1) * EVERY;
const rooms = {
  'a quiet room (-70 dB)': noise.white(seconds, -70),
  'a room with pink noise at -50 dB': noise.pink(seconds, -50),
  'a loud room, pink noise at -38 dB': noise.pink(seconds, -38),
};
const recogniser = await FakeTranscriptions.start(hears('and another thing'));

/** Live, ms from each onset: until the sound that gives the voice away is over, that is on the bus, we are silent, it is certain. */
async function takes(bed: Float32Array) {
  const { sound, onsets } = scattered(said, bed, EVERY, LONG);
  const samples = noise.toInt16(sound);
  const pipeline = Pipeline.launch(
    'appsrc name=in format=time is-live=true caps="audio/x-raw,format=S16LE,layout=interleaved,channels=1,rate=16000" ! vadfilter ! ' +
      `asrfilter name=asr url=${recogniser.url} end-delay=300 ! fakesink sync=false async=false ` +
      'audiotestsrc is-live=true samplesperbuffer=960 ! audio/x-raw,format=S16LE,rate=24000,channels=1 ! cutgate name=gate ! ' +
      'appsink name=out sync=false async=false',
  );
  const times = {
    sound: [] as number[],
    bus: [] as number[],
    silent: [] as number[],
    certain: [] as number[],
  };
  const now = () => (pipeline.runningTime() ?? 0) / 1e6;
  /** Notes ms since the onset before `at`, the first time only. */
  const note = (list: number[], at: number) => {
    const which = onsets.findLastIndex((onset) => 1000 * onset <= at);
    if (which >= 0 && list[which] === undefined) list[which] = at - 1000 * (onsets[which] ?? 0);
  };
  let ducked = false;
  pipeline.on('mark', ({ name, fields }) => {
    if (name === 'duck') {
      ducked = fields['on'] === true;
      pipeline.element('gate').emit('duck', ducked);
      if (!ducked) return;
      note(times.sound, Number(fields['at']) / 1e6);
      note(times.bus, now());
    }
    if (name === 'barge-in') note(times.certain, now());
  });
  pipeline.element('out').onSamples(
    (batch) => {
      for (const { data } of batch) {
        const end = pcm({ data }).subarray(-24);
        // It is over when the piece is, which has just left.
        if (ducked && end.every((sample) => Math.abs(sample) < 1600)) note(times.silent, now() + 10);
      }
    },
    { full: 'wait' },
  );
  const feed = pipeline.element('in').feed();
  await pipeline.play();
  pipeline.element('asr').emit('saying', 'Once upon a time there was a king');
  for (let at = 0; at < samples.length; at += 320) {
    // A microphone gives 20 ms when they are over.
    const wait = (at + 320) / 16 - now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    await feed.push({
      data: new Uint8Array(samples.slice(at, at + 320).buffer),
      pts: (at * 1e9) / 16_000,
      duration: 20e6,
    });
  }
  await pipeline.close();
  return times;
}

progress(`${ONSETS} onsets in each of three rooms, ${seconds} s`);
const live = await Promise.all(Object.values(rooms).map(takes));
for (const [i, name] of Object.keys(rooms).entries()) {
  const { sound = [], bus = [], silent = [], certain = [] } = live[i] ?? {};
  const row = (what: string, list: number[], budget?: number) => {
    const found = Object.values(list).filter((one) => one < 1000 * LONG);
    add({
      what: `${what}, ${name}`,
      unit: 'ms',
      ...spread(found),
      ...(budget !== undefined && { budgets: [{ of: 'p95', max: budget }] }),
      note: `${ONSETS - found.length} of ${ONSETS} not noticed in their ${LONG} s`,
    });
  };
  row('voice over ours -> so much of it gives it away (time of the sound alone)', sound);
  row('voice over ours -> "duck" on the bus', bus);
  row('voice over ours -> silent behind the gate', silent, 150);
  row('voice over ours -> "barge-in" on the bus', certain);
}
await recogniser.close();

for (const [gain, level] of [
  ['loud', -19],
  ['soft', -37],
] as const) {
  const parts = realOnsets(LONG).map((part) => noise.atLevel(part, level));
  if (parts.length === 0) break;
  const { sound, onsets } = scattered(parts, noise.pink((parts.length + 1) * EVERY, -50), EVERY, LONG);
  const changes = await allHeardIn(sound, await sileros());
  const first = (state: string) =>
    onsets.map((onset) => {
      const change = changes.find((one) => one.state === state && one.at > 1e9 * onset);
      return change === undefined ? Number.POSITIVE_INFINITY : change.at / 1e6 - 1000 * onset;
    });
  for (const state of ['likely', 'speech'] as const) {
    const found = first(state).filter((one) => one < 1000 * LONG);
    add({
      what: `real speech, ${gain} (${level} dB), behind its pauses, noise at -50 dB -> ${state} (time of the sound alone)`,
      unit: 'ms',
      ...spread(found),
      note: `${parts.length - found.length} of ${parts.length} not noticed in their ${LONG} s`,
    });
  }
}

await closeSharedPool();
await closeVoices();
report(rows);
process.exit(0);
