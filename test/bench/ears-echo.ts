/**
 * Ears: what of our own voice, back from a listener's loudspeaker, is taken for somebody else's; by the levels that vadfilter compares with
 * `probe`, and behind `echocancel`. On the time of the sound, and the same on every machine.
 */
import { OwnVoice } from '../../src/dialog/ears/ownvoice.js';
import { closeSharedPool } from '../../src/inference/index.js';
import { closeVoices } from '../../src/voice/index.js';
import { cancelled, roomEcho } from '../support/echo.js';
import { falsely } from '../support/falsely.js';
import { allHeardIn, sileros } from '../support/listens.js';
import * as noise from '../support/noises.js';
import { heardOver, heardWhile, ownVoice, theirOnsets } from '../support/talkover.js';
import { progress, type Row, report } from './support/report.js';

/** Seconds of our talk, how many sentences of others lie over it, and within how many s they are to be heard. */
const [OURS, THEIRS, LONG] = [26, 7, 0.8];
const rows: Row[] = [];
const add = (row: Row) => {
  rows.push(row);
  progress(`${row.what}: ${row.value} ${row.unit}, ${row.note}`);
};
const ours = await ownVoice(OURS);
const theirs = await heardOver(THEIRS, OURS);
const room = noise.pink(OURS, -60);
const echoes = [50, 100, 200, 400].flatMap((delay) => [-10, -20, -30].map((level) => ({ delay, level })));
progress(`our own voice, ${OURS} s of it, in ${echoes.length} ways`);
const backs = await Promise.all(
  echoes.map(({ delay, level }) => {
    const echo = noise.mix(roomEcho(ours, delay, level), room);
    return Promise.all([
      heardWhile(ours, echo, undefined),
      heardWhile(ours, echo, new OwnVoice()),
      heardWhile(ours, noise.mix(echo, theirs), new OwnVoice()),
    ]);
  }),
);
for (const [i, [without, alone, both]] of backs.entries()) {
  const { delay = 0, level = 0 } = echoes[i] ?? {};
  const late = theirOnsets(THEIRS).flatMap((onset) => {
    const at = both.likely.find((one) => one > onset && one < onset + LONG);
    return at === undefined ? [] : 1000 * (at - onset);
  });
  add({
    what: `turns that our own voice takes in ${OURS} s, ${delay} ms late at ${level} dB, with probe`,
    unit: '',
    n: 1,
    value: alone.speech.length,
    note: `and ${alone.likely.length} ducks; without probe ${without.speech.length} turns; of ${THEIRS} who speak over it ${late.length} are likely, after ${late.map(Math.round).join(', ')} ms`,
  });
}

/** With the canceller: how late our voice comes back, and from where on it is looked for. */
const CANCELLED = [
  [50, 0],
  [200, 0],
  [150, 150],
  [200, 150],
  [250, 150],
  [300, 150],
] as const;
const tail = (sound: Float32Array) => sound.slice(5 * noise.RATE);
for (const [late, delay] of CANCELLED) {
  progress(`echocancel, ${late} ms`);
  const near = noise.mix(roomEcho(ours, late, -20), room);
  const left = await cancelled(ours, near, `delay=${delay}`);
  const over = await cancelled(ours, noise.mix(near, theirs), `delay=${delay}`);
  const changes = await allHeardIn(over, await sileros());
  const heard = theirOnsets(THEIRS).filter((onset) =>
    changes.some(({ state, at }) => state === 'speech' && at > 1e9 * onset && at < 1e9 * (onset + LONG)),
  );
  const [before, after] = [await falsely(tail(near)), await falsely(tail(left))];
  add({
    what: `turns that our own voice takes in ${OURS - 5} s, ${late} ms late at -20 dB, with echocancel delay=${delay}`,
    unit: '',
    n: 1,
    value: after.cuts,
    note: `${before.cuts} without it; ${(20 * Math.log10((noise.rms(tail(left)) + 1e-9) / noise.rms(tail(near)))).toFixed(0)} dB; of ${THEIRS} who speak over it ${heard.length} are heard`,
  });
}
await closeSharedPool();
await closeVoices();
report(rows);
