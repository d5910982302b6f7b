import {
  type ElementEvent,
  type Fields,
  type Item,
  type Metadata,
  type Ns,
  type PadTemplates,
  Pipe,
  type PipeInput,
  type Properties,
} from '../src/element/index.js';
import { Captions, type Cue, VTT_HEAD, vttCue } from '../src/voice/captions.js';

/**
 * Captions of speech: the sound goes in with its marks, what is said comes out as text with the time at which it is to be read.
 *
 * Put it behind the gate, where what was cut has been left away. A long sentence comes in pieces of at most three seconds that end at words,
 * where the voice tells them; each is told at its end. `format=utf8` is for muxers: it has no holes, and zero-byte gaps where nothing is
 * said. `format=vtt` is a WebVTT file, its times counted from the first sound. The end of a cut cue is where it was heard last.
 */
export default class CaptionsElement extends Pipe<typeof CaptionsElement.properties> {
  static readonly metadata = {
    name: 'captions',
    longName: 'Captions',
    klass: 'Filter/Converter/Audio/Text',
    description: 'Writes what is said as subtitles, in step with the sound',
    author: 'talkgraph',
  } satisfies Metadata;

  static readonly properties = {
    format: {
      type: 'enum',
      values: ['utf8', 'vtt'],
      default: 'utf8',
      blurb: 'Timed text for a muxer, or the lines of a WebVTT file',
    },
  } as const satisfies Properties;

  static readonly pads = {
    sink: { caps: 'audio/x-raw' },
    src: { caps: 'text/x-raw, format=utf8; text/vtt' },
  } satisfies PadTemplates;

  static readonly examples = [
    'ttssrc is-live=false text="Hello there. How are you?" ! captions format=vtt ! filesink location=/tmp/example.vtt',
  ];

  /** What a gate has let through is heard, and it is said to the end where: the new epoch begins behind it. */
  static override readonly epoch = 'manual';

  #captions = new Captions();
  /** Cues of a cut, which comes beside the sound. */
  #cut: Cue[] = [];
  /** When the first sound was, and where the last one ended. */
  #zero: Ns | undefined;
  #now: Ns = 0;

  override start(): void {
    this.#captions = new Captions();
    this.#cut = [];
    this.#zero = undefined;
    this.#now = 0;
    this.setLatency({ min: 0 });
  }

  override setup(): string {
    return this.props.format === 'vtt' ? 'text/vtt' : 'text/x-raw, format=utf8';
  }

  override event({ name, fields, upstream }: ElementEvent): void {
    if (!upstream && name === 'talkgraph/cut')
      this.#cut.push(...this.#captions.cut(Number(fields['pts'] ?? 0)));
  }

  override async *run(input: PipeInput): AsyncIterable<Item> {
    for await (const item of input) {
      yield* this.#items(this.#cut.splice(0));
      if ('event' in item) {
        const name = item.name.replace(/^talkgraph\//, '');
        yield* this.#items(this.#marked(name, item.fields));
        continue;
      }
      const { pts = this.#now, duration = 0 } = item;
      this.release(item);
      if (this.#zero === undefined) {
        this.#zero = pts;
        this.#captions.advance(pts);
        if (this.props.format === 'vtt') yield text(VTT_HEAD, pts);
      }
      this.#now = Math.max(this.#now, pts + duration);
      yield* this.#items(this.#captions.advance(this.#now));
    }
    yield* this.#items([...this.#cut.splice(0), ...this.#captions.finish(this.#now)]);
  }

  #marked(name: string, fields: Fields): Cue[] {
    // Of a schedule that is said again: a cut that is still to come.
    if (name === 'replay-cut') return this.#captions.cut(Number(fields['sound'] ?? 0));
    // What passed in front of it is all that was heard.
    if (name === 'epoch') return this.#captions.cut(Math.min(this.#captions.until, this.#now));
    return this.#captions.mark(name, fields);
  }

  *#items(cues: readonly Cue[]): Generator<Item> {
    for (const cue of cues) {
      const { pts, duration } = cue;
      if (this.props.format === 'vtt') {
        const line = vttCue(cue, this.#zero ?? 0);
        if (line !== '') yield text(line, pts, duration);
      } else if (cue.text === '') yield { data: new Uint8Array(), pts, duration, gap: true };
      else yield text(cue.text, pts, duration);
    }
  }
}

const text = (line: string, pts: Ns, duration: Ns = 0): Item => ({
  data: new TextEncoder().encode(line),
  pts,
  duration,
});
