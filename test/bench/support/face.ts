/** The face path on a bench: one live session, the encoders of `webrtcsink`, and the face at rest to compare with. */
import WebRtcSink from '../../../elements/webrtcsink.js';
import { type Avatar, type OpenOptions, openAvatar } from '../../../src/avatar/index.js';
import type { Frame } from '../../../src/element/index.js';
import type { ElementHandle } from '../../../src/graph/handle.js';
import { Pipeline } from '../../../src/graph/pipeline.js';
import { registerElements } from '../../../src/graph/registry.js';
import { warmVoices } from '../../../src/voice/index.js';
import { software, voiceEncoder } from '../../../src/webrtc/chain.js';
import type { ViewerSink } from '../../../src/webrtc/viewers.js';
import { registerProbes } from './probes.js';

/** Size of the pictures that the budgets speak of. */
export const SIZE = { width: 512, height: 512 };
const SIZED = `width=${SIZE.width} height=${SIZE.height}`;

/** Everything a face needs, loaded before the clock starts. */
export async function prepare(size: OpenOptions = SIZE): Promise<Avatar> {
  registerProbes();
  await registerElements();
  await warmVoices('flite/slt');
  return openAvatar('ava', size);
}

/** The branch of the picture, from `tee name=t` to raw pictures. */
export const FACE = `t. ! queue ! audioresample ! featextract ! lipsyncfilter name=lips ${SIZED} ! pastebackmix name=face ${SIZED}`;

/** What `webrtcsink` encodes with when nobody sets anything. */
const defaults = WebRtcSink.properties;
export const PICTURE_ENCODER = software({
  codec: 'H264',
  bitrate: defaults.bitrate.default,
  crf: defaults.crf.default,
  preset: defaults.preset.default,
  keyInterval: defaults['key-interval'].default,
}).text('h264-encoder');
export const VOICE_ENCODER = voiceEncoder({
  name: 'opus',
  bitrate: defaults['audio-bitrate'].default,
  frameSize: defaults['frame-size'].default,
});

/** Plays a launch line; an error of the pipeline ends the bench. */
export async function session(line: string): Promise<Pipeline> {
  const pipeline = Pipeline.launch(line);
  pipeline.on('error', (error) => {
    throw error;
  });
  await pipeline.play();
  return pipeline;
}

/** True when the picture differs from the face at rest, which the loop shows byte for byte where nobody speaks. */
export function speaks({ data, pts = 0 }: Frame, avatar: Avatar): boolean {
  const { num, den } = avatar.framerate;
  const rest = avatar.data(avatar.index(Math.round((pts * num) / (den * 1e9))));
  return Buffer.compare(data, rest) !== 0;
}

/** The viewers' side of the sink a graph ends in. */
export function viewersOf(out: ElementHandle | undefined): ViewerSink {
  if (out === undefined) throw new Error('the graph has no end called out');
  return out.instance as unknown as ViewerSink;
}

/** Resolves after `ms`. Benches may wait; tests may not. */
export const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
