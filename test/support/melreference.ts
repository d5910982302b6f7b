/**
 * The mel spectrogram written down as plainly as its definition, for comparison: whole signal at once, discrete
 * Fourier sums, dense filters from linear interpolation. Shares no code with src/features.
 */
export function referenceMel(samples: Int16Array): Float64Array[] {
  const y = new Float64Array(samples.length);
  for (let n = 0; n < y.length; n++) {
    y[n] = samples[n]! / 32768 - (n > 0 ? (0.97 * samples[n - 1]!) / 32768 : 0);
  }
  const filters = denseFilters();
  const cosine = Float64Array.from({ length: 800 }, (_, n) => Math.cos((Math.PI * n) / 400));
  const frames: Float64Array[] = [];
  for (let centre = 0; centre <= y.length; centre += 200) {
    const frame = Float64Array.from({ length: 800 }, (_, n) => {
      const at = centre - 400 + n;
      return at < 0 || at >= y.length ? 0 : y[at]! * (0.5 - 0.5 * cosine[n]!);
    });
    const magnitudes = Float64Array.from({ length: 401 }, (_, k) => {
      let re = 0;
      let im = 0;
      for (let n = 0; n < 800; n++) {
        re += frame[n]! * cosine[(k * n) % 800]!;
        im += frame[n]! * cosine[(k * n + 600) % 800]!;
      }
      return Math.hypot(re, im);
    });
    frames.push(
      Float64Array.from(filters, (row) => {
        const sum = row.reduce((total, weight, k) => total + weight * magnitudes[k]!, 0);
        const level = 20 * (Math.log(Math.max(1e-5, sum)) / Math.LN10) - 20;
        return Math.max(-4, Math.min(4, 8 * ((level + 100) / 100) - 4));
      }),
    );
  }
  return frames;
}

function denseFilters(): Float64Array[] {
  const hz = (mel: number) => (mel < 15 ? (mel * 200) / 3 : 1000 * 6.4 ** ((mel - 15) / 27));
  const low = (55 * 3) / 200;
  const high = 15 + (27 * Math.log(7.6)) / Math.log(6.4);
  const edges = Array.from({ length: 82 }, (_, i) => hz(low + ((high - low) * i) / 81));
  return Array.from({ length: 80 }, (_, band) =>
    Float64Array.from({ length: 401 }, (_, k) => {
      const [left, peak, right] = [edges[band]!, edges[band + 1]!, edges[band + 2]!];
      const f = 20 * k;
      const rise = (f - left) / (peak - left);
      const fall = (right - f) / (right - peak);
      return (Math.max(0, Math.min(rise, fall)) * 2) / (right - left);
    }),
  );
}

/** Something like speech: a gliding buzz with pauses and a little noise, from a fixed seed. */
export function babble(length: number, seed = 1): Int16Array {
  let state = seed >>> 0;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32 - 0.5;
  };
  let phase = 0;
  return Int16Array.from({ length }, (_, n) => {
    const loud = Math.max(0, Math.sin(n / 1711)) * 9000;
    phase += 0.05 + 0.02 * Math.sin(n / 4001);
    return Math.round(loud * (Math.sin(phase) + 0.5 * Math.sin(5.1 * phase) + 0.3 * random()));
  });
}
