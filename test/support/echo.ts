/** A room in which what we say comes back: the near end with and without GStreamer's echo canceller. */
import { Pipeline } from '../../src/graph/pipeline.js';
import type { Sample } from '../../src/graph/samples.js';
import { RATE, random, rms, toFloats, toInt16 } from './noises.js';

/** What the echo canceller is set to: as a conversation would have it. */
export const CANCELLER =
  'webrtcdsp probe=probe echo-cancel=true echo-suppression-level=high noise-suppression=false gain-control=false voice-detection=false';

/**
 * Plays `far` into a probe and `near` into the canceller, on one clock at the speed of sound; returns what is left of `near`.
 * Both have 16 kHz and the same length.
 */
export async function cancelled(
  far: Float32Array,
  near: Float32Array,
  canceller = CANCELLER,
): Promise<Float32Array> {
  const caps = `audio/x-raw,format=S16LE,layout=interleaved,rate=${RATE}`;
  const pipeline = Pipeline.launch(
    `appsrc name=in format=time is-live=true caps="${caps},channels=2,channel-mask=(bitmask)0x3" ! deinterleave name=d ` +
      `d.src_0 ! queue ! audioconvert ! ${caps},channels=1 ! webrtcechoprobe name=probe ! fakesink sync=true ` +
      `d.src_1 ! queue ! audioconvert ! ${caps},channels=1 ! ${canceller} ! appsink name=out sync=true`,
  );
  const got: Sample[] = [];
  pipeline.element('out').onSamples((batch) => void got.push(...batch), { full: 'wait' });
  const feed = pipeline.element('in').feed();
  const finished = pipeline.finished();
  // It plays with the first data only.
  const playing = pipeline.play();
  const step = RATE / 50;
  const [left, right] = [toInt16(far), toInt16(near)];
  for (let at = 0; at < far.length; at += step) {
    const both = new Int16Array(2 * step);
    for (let n = 0; n < step; n++) {
      both[2 * n] = left[at + n] ?? 0;
      both[2 * n + 1] = right[at + n] ?? 0;
    }
    await feed.push({
      data: new Uint8Array(both.buffer),
      pts: Math.round((at * 1e9) / RATE),
      duration: 20e6,
    });
  }
  feed.end();
  await Promise.all([playing, finished]);
  await pipeline.close();
  const out = new Float32Array(far.length);
  for (const { data, pts = 0 } of got) {
    const samples = new Int16Array(data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength));
    out.set(
      toFloats(samples).subarray(0, Math.max(0, out.length - Math.round((pts * RATE) / 1e9))),
      Math.round((pts * RATE) / 1e9),
    );
  }
  return out;
}

/** What comes back of a sound: later, softer, and a little of it later still, as from a wall. */
export function echoOf(sound: Float32Array, delayMs: number, db: number): Float32Array {
  const gain = 10 ** (db / 20);
  const [first, second] = [Math.round((delayMs * RATE) / 1000), Math.round(((delayMs + 23) * RATE) / 1000)];
  return sound.map((_, n) => gain * ((sound[n - first] ?? 0) + 0.4 * (sound[n - second] ?? 0)));
}

/**
 * What comes back of a voice through a small loudspeaker (it clips softly and has no bass) and a room that rings for 0.35 s, `db`
 * against what was played. The same on every run.
 */
export function roomEcho(sound: Float32Array, delayMs: number, db: number): Float32Array {
  const next = random(3);
  const ring = 0.35 * RATE;
  const taps: (readonly [number, number])[] = [[0, 1]];
  for (let n = 40; n < 0.7 * ring; n += 1 + Math.floor(60 * next()))
    taps.push([n, (next() - 0.5) * Math.exp((-6.9 * n) / ring)]);
  const played = sound.map((sample) => Math.tanh(3 * sample) / 3);
  const out = new Float32Array(sound.length);
  const delay = Math.round((delayMs * RATE) / 1000);
  for (const [after, gain] of taps) {
    for (let n = delay + after; n < out.length; n++)
      out[n] = (out[n] ?? 0) + gain * (played[n - delay - after] ?? 0);
  }
  let bass = 0;
  const thin = out.map((sample) => {
    bass += 0.12 * (sample - bass);
    return sample - 0.9 * bass;
  });
  const gain = (10 ** (db / 20) * rms(sound)) / rms(thin);
  return thin.map((sample) => gain * sample);
}
