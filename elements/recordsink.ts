/**
 * Writes a file that can be played at any moment, also when the process is killed while writing.
 *
 * MP4 is written in fragments of a second, each complete in itself; Matroska by its nature. Encoders run without
 * look-ahead, so that recording a live session delays nothing, and the same settings serve an offline render.
 *
 * AAC encoders put out everything late by a fixed number of samples, and MP4 fragments have no place to say so. The
 * audio is therefore led into the encoder that much earlier on the running time; only silence of the encoder's own
 * start is lost by it. Flash and beep of a recording then coincide within a millisecond.
 *
 * With `captions` what is said is written along, of the marks that come with the sound: as a track that players show (MP4's timed text,
 * Matroska's S_TEXT/UTF8), as a WebVTT file beside the recording, or both. A cue is known at its end, so a file then ends up to three
 * seconds earlier when the process is killed. It takes raw sound: what is encoded has lost its marks.
 *
 * Messages: `progress {time, bytes}` once a second while there is any.
 */
import { accessSync, constants, lstatSync, statSync, unlinkSync } from 'node:fs';
import { dirname, extname, resolve } from 'node:path';
import {
  Bin,
  type Builder,
  type Caps,
  type Metadata,
  type Ns,
  type PadTemplates,
  type Part,
  type Properties,
  SECOND,
  TalkError,
} from '../src/element/index.js';
import { AAC_DELAY, AAC_RATE, encodeAac } from '../src/encode/aac.js';
import { Beginning } from '../src/encode/beginning.js';

/** What an ending of the file name means. */
interface Container {
  /** Launch text of the muxer; undefined where there is none. */
  mux: (props: { fragment: number; faststart: boolean }) => string;
  /** Pad templates of the muxer; a pad that is missing cannot be recorded. */
  pads: Partial<Record<'video' | 'audio' | 'captions', string>>;
  /** PCM instead of AAC. */
  pcm?: boolean;
}

const mp4 = ({ fragment, faststart }: { fragment: number; faststart: boolean }): string =>
  `mp4mux name=mux ${faststart ? 'faststart=true' : `fragment-duration=${fragment}`}`;
const BOTH = { video: 'video_%u', audio: 'audio_%u', captions: 'subtitle_%u' };

const CONTAINERS: Record<string, Container> = {
  '.mp4': { mux: mp4, pads: BOTH },
  '.m4a': { mux: mp4, pads: { audio: 'audio_%u' } },
  '.mkv': { mux: () => 'matroskamux name=mux offset-to-zero=true writing-app=talkgraph', pads: BOTH },
  '.wav': { mux: () => 'wavenc name=mux', pads: { audio: 'sink' }, pcm: true },
};

const PARSERS: Record<string, string> = {
  'video/x-h264': 'h264parse',
  'audio/mpeg': 'aacparse',
  'audio/x-opus': 'opusparse',
};

export default class RecordSink extends Bin<typeof RecordSink.properties> {
  static readonly metadata = {
    name: 'recordsink',
    longName: 'Recording sink',
    klass: 'Sink/File/Muxer',
    description: 'Records audio and video to a file that survives a crash',
    author: 'talkgraph',
  } satisfies Metadata;

