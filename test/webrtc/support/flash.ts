/**
 * Live sources for measuring sync inside our own pipelines: a white flash of two frames and a 100 ms beep of 1 kHz at
 * every whole second of running time, both stamped from counters. `registerFlash()` makes `flashsrc` and `beepsrc`.
 */
import {
  type Created,
  framesToNs,
  type Metadata,
  type PadTemplates,
  type Position,
  type Properties,
  register,
  Source,
} from '../../../src/element/index.js';

const RATE = 25;
const WHITE_FRAMES = 2;
/** Samples per buffer: 10 ms of 24 kHz, what a voice has. */
const BLOCK = 240;
const AUDIO_RATE = 24000;

class FlashSrc extends Source<typeof FlashSrc.properties> {
  static readonly metadata = {
    name: 'flashsrc',
    longName: 'Flash source',
    klass: 'Source/Video/Test',
    description: 'A white flash at every whole second',
    author: 'talkgraph',
  } satisfies Metadata;
  static readonly properties = {
    'is-live': { type: 'bool', default: true, blurb: 'Paced by the clock' },
    width: { type: 'uint', default: 320, blurb: 'Width' },
    height: { type: 'uint', default: 240, blurb: 'Height' },
    frames: { type: 'uint', default: 0, blurb: 'Frames until the end; 0: no end' },
  } as const satisfies Properties;
  static readonly pads = { src: { caps: 'video/x-raw, format=I420, framerate=25/1' } } satisfies PadTemplates;
  #n = 0;

  override start(): void {
    this.#n = 0;
    const { width, height } = this.props;
    this.setOutputCaps(`video/x-raw, format=I420, width=${width}, height=${height}, framerate=${RATE}/1`);
  }

  override create(): Created {
    const n = this.#n++;
    if (this.props.frames > 0 && n >= this.props.frames) return null;
    const luma = this.props.width * this.props.height;
    const data = this.alloc((luma * 3) / 2);
    data.fill(n % RATE < WHITE_FRAMES ? 235 : 16, 0, luma).fill(128, luma);
    const pts = framesToNs(n, RATE);
    return { data, pts, duration: framesToNs(1, RATE), ...(this.props['is-live'] ? { at: pts } : {}) };
  }
}

class BeepSrc extends Source<typeof BeepSrc.properties> {
  static readonly metadata = {
    name: 'beepsrc',
    longName: 'Beep source',
    klass: 'Source/Audio/Test',
    description: 'A beep at every whole second, with a mark in front of it',
    author: 'talkgraph',
  } satisfies Metadata;
  static readonly properties = {
    'is-live': { type: 'bool', default: true, blurb: 'Paced by the clock' },
    blocks: { type: 'uint', default: 0, blurb: 'Blocks of 10 ms until the end; 0: no end' },
    ahead: { type: 'uint', unit: 'ms', default: 0, blurb: 'By how much it leaves before its time' },
  } as const satisfies Properties;
  static readonly pads = {
    src: { caps: `audio/x-raw, format=S16LE, layout=interleaved, channels=1, rate=${AUDIO_RATE}` },
  } satisfies PadTemplates;

  override create({ frames }: Position): Created {
    if (this.props.blocks > 0 && frames >= this.props.blocks * BLOCK) return null;
    const samples = new Int16Array(BLOCK);
    const into = frames % AUDIO_RATE;
    if (into < AUDIO_RATE / 10) {
      for (let i = 0; i < BLOCK; i++)
        samples[i] = 16384 * Math.sin((2 * Math.PI * 1000 * (into + i)) / AUDIO_RATE);
    }
    const pts = framesToNs(frames, AUDIO_RATE);
    const data = new Uint8Array(samples.buffer);
    const frame = {
      data,
      pts,
      duration: framesToNs(BLOCK, AUDIO_RATE),
      ...(this.props['is-live'] ? { at: Math.max(0, pts - this.props.ahead * 1e6) } : {}),
    };
    if (into !== 0) return frame;
    return [{ event: true, name: 'beep', fields: { pts, second: frames / AUDIO_RATE } }, frame];
  }
}

export function registerFlash(): void {
  register(FlashSrc);
  register(BeepSrc);
}
