/** A room in which what we say comes back: the near end with and without GStreamer's echo canceller. */
import EchoCancel from '../../elements/echocancel.js';
import FarEnd from '../../elements/farend.js';
import { pcm, register } from '../../src/element/index.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import type { Feed } from '../../src/graph/samples.js';
import { RATE, random, rms, toFloats, toInt16 } from './noises.js';

for (const element of [EchoCancel, FarEnd]) register(element);

/** Samples that are given at once, 20 ms. */
const STEP = RATE / 50;

/**
 * Plays `far` and lets `echocancel`, set as `how`, hear `near`, piece by piece and as fast as it goes; returns what is left of `near`.
 * Both have 16 kHz and the same length.
 */
export async function cancelled(far: Float32Array, near: Float32Array, how: string): Promise<Float32Array> {
  const caps = `audio/x-raw,format=S16LE,layout=interleaved,channels=1,rate=${RATE}`;
  const source = (name: string) => `appsrc name=${name} format=time is-live=true caps="${caps}"`;
  const sink = (name: string) => `appsink name=${name} sync=false async=false`;
  const pipeline = Pipeline.launch(
    `${source('far')} ! tee name=t ! queue ! ${sink('played')} t. ! farend name=own ${how} ${source('near')} ! echocancel far=own ${/mode=\S+/.exec(how)?.[0] ?? ''} ! ${sink('left')}`,
  );
  const [played, left] = ['played', 'left'].map((name) => {
    const end = { got: [] as number[], came: (): void => undefined };
    pipeline.element(name).onSamples(
      (batch) => {
        for (const { data } of batch) end.got.push(...pcm({ data: data.slice() }));
        end.came();
      },
      { full: 'wait' },
    );
    const until = async (length: number) => {
      while (end.got.length < length) await new Promise<void>((resolve) => (end.came = resolve));
    };
    return { got: end.got, until };
  }) as [Ended, Ended];
  const push = async (name: string, sound: Int16Array, at: number) => {
    const data = new Uint8Array(sound.slice(at, at + STEP).buffer);
    const feed = feeds[name] ?? pipeline.element(name).feed();
    feeds[name] = feed;
    await feed.push({ data, pts: Math.round((at * 1e9) / RATE), duration: 20e6 });
  };
  const feeds: Record<string, Feed> = {};
  const playing = pipeline.play();
  const [there, here] = [toInt16(far), toInt16(near)];
  for (let at = 0; at < far.length; at += STEP) {
    // What is played is known before it is heard, as where sound takes its time; of what is heard the canceller keeps its last 10 ms.
    await push('far', there, at);
    await played.until(at + STEP);
    if (at < 2 * STEP) continue;
    await push('near', here, at - 2 * STEP);
    await left.until(at - 2 * STEP + RATE / 100);
  }
  await playing;
  await pipeline.close();
  const out = new Float32Array(far.length);
  out.set(toFloats(Int16Array.from(left.got)));
  return out;
}

interface Ended {
  readonly got: number[];
  readonly until: (length: number) => Promise<void>;
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
