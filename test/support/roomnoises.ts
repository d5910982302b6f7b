/** Noises of rooms in which people sit and talk: keys, doors, music. All of them the same on every run; levels as in noises.ts. */
import { atLevel, join, RATE, random, resonate, silence, white } from './noises.js';

/** How loud a blow is: it rises and falls by time constants, seconds. */
const blow = (n: number, rise: number, fall: number) =>
  n < 0 ? 0 : Math.min(1, n / (rise * RATE)) * Math.exp(-n / (fall * RATE));

/** One sound after the other, every so many seconds give or take 40 %; `db` is that of their first 50 ms. */
function repeated(
  seconds: number,
  db: number,
  every: number,
  seed: number,
  make: (next: () => number) => Float32Array,
): Float32Array {
  const next = random(seed);
  const out = silence(seconds);
  for (let at = 0.3; at < seconds - 1; at += every * (0.6 + 0.8 * next())) {
    const sound = make(next);
    const head = sound.slice(0, RATE / 20);
    const gain = (atLevel(head, db).at(100) ?? 0) / (head.at(100) || 1);
    const first = Math.round(at * RATE);
    for (const [n, sample] of sound.entries()) out[first + n] = (out[first + n] ?? 0) + gain * sample;
  }
  return out;
}

/** Somebody types, six keys a second: each goes down, and up 30 ms later. */
export function keys(seconds: number, db: number): Float32Array {
  return repeated(seconds, db, 0.16, 21, (next) => {
    const noise = white(0.05, 0, Math.floor(1e6 * next()));
    const [low, high] = [resonate(noise, 2500 + 1500 * next(), 800), resonate(noise, 4500, 1500)];
    const up = Math.round(0.03 * RATE);
    return low.map(
      (sample, n) =>
        (sample + (high[n] ?? 0)) * blow(n, 0.001, 0.006) + 0.5 * sample * blow(n - up, 0.001, 0.005),
    );
  });
}

/** A door falls shut every three seconds. */
export function doors(seconds: number, db: number): Float32Array {
  return repeated(seconds, db, 3, 22, (next) => {
    const noise = white(0.6, 0, Math.floor(1e6 * next()));
    const [wood, frame] = [resonate(noise, 90 + 40 * next(), 30), resonate(noise, 250, 120)];
    const latch = resonate(noise, 1200, 900);
    return wood.map(
      (sample, n) =>
        3 * sample * blow(n, 0.002, 0.12) +
        (frame[n] ?? 0) * blow(n, 0.002, 0.06) +
        (latch[n] ?? 0) * blow(n, 0.001, 0.015),
    );
  });
}

/** Four chords, a bass, a tune and drums, two beats a second. */
export function music(seconds: number, db: number): Float32Array {
  const next = random(23);
  const out = silence(seconds);
  const add = (at: number, length: number, sample: (n: number) => number) => {
    const first = Math.round(at * RATE);
    const end = Math.min(length * RATE, out.length - first);
    for (let n = 0; n < end; n++) out[first + n] = (out[first + n] ?? 0) + sample(n);
  };
  const note = (midi: number, at: number) => {
    const turn = (2 * Math.PI * 440 * 2 ** ((midi - 69) / 12)) / RATE;
    const partials = [1, 2, 3, 4, 5, 6];
    const wave = (n: number) =>
      partials.reduce((sum, part) => sum + Math.sin(turn * part * n) / part ** 1.3, 0);
    add(at, 1.2, (n) => wave(n) * blow(n, 0.005, 0.35));
  };
  const chords = [
    [48, 60, 64, 67],
    [45, 57, 60, 64],
    [41, 53, 57, 60],
    [43, 55, 59, 62],
  ];
  for (let beat = 0; beat / 2 < seconds; beat++) {
    const [bass = 0, ...chord] = chords[(beat >> 2) % 4] ?? [];
    const tune = 12 + (chord[Math.floor(3 * next())] ?? 0);
    for (const midi of [bass, ...(beat % 2 === 0 ? chord : []), tune]) note(midi, beat / 2);
    const skin = white(0.08, 0, Math.floor(1e6 * next()));
    add(beat / 2, 0.08, (n) => (beat % 2 === 0 ? 0.3 : 1.2) * (skin[n] ?? 0) * blow(n, 0.001, 0.02));
    if (beat % 2 > 0) continue;
    const drum = (n: number) => Math.sin((2 * Math.PI * (50 + 60 * Math.exp(-n / 400)) * n) / RATE);
    add(beat / 2, 0.2, (n) => 3 * drum(n) * blow(n, 0.002, 0.06));
  }
  return atLevel(out, db);
}

/** As many people as `voices` say these sentences all at once, each one after the other. */
export function babble(
  seconds: number,
  db: number,
  said: readonly Float32Array[],
  voices: number,
): Float32Array {
  const next = random(31);
  const out = silence(seconds);
  for (let voice = 0; voice < voices; voice++) {
    let at = Math.round(RATE * next());
    let which = Math.floor(said.length * next());
    while (at < out.length) {
      const sentence = join(atLevel(said[which % said.length] ?? silence(1), -20), silence(0.3 * next()));
      for (let n = 0; n < sentence.length && at + n < out.length; n++)
        out[at + n] = (out[at + n] ?? 0) + (sentence[n] ?? 0);
      at += sentence.length;
      which += 1 + Math.floor(5 * next());
    }
  }
  return atLevel(out, db);
}
