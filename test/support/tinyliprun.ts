import { readFileSync } from 'node:fs';
import * as ort from 'onnxruntime-node';
import sharp from 'sharp';
import { drawPortrait, rasterize } from '../../src/avatar/portrait/index.js';
import { featureKind } from '../../src/features/open.js';
import type { FeatureWindows } from '../../src/features/windows.js';
import { readManifest } from '../../src/inference/manifest.js';
import { speak } from '../../src/voice/index.js';
import { type Phone, TRAINING } from './mouthtrack.js';

export const PIXELS = 96 * 96;
const RATE = 16_000;
const tinylip = await readManifest('tinylip');
export const MODEL = tinylip.path;

/** Sentences no training ever saw. */
export const HELD_OUT = JSON.parse(readFileSync(new URL('held-out.json', TRAINING), 'utf8')) as string[];

/** What the model makes of a batch. */
export interface Mouths {
  readonly out: Float32Array;
  readonly flow: Float32Array;
  readonly alpha: Float32Array;
  readonly params: Float32Array;
  readonly paint: Float32Array;
}

export async function openModel(): Promise<ort.InferenceSession> {
  return await ort.InferenceSession.create(MODEL, { intraOpNumThreads: 1, interOpNumThreads: 1 });
}

/** `windows` of 80 x 16, all on one face [6, 96, 96]; with `mouths` of 6 numbers those are shown, not what is heard. */
export async function infer(
  session: ort.InferenceSession,
  windows: readonly Float32Array[],
  face: Float32Array,
  mouths?: readonly Float32Array[],
): Promise<Mouths> {
  const batch = windows.length;
  const mel = new Float32Array(batch * 1280);
  const faces = new Float32Array(batch * face.length);
  const shown = new Float32Array(6 * batch);
  const drive = new Float32Array(batch).fill(mouths === undefined ? 0 : 1);
  for (const [k, window] of windows.entries()) {
    mel.set(window, k * 1280);
    faces.set(face, k * face.length);
    if (mouths?.[k]) shown.set(mouths[k], 6 * k);
  }
  const got = await session.run({
    mel: new ort.Tensor('float32', mel, [batch, 1, 80, 16]),
    face: new ort.Tensor('float32', faces, [batch, 6, 96, 96]),
    mouth: new ort.Tensor('float32', shown, [batch, 6]),
    drive: new ort.Tensor('float32', drive, [batch, 1]),
  });
  const data = (name: string) => got[name]!.data as Float32Array;
  return {
    out: data('out'),
    flow: data('flow'),
    alpha: data('alpha'),
    params: data('params'),
    paint: data('paint'),
  };
}

/** A drawn person's face as the model takes it: BGR planes 0..1, first with the lower half black, then whole. */
export async function drawnFace(who: number | 'ava'): Promise<Float32Array> {
  const portrait = drawPortrait(who, { width: 512, height: 512 });
  const { x, y, w, h } = portrait.geometry.box;
  const picture = await rasterize(portrait);
  const rgb = await sharp(picture.data, { raw: { width: 512, height: 512, channels: 3 } })
    .extract({ left: Math.round(x), top: Math.round(y), width: Math.round(w), height: Math.round(h) })
    .resize(96, 96, { fit: 'fill' })
    .raw()
    .toBuffer();
  const face = new Float32Array(6 * PIXELS);
  for (let c = 0; c < 3; c++)
    for (let i = 0; i < PIXELS; i++) {
      const v = rgb[3 * i + 2 - c]! / 255;
      face[(3 + c) * PIXELS + i] = v;
      face[c * PIXELS + i] = i < PIXELS / 2 ? v : 0;
    }
  return face;
}

/** What `featextract` hears with for tinylip, at 25 fps. */
export function ears(): FeatureWindows {
  const { features, windowOffsetMs: offsetMs, level } = tinylip;
  return featureKind(features).open({ framerate: { num: 25, den: 1 }, offsetMs, level });
}

/** A sentence said by `voice`, with `lead` seconds of silence around: a window per video frame, and the phonemes. */
export async function spoken(text: string, voice: string, lead = 0.4) {
  const windows: Float32Array[] = [];
  const mel = ears();
  const receive = (_: number, window: Float32Array) => void windows.push(window.slice());
  const phones: Phone[] = [];
  const quiet = new Int16Array(lead * RATE);
  mel.push(quiet, receive);
  for await (const { samples, marks } of speak({ text, voice, rate: RATE })) {
    mel.push(samples, receive);
    for (const mark of marks)
      if (mark.type === 'phoneme')
        phones.push({ phone: mark.phone, start: lead + mark.at / RATE, end: lead + mark.end / RATE });
  }
  mel.push(quiet, receive);
  const seconds = mel.position / RATE;
  mel.complete(mel.position, receive);
  return { windows, phones, seconds };
}