  static readonly properties = {
    location: { type: 'path', default: '', blurb: 'File to write: .mp4, .mkv, .m4a or .wav' },
    bitrate: {
      type: 'uint',
      unit: 'bit/s',
      max: 100_000_000,
      ui: [500_000, 8_000_000],
      default: 0,
      blurb: 'Bitrate of the video; 0: constant quality, see crf',
    },
    crf: {
      type: 'uint',
      max: 50,
      ui: [17, 30],
      default: 21,
      blurb: 'Quality of the video, less is better',
    },
    preset: {
      type: 'enum',
      values: ['ultrafast', 'superfast', 'veryfast', 'faster', 'fast', 'medium', 'slow'],
      default: 'superfast',
      blurb: 'Effort of the video encoder',
    },
    'audio-bitrate': {
      type: 'uint',
      unit: 'bit/s',
      min: 16_000,
      max: 512_000,
      default: 128_000,
      blurb: 'Bitrate of the sound',
    },
    'key-interval': {
      type: 'uint',
      unit: 'frames',
      min: 1,
      max: 10_000,
      default: 50,
      blurb: 'Frames between key frames',
    },
    'fragment-duration': {
      type: 'uint',
      unit: 'ms',
      min: 100,
      max: 60_000,
      default: 1000,
      blurb: 'MP4: what a crash can cost at most',
    },
    faststart: {
      type: 'bool',
      default: false,
      blurb: 'MP4 in one piece with its index in front; a crash then leaves no playable file',
    },
    'start-time': {
      type: 'uint64',
      unit: 'ns',
      default: 0,
      mutable: 'playing',
      blurb: 'Running time from which both tracks are recorded, raw ones; to be set before they come',
    },
    captions: {
      type: 'enum',
      values: ['none', 'track', 'file', 'both'],
      default: 'none',
      blurb: 'What is said as subtitles: as a track of the recording, as a .vtt file beside it, or both',
    },
  } as const satisfies Properties;

  static readonly pads = {
    video: {
      direction: 'sink',
      presence: 'request',
      caps: 'video/x-raw; video/x-h264; video/x-vp8',
    },
    audio: {
      direction: 'sink',
      presence: 'request',
      caps: 'audio/x-raw; audio/mpeg, mpegversion=4; audio/x-opus',
    },
  } satisfies PadTemplates;

  static readonly examples = [
    'videotestsrc num-buffers=25 ! recordsink name=r location=/tmp/example.mp4 audiotestsrc num-buffers=43 ! r.audio',
    'audiotestsrc num-buffers=43 ! recordsink location=/tmp/example.wav',
  ];

  #container: Container | undefined;
  readonly #tails = new Map<string, Part>();
  /** How much of a track has passed its tail, ns. */
  readonly #meters = new Map<string, (passed: { buffers: number; bytes: number }) => Ns>();
  #beginning: Beginning | undefined;
  #timer: NodeJS.Timeout | undefined;
  #told = '';
  /** The file, where nobody else had made an empty one of that name. */
  #own: string | undefined;

  override build(bin: Builder): void {
    const { location, faststart, 'fragment-duration': fragment } = this.props;
    const container = containerOf(location);
    this.#own = undefined;
    checkWritable(location);
    this.#container = container;
    this.#tails.clear();
    this.#meters.clear();
    this.#beginning = undefined;
    const mux = bin.add(container.mux({ fragment, faststart }));
    // Unbuffered: what was written is in the file when the process dies.
    const file = bin.add('filesink name=file sync=false async=false buffer-mode=unbuffered');
    const path = resolve(location);
    mux.link(file.set('location', path));
    if (statSync(path, { throwIfNoEntry: false })?.size !== 0) this.#own = path;
    const { captions } = this.props;
    const tracks = captions === 'track' || captions === 'both' ? [...bin.pads, 'captions'] : bin.pads;
    for (const pad of tracks) {
      const template = container.pads[pad as 'video' | 'audio' | 'captions'];
      if (template === undefined) {
        throw new TalkError('core/link', `A ${extname(location)} file holds no ${pad}; .mp4 and .mkv do.`);
      }
      // The muxer's pads are there before any data: one that came later would be refused.
      // Matroska needs no text for silence, and would write it.
      const drop =
        pad === 'captions' && extname(path).toLowerCase() === '.mkv' ? 'drop-buffer-flags=gap' : '';
      const tail = bin.add(`identity name=${pad}-tail silent=true ${drop}`);
      // A cue is known at its end: the muxer has the others wait for it, encoded.
      const waits = tracks !== bin.pads && pad !== 'captions';
      (waits ? tail.link(bin.add(queueOf(`${pad}-wait`, 10))) : tail).link(mux, { to: template });
      this.#tails.set(pad, tail);
    }
    if (captions === 'none') return;
    if (!bin.pads.includes('audio')) {
      throw new TalkError(
        'core/link',
        'Expected a link to the pad audio for captions, which are of what is said.',
      );
    }
    if (captions !== 'track') checkWritable(besides(location));
  }

