/** Ears: how often noises, and people elsewhere, silence us. On the time of the sound, and the same on every machine. */
import type { ListeningSettings } from '../../src/dialog/ears/listening.js';
import { closeSharedPool } from '../../src/inference/index.js';
import { closeVoices } from '../../src/voice/index.js';
import { falsely } from '../support/falsely.js';
import * as noise from '../support/noises.js';
import { babble, doors, keys, music } from '../support/roomnoises.js';
import { sentences } from '../support/spoken.js';
import { progress, type Row, report } from './support/report.js';

/** Minutes of each noise. */
const MINUTES = Number(process.env['EARS_MINUTES'] ?? 5);
const rows: Row[] = [];
const add = (row: Row) => {
  rows.push(row);
  progress(`${row.what}: ${row.value} ${row.unit}, ${row.note}`);
};
const said = (await sentences(50)).map((sentence) => noise.atLevel(sentence, -25));
const length = MINUTES * 60;
const crowd = (voices: number) => babble(length, -40, said, voices);
const noises: Record<string, readonly [() => Float32Array, Partial<ListeningSettings>?]> = {
  'white noise, -30 dB': [() => noise.white(length, -30)],
  'pink noise, -20 dB': [() => noise.pink(length, -20)],
  'hum, -20 dB': [() => noise.hum(length, -20)],
  'bursts of 200 ms every second, -20 dB': [() => noise.bursts(length, -20)],
  'clicks, two a second, -12 dB': [() => noise.bursts(length, -12, { length: 0.004, every: 0.5 })],
  'keys, six a second, -25 dB': [() => keys(length, -25)],
  'doors every three seconds, -20 dB': [() => doors(length, -20)],
  'music, -45 dB': [() => music(length, -45)],
  'coughs every two seconds, -15 dB': [() => noise.coughs(length, -15)],
  'coughs every two seconds, -30 dB': [() => noise.coughs(length, -30)],
  'two people elsewhere, -40 dB': [() => crowd(2)],
  'the same with min-level=-35': [() => crowd(2), { minLevel: -35 }],
  'eight people elsewhere, -40 dB': [() => crowd(8)],
  'the same eight with min-level=-35': [() => crowd(8), { minLevel: -35 }],
};
progress(`${MINUTES} min of each noise`);
const sounds = Object.values(noises).map(
  ([make, settings]) => [noise.mix(make(), noise.white(length, -70, 77)), settings] as const,
);
const taken = await Promise.all(sounds.map(([sound, settings]) => falsely(sound, settings)));
for (const [i, name] of Object.keys(noises).entries()) {
  const { dips, ms, cuts } = taken[i] ?? { dips: 0, ms: 0, cuts: 0 };
  const value = (cuts * 60) / MINUTES;
  add({
    what: `turns taken by ${name}`,
    unit: '/h',
    n: 1,
    value,
    note: `and ${((dips * 60) / MINUTES).toFixed(0)}/h ducks${dips > 0 ? ` of ${ms.toFixed(0)} ms` : ''}; ${MINUTES} min`,
  });
}
await closeSharedPool();
await closeVoices();
report(rows);
