/**
 * Writes a file that can be played at any moment, also when the process is killed while writing.
 *
 * MP4 is written in fragments of a second, each complete in itself; Matroska by its nature. Encoders run without look-ahead, so that
 * recording a live session delays nothing, and the same settings serve an offline render.
 *
 * AAC encoders put out everything late by a fixed number of samples, and MP4 fragments have no place to say so. The audio is therefore led
 * into the encoder that much earlier on the running time; only silence of the encoder's own start is lost by it. Flash and beep of a
 * recording then coincide within a millisecond.
 *
 * With `captions` what is said is written along, of the marks that come with the sound: as a track that players show (MP4's timed text,
 * Matroska's S_TEXT/UTF8), as a WebVTT file beside the recording, or both. A cue is known at its end, so a file then ends up to three
 * seconds earlier when the process is killed. It takes raw sound: what is encoded has lost its marks.
 *
 * With `segment-time`, `segment-size` or both it is files with a number, `talk-00001.mp4` and so on, of which each begins with a key frame and
 * plays alone, and which together have every picture and sound once. A cut is where a picture and a frame of AAC begin together (0.32 s at
 * 25 pictures a second), so `segment-time` is rounded to that. A crash costs the group of pictures that was under way, besides.
 *
 * Messages: `progress {time, bytes}` once a second while there is any; `segment {location, number, time, duration, bytes}` of each that is
 * finished, `time` the running time of its beginning; its captions are there up to three seconds later.
 */
import { statSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import {
  Bin,
  type Builder,
  type Caps,
  type Fields,
  type Metadata,
  type Ns,
  type PadTemplates,
  type Part,
  type Properties,
  quoteValue,
  SECOND,
  TalkError,
} from '../src/element/index.js';
import { AAC_DELAY, encodeAac } from '../src/encode/aac.js';
import { Beginning } from '../src/encode/beginning.js';
import { besides, type Container, checkWritable, containerOf, removeFile } from '../src/encode/container.js';
import { frames, passedBy, pictures, samples } from '../src/encode/meters.js';
import { cutAt, Segments, segmentFile, segmentPattern, sizeOf } from '../src/encode/segments.js';
import { CueFiles } from '../src/voice/cuefiles.js';

/** Unbuffered: what was written is in the file when the process dies. */
const fileOf = (name: string) => `filesink name=${name} sync=false async=false buffer-mode=unbuffered`;
/** Pads of splitmuxsink. */
const SPLIT = { video: 'video', audio: 'audio_%u', captions: 'subtitle_%u' };

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
    'segment-time': {
      type: 'uint',
      unit: 'ms',
      max: 86_400_000,
      default: 0,
      blurb: 'A new file each so often, about: NAME-00001.mp4 and so on; 0: one file',
    },
    'segment-size': {
      type: 'uint64',
      unit: 'bytes',
      default: 0,
      blurb: 'A new file before one is larger than this, if a group of pictures is not; 0: of any size',
    },
    segments: {
      type: 'uint',
      max: 1_000_000,
      default: 0,
      blurb: 'How many files are kept, the oldest go; 0: all',
    },
    begin: {
      type: 'enum',
      values: ['stream', 'now'],
      default: 'stream',
      mutable: 'playing',
      blurb:
        'With what comes first, or start-time; or in the middle of a live stream, once both tracks are there',
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
  /** Those of a recording in segments. */
  #split: { readonly mux: Part; readonly files: Segments; readonly cues: CueFiles | undefined } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #told = '';
  /** The file, where nobody else had made an empty one of that name. */
  #own: string | undefined;

  override build(bin: Builder): void {
    const { location } = this.props;
    const container = containerOf(location);
    this.#own = undefined;
    this.#container = container;
    this.#split = undefined;
    this.#tails.clear();
    this.#meters.clear();
    this.#beginning = undefined;
    const mux = this.#segmented ? this.#writeMany(container, bin) : this.#writeOne(container, bin);
    const path = resolve(location);
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
      (waits ? tail.link(bin.add(queueOf(`${pad}-wait`, 10))) : tail).link(mux, {
        to: this.#segmented ? SPLIT[pad as keyof typeof SPLIT] : template,
      });
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

  get #segmented(): boolean {
    return this.props['segment-time'] > 0 || this.props['segment-size'] > 0;
  }

  #writeOne(container: Container, bin: Builder): Part {
    const { location, faststart, 'fragment-duration': fragment } = this.props;
    checkWritable(location);
    const mux = bin.add(container.mux({ fragment, faststart }));
    const path = resolve(location);
    mux.link(bin.add(fileOf('file')).set('location', path));
    if (statSync(path, { throwIfNoEntry: false })?.size !== 0) this.#own = path;
    return mux;
  }

  #writeMany(container: Container, bin: Builder): Part {
    const { location, faststart, 'fragment-duration': fragment, captions, segments } = this.props;
    const muxer = container.segment?.({ fragment, faststart });
    if (muxer === undefined) {
      throw new TalkError(
        'resource/settings',
        `Expected a file name that ends in .mp4, .m4a or .mkv for segments but received ${JSON.stringify(location)}.`,
      );
    }
    checkWritable(segmentFile(location, 1));
    const mux = bin.add(
      `splitmuxsink name=split start-index=1 max-size-bytes=${this.props['segment-size']} ` +
        `max-size-time=${this.props['segment-time'] * 1e6} muxer="${muxer}" sink="${fileOf('file')}"`,
    );
    const cues = captions === 'file' || captions === 'both' ? new CueFiles() : undefined;
    this.#split = { mux, files: new Segments(segments), cues };
    return mux.set('location', resolve(segmentPattern(location)));
  }

  override message(name: string, fields: Fields): void {
    const { files, cues } = this.#split ?? {};
    const time = Number(fields['running-time']);
    if (name === 'splitmuxsink-fragment-opened') files?.opened(String(fields['location']), time);
    if (name !== 'splitmuxsink-fragment-closed') return;
    const segment = files?.closed(time);
    if (segment === undefined) return;
    const { location, time: from, duration } = segment;
    cues?.part({ file: besides(location), from, until: from + duration });
    this.post('segment', { ...segment });
  }

  override start(): void {
    this.#told = '';
    this.#timer = setInterval(() => this.#tell(), 1000);
  }

  override stop(): void {
    clearInterval(this.#timer);
    this.#split?.cues?.end();
    this.#tell();
    if (this.#own !== undefined && this.#passed === 0) removeFile(this.#own);
  }

  override padCaps(pad: string, caps: Caps, bin: Builder): void {
    const { name, fields } = caps;
    const tail = this.#tails.get(pad);
    if (tail === undefined || this.#meters.has(pad)) return;
    const queue = bin.add(queueOf(`${pad}-queue`, 2));
    const raw = name.endsWith('/x-raw');
    if (!raw && this.#split !== undefined) {
      throw new TalkError(
        'stream/format',
        `Expected raw pictures and sound for segments but received ${name}; only what is encoded here has its key frames where cuts go.`,
      );
    }
    const begun = raw ? this.#begin(pad, queue, bin) : queue;
    const encode = (last: Part) =>
      pad === 'video' ? this.#encodeVideo(last, caps, bin) : this.#encodeAudio(last, bin);
    const from = pad === 'audio' && this.props.captions !== 'none' ? this.#caption(begun, raw, bin) : begun;
    (raw ? encode(from) : from.link(bin.add(PARSERS[name] ?? 'identity'))).link(tail);
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
    const split = this.#split;
    const tee = from.link(bin.add('tee name=marks'));
    const written = (name: string, format: string) =>
      tee.link(bin.add(queueOf(`${name}-queue`, 2))).link(bin.add(`captions name=${name} format=${format}`));
    const tail = this.#tails.get('captions');
    if (tail !== undefined) written('cues', 'utf8').link(tail);
    if (captions === 'track') return tee;
    if (split !== undefined) {
      // A cue is a hundred bytes, and there is one in three seconds.
      const sink = written('lines', 'utf8').link(bin.add('appsink name=vtt sync=false async=false'));
      sink.onPackets((packets) => {
        for (const { data, runningTime: pts = 0, duration = 0 } of packets)
          split.cues?.cue({ text: data.toString(), pts, duration });
      });
      return tee;
    }
    // It knows its name from the first: the bin may be on its way up, and takes with it what is in it.
    const path = quoteValue(resolve(besides(location)));
    written('lines', 'vtt').link(bin.add(`${fileOf('vtt')} location=${path}`));
    return tee;
  }

  #encodeVideo(from: Part, { fields }: Caps, bin: Builder): Part {
    const { bitrate, crf, preset } = this.props;
    const keys =
      this.#split === undefined
        ? this.props['key-interval']
        : cutAt(this.#split.mux, fields, this.props['segment-time'] * 1e6, this.props['key-interval']);
    // What a cut needs: key frames where they are expected, and all pictures.
    const [whole, only] =
      this.#split === undefined ? ['', ''] : ['videorate skip-to-first=true ! ', 'option-string=scenecut=0 '];
    const rate =
      bitrate > 0 ? `pass=cbr bitrate=${Math.round(bitrate / 1000)}` : `pass=qual quantizer=${crf}`;
    return from.link(
      bin.add(
        `${whole}videoconvert ! video/x-raw,format=I420 ` +
          `! x264enc speed-preset=${preset} ${rate} key-int-max=${keys} ${only}threads=1 bframes=0 rc-lookahead=0 ` +
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
    const { 'start-time': at, begin } = this.props;
    if ((at === 0 && begin === 'stream') || bin.pads.length < 2) return from;
    this.#beginning ??= new Beginning(bin, begin === 'now' ? undefined : at);
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
    const bytes = this.#split?.files.bytes ?? sizeOf(resolve(this.props.location));
    const now = `${time} ${bytes}`;
    if (time > 0 && now !== this.#told) this.post('progress', { time, bytes });
    this.#told = now;
  }
}

const queueOf = (name: string, seconds: number): string =>
  `queue name=${name} max-size-time=${seconds * SECOND} max-size-buffers=0 max-size-bytes=0`;