  override start(): void {
    this.#told = '';
    this.#timer = setInterval(() => this.#tell(), 1000);
  }

  override stop(): void {
    clearInterval(this.#timer);
    this.#tell();
    if (this.#own !== undefined && this.#passed === 0) removeFile(this.#own);
  }

  override padCaps(pad: string, { name, fields }: Caps, bin: Builder): void {
    const tail = this.#tails.get(pad);
    if (tail === undefined || this.#meters.has(pad)) return;
    const queue = bin.add(queueOf(`${pad}-queue`, 2));
    const raw = name.endsWith('/x-raw');
    const begun = raw ? this.#begin(pad, queue, bin) : queue;
    const encode = pad === 'video' ? this.#encodeVideo : this.#encodeAudio;
    const from = pad === 'audio' && this.props.captions !== 'none' ? this.#caption(begun, raw, bin) : begun;
    (raw ? encode.call(this, from, bin) : from.link(bin.add(PARSERS[name] ?? 'identity'))).link(tail);
    this.#meters.set(
      pad,
      pad === 'video' ? pictures(fields) : this.#container?.pcm ? samples(fields) : frames(),
    );
    bin.expose(pad, queue);
  }

  /** Reads the marks of the sound; returns what the sound goes on from. */
  #caption(from: Part, raw: boolean, bin: Builder): Part {
    if (!raw) {
      throw new TalkError(
        'core/link',
        'Expected raw sound for captions but received encoded sound, which has no marks.',
      );
    }
    const { captions, location } = this.props;
    const tee = from.link(bin.add('tee name=marks'));
    const written = (name: string, format: string) =>
      tee.link(bin.add(queueOf(`${name}-queue`, 2))).link(bin.add(`captions name=${name} format=${format}`));
    const tail = this.#tails.get('captions');
    if (tail !== undefined) written('cues', 'utf8').link(tail);
    if (captions === 'track') return tee;
    const file = bin.add('filesink name=vtt sync=false async=false buffer-mode=unbuffered');
    written('lines', 'vtt').link(file.set('location', resolve(besides(location))));
    return tee;
  }

  #encodeVideo(from: Part, bin: Builder): Part {
    const { bitrate, crf, preset, 'key-interval': keyInterval } = this.props;
    const rate =
      bitrate > 0 ? `pass=cbr bitrate=${Math.round(bitrate / 1000)}` : `pass=qual quantizer=${crf}`;
    return from.link(
      bin.add(
        'videoconvert ! video/x-raw,format=I420 ' +
          `! x264enc speed-preset=${preset} ${rate} key-int-max=${keyInterval} threads=1 bframes=0 rc-lookahead=0 ` +
          'sync-lookahead=0 mb-tree=false ! video/x-h264,profile=high ! h264parse',
      ),
    );
  }

  #encodeAudio(from: Part, bin: Builder): Part {
    if (this.#container?.pcm)
      return from.link(bin.add('audioconvert ! capsfilter caps=audio/x-raw,format=S16LE'));
    const [convert, encode] = encodeAac(this.props['audio-bitrate']);
    const shifted = from.link(bin.add(convert).shift('src', -AAC_DELAY));
    return (this.#beginning?.shifted(shifted) ?? shifted).link(bin.add(encode));
  }

  /** Where both tracks have to begin together; a stream from its own beginning does so by itself. */
  #begin(pad: string, from: Part, bin: Builder): Part {
    const at = this.props['start-time'];
    if (at === 0 || bin.pads.length < 2) return from;
    this.#beginning ??= new Beginning(bin, at);
    return pad === 'video' ? this.#beginning.video(from) : this.#beginning.sound(from);
  }

