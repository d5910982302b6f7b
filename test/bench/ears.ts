/**
 * Ears: how soon a voice over ours takes the turn, how often a noise does, and what of our own voice comes back through a room.
 *
 * The turns are measured live: sound goes in as a microphone's would, through vadfilter and asrfilter, while "somebody" speaks.
 */
import AsrFilter from '../../elements/asrfilter.js';
import VadFilter from '../../elements/vadfilter.js';
import { register } from '../../src/element/index.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import { closeSharedPool } from '../../src/inference/index.js';
import { closeVoices } from '../../src/voice/index.js';
import { FakeTranscriptions, hears } from '../fakes/fake-openai-transcriptions.js';
import { cancelled, echoOf } from '../support/echo.js';
import { heardIn, silero } from '../support/listens.js';
import * as noise from '../support/noises.js';
import { sentences } from '../support/spoken.js';
import { progress, type Row, report, spread } from './support/report.js';

register(VadFilter);
register(AsrFilter);

const ONSETS = 50;
/** Seconds from one onset to the next, and of each sentence. */
const [EVERY, LONG] = [2, 0.8];
/** Minutes of each noise. */
const MINUTES = Number(process.env['EARS_MINUTES'] ?? 10);
const rows: Row[] = [];
const add = (row: Row) => {
  rows.push(row);
  progress(`${row.what}: ${row.value ?? `${row.p50} p95 ${row.p95}`} ${row.unit}, ${row.note}`);
};
const said = await sentences(ONSETS);
const recogniser = await FakeTranscriptions.start(hears('and another thing'));
/** ms from each onset until "fall silent" is on the bus, live. */
async function takes(bed: Float32Array): Promise<number[]> {
  const sound = noise.toInt16(
    bed.map((sample, n) => {
      const [turn, at] = [Math.floor(n / noise.RATE / EVERY) - 1, n % (EVERY * noise.RATE)];
      return sample + (at < LONG * noise.RATE ? (loud[turn]?.[at] ?? 0) : 0);
    }),
  );
  const pipeline = Pipeline.launch(
    'appsrc name=in format=time is-live=true caps="audio/x-raw,format=S16LE,layout=interleaved,channels=1,rate=16000" ! vadfilter ! ' +
      `asrfilter name=asr url=${recogniser.url} end-delay=300 ! fakesink sync=false async=false`,
  );
  const found: number[] = [];
  pipeline.on('mark', ({ name }) => {
    if (name !== 'barge-in') return;
    const now = (pipeline.runningTime() ?? 0) / 1e6;
    const onset = 1000 * EVERY * Math.floor(now / 1000 / EVERY);
    if (now - onset < 1000 * LONG) found.push(now - onset);
  });
  const feed = pipeline.element('in').feed();
  await pipeline.play();
  pipeline.element('asr').emit('saying', 'Once upon a time there was a king');
  for (let at = 0; at < sound.length; at += 320) {
    // A microphone gives 20 ms when they are over.
    const due = (at + 320) / 16;
    const wait = due - (pipeline.runningTime() ?? 0) / 1e6;
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    await feed.push({
      data: new Uint8Array(sound.slice(at, at + 320).buffer),
      pts: (at * 1e9) / 16_000,
      duration: 20e6,
    });
  }
  await pipeline.close();
  return found;
}

const loud = said.map((sentence) => noise.atLevel(sentence, -25));
const seconds = (ONSETS + 1) * EVERY;
const beds = {
  'a quiet room (-70 dB)': noise.white(seconds, -70),
  'a room with pink noise at -50 dB': noise.pink(seconds, -50),
  'a loud room, pink noise at -38 dB': noise.pink(seconds, -38),
};
progress(`${ONSETS} onsets in each of three rooms, ${seconds} s`);
const live = await Promise.all(Object.values(beds).map(takes));
for (const [i, name] of Object.keys(beds).entries()) {
  const found = live[i] ?? [];
  add({
    what: `voice over ours -> "fall silent" on the bus, ${name}`,
    unit: 'ms',
    ...spread(found),
    budgets: [{ of: 'p95', max: 150 }],
    note: `${ONSETS - found.length} of ${ONSETS} not noticed in their ${LONG} s`,
  });
}

const length = MINUTES * 60;
const noises: Record<string, () => Float32Array> = {
  'white noise, -30 dB': () => noise.white(length, -30),
  'pink noise, -20 dB': () => noise.pink(length, -20),
  'hum, -20 dB': () => noise.hum(length, -20),
  'bursts of 200 ms every second, -20 dB': () => noise.bursts(length, -20),
  'coughs every two seconds, -15 dB': () => noise.coughs(length, -15),
};
for (const [name, make] of Object.entries(noises)) {
  progress(name);
  const taken = (await heardIn(make(), await silero())).filter(({ state }) => state === 'speech').length;
  add({
    what: `turns taken by ${name}`,
    unit: '/h',
    n: 1,
    value: (taken * 60) / MINUTES,
    note: `${taken} in ${MINUTES} min`,
  });
}

const far = noise.join(...loud.slice(0, 12)).slice(0, 20 * noise.RATE);
for (const delay of [50, 100, 200]) {
  progress(`echo, ${delay} ms`);
  const near = echoOf(far, delay, -20);
  const left = await cancelled(far, near);
  const tail = (sound: Float32Array) => sound.slice(5 * noise.RATE);
  const taken = async (sound: Float32Array) =>
    (await heardIn(sound, await silero())).filter(({ state }) => state === 'speech').length;
  add({
    what: `our own voice, ${delay} ms later at -20 dB: what webrtcdsp leaves of it after 5 s`,
    unit: 'dB',
    n: 1,
    value: 20 * Math.log10((noise.rms(tail(left)) + 1e-9) / noise.rms(tail(near))),
    note: `turns taken in 15 s: ${await taken(tail(near))} without it, ${await taken(tail(left))} with it`,
  });
}
await recogniser.close();
await closeSharedPool();
await closeVoices();
report(rows);
process.exit(0);
