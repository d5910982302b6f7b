/**
 * Sounds at 16 kHz for ears: noises that are no speech, and speech in noise. All of them the same on every run.
 *
 * Levels are the RMS in dB of full scale.
 */

export const RATE = 16_000;

/** Numbers from 0 to 1 that are the same on every run (mulberry32). */
export function random(seed: number): () => number {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const samplesIn = (seconds: number) => Math.round(seconds * RATE);
const gainOf = (db: number) => 10 ** (db / 20);

export function rms(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return Math.sqrt(sum / samples.length);
}

/** The same sound at another level. */
export function atLevel(samples: Float32Array, db: number): Float32Array {
  const gain = gainOf(db) / (rms(samples) || 1);
  return samples.map((sample) => sample * gain);
}

export function white(seconds: number, db: number, seed = 1): Float32Array {
  const next = random(seed);
  // Three numbers added up are as good as a Gaussian here.
  return atLevel(
    Float32Array.from({ length: samplesIn(seconds) }, () => next() + next() + next() - 1.5),
    db,
  );
}

/** Noise that falls by 3 dB an octave (Paul Kellet's filter): rooms, rain, streets. */
export function pink(seconds: number, db: number, seed = 2): Float32Array {
  let [b0, b1, b2] = [0, 0, 0];
  const coloured = white(seconds, 0, seed).map((w) => {
    b0 = 0.99765 * b0 + w * 0.099046;
    b1 = 0.963 * b1 + w * 0.2965164;
    b2 = 0.57 * b2 + w * 1.0526913;
    return b0 + b1 + b2 + w * 0.1848;
  });
  return atLevel(coloured, db);
}

/** Mains and its overtones, as a bad cable brings them. */
export function hum(seconds: number, db: number, frequency = 50): Float32Array {
  const wave = Float32Array.from({ length: samplesIn(seconds) }, (_, n) =>
    [1, 0.5, 0.4, 0.2, 0.2].reduce(
      (sum, part, i) => sum + part * Math.sin((2 * Math.PI * frequency * (i + 1) * n) / RATE),
      0,
    ),
  );
  return atLevel(wave, db);
}

/** Bursts of noise, `length` seconds each, one every `every` seconds: doors, keys, paper. */
export function bursts(
  seconds: number,
  db: number,
  { length = 0.2, every = 1, seed = 3 } = {},
): Float32Array {
  const noise = white(seconds, db, seed);
  return noise.map((sample, n) => ((n / RATE) % every < length ? sample : 0));
}

/** A resonance: what a throat makes of noise. */
export function resonate(samples: Float32Array, frequency: number, width: number): Float32Array {
  const r = Math.exp((-Math.PI * width) / RATE);
  const c = 2 * r * Math.cos((2 * Math.PI * frequency) / RATE);
  let [y1, y2] = [0, 0];
  return samples.map((x) => {
    const y = (1 - r) * x + c * y1 - r * r * y2;
    y2 = y1;
    y1 = y;
    return y;
  });
}

/** Coughs: two or three explosions of breath through an open throat, every two seconds. `db` is that of their first 50 ms. */
export function coughs(seconds: number, db: number, seed = 4): Float32Array {
  const next = random(seed);
  const out = new Float32Array(samplesIn(seconds));
  for (let start = 0.4; start < seconds - 1.2; start += 1.6 + 0.8 * next()) {
    let at = start;
    for (let bark = 0; bark < 2 + Math.floor(2 * next()); bark++) {
      const length = 0.12 + 0.16 * next();
      const breath = white(length, 0, Math.floor(1e6 * next()));
      const throat = [
        [450 + 200 * next(), 250],
        [1300 + 300 * next(), 350],
        [2600 + 400 * next(), 500],
      ].map(([frequency = 0, width = 0]) => resonate(breath, frequency, width));
      const sound = breath.map((_, n) => throat.reduce((sum, one) => sum + (one[n] ?? 0), 0));
      const loud = atLevel(sound, db);
      const first = Math.round(at * RATE);
      for (const [n, sample] of loud.entries()) {
        const rise = Math.min(1, n / (0.008 * RATE));
        out[first + n] = (out[first + n] ?? 0) + sample * rise * Math.exp(-n / (0.07 * RATE));
      }
      at += length + 0.08 + 0.15 * next();
    }
  }
  return out;
}

/** Sounds on top of each other; the first one says how long. */
export function mix(first: Float32Array, ...others: readonly Float32Array[]): Float32Array {
  return first.map((sample, n) => others.reduce((sum, other) => sum + (other[n] ?? 0), sample));
}

/** Sounds one behind the other. */
export function join(...parts: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

export const silence = (seconds: number) => new Float32Array(samplesIn(seconds));

export function toInt16(samples: Float32Array): Int16Array<ArrayBuffer> {
  return Int16Array.from(samples, (sample) => Math.max(-32768, Math.min(32767, Math.round(sample * 32768))));
}

export function toFloats(samples: Int16Array): Float32Array {
  return Float32Array.from(samples, (sample) => sample / 32768);
}