  /** Buffers that have reached the muxer. */
  get #passed(): number {
    return [...this.#tails.values()].reduce((sum, tail) => sum + passedBy(tail).buffers, 0);
  }

  #tell(): void {
    const times = [...this.#meters].map(([pad, meter]) => {
      const tail = this.#tails.get(pad);
      return tail === undefined ? 0 : meter(passedBy(tail));
    });
    const time = Math.max(0, ...times);
    const bytes = statSync(resolve(this.props.location), { throwIfNoEntry: false })?.size ?? 0;
    const now = `${time} ${bytes}`;
    if (time > 0 && now !== this.#told) this.post('progress', { time, bytes });
    this.#told = now;
  }
}

const queueOf = (name: string, seconds: number): string =>
  `queue name=${name} max-size-time=${seconds * SECOND} max-size-buffers=0 max-size-bytes=0`;

/** The file of captions beside a recording. */
const besides = (location: string): string => `${location.slice(0, -extname(location).length)}.vtt`;

/** A GstStructure of numbers. */
interface Structure {
  fields: Record<string, number>;
}

function passedBy(tail: Part): { buffers: number; bytes: number } {
  const stats = tail.get('stats') as Structure | undefined;
  return { buffers: stats?.fields['num-buffers'] ?? 0, bytes: stats?.fields['num-bytes'] ?? 0 };
}

/** What passes the tail of a video track: one buffer per picture. */
function pictures(fields: Caps['fields']): (passed: { buffers: number }) => Ns {
  const { num = 0, den = 1 } = (fields['framerate'] ?? {}) as { num?: number; den?: number };
  return ({ buffers }) => (num === 0 ? 0 : Math.round((buffers * den * SECOND) / num));
}

/** What passes the tail of an AAC track. */
function frames(): (passed: { buffers: number }) => Ns {
  return ({ buffers }) => Math.round((buffers * 1024 * SECOND) / AAC_RATE);
}

/** What passes the tail of a PCM track. */
function samples(fields: Caps['fields']): (passed: { bytes: number }) => Ns {
  const perSecond = Number(fields['rate'] ?? AAC_RATE) * Number(fields['channels'] ?? 1) * 2;
  return ({ bytes }) => Math.round((bytes * SECOND) / perSecond);
}

function containerOf(location: string): Container {
  const known = Object.keys(CONTAINERS).join(', ');
  if (location === '') {
    throw new TalkError(
      'resource/settings',
      `Expected a file name for location (${known}) but received none.`,
    );
  }
  const container = CONTAINERS[extname(location).toLowerCase()];
  if (container !== undefined) return container;
  throw new TalkError(
    'resource/settings',
    `Expected a file name that ends in ${known} for location but received ${JSON.stringify(location)}.`,
  );
}

/** Whatever failed before the first sound or picture leaves no file that looks like a recording. */
function removeFile(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isFile()) unlinkSync(path);
}

/** Says before anything runs what would fail at the first byte. */
function checkWritable(location: string): void {
  const path = resolve(location);
  const folder = dirname(path);
  try {
    if (!statSync(folder).isDirectory()) throw new Error('not a folder');
  } catch {
    throw new TalkError(
      'resource/not-found',
      `The folder ${folder} does not exist; nothing can be recorded there.`,
    );
  }
  const existing = statSync(path, { throwIfNoEntry: false });
  if (existing?.isDirectory())
    throw new TalkError('resource/write', `${path} is a folder, not a file to record to.`);
  try {
    accessSync(existing === undefined ? folder : path, constants.W_OK);
  } catch (cause) {
    throw new TalkError('resource/not-authorized', `${path} may not be written.`, { cause });
  }
}
