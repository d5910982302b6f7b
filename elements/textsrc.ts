/**
 * Text source: what somebody types goes into the graph, each time as one buffer.
 *
 * Each carries a meta `TalkgraphTurn` {id, voice, cut, by, wish?}: `by` is this element, `cut` the last cut it was told of, so that whoever
 * answers knows which turns are older than a cut; `wish` is for whoever answers (`src/dialog/wish.ts`). A cut goes ahead of everything as `barge-in` {cut, by}.
 */
import { randomUUID } from 'node:crypto';
import {
  type Metadata,
  type PadTemplates,
  type Properties,
  type Signals,
  Source,
  TalkError,
} from '../src/element/index.js';

const CAPS = 'text/x-raw, format=utf8';
/** Bytes of one turn. */
const LONGEST = 1_000_000;

export default class TextSrc extends Source<typeof TextSrc.properties> {
  static readonly metadata = {
    name: 'textsrc',
    longName: 'Text source',
    klass: 'Source/Text',
    description: 'Brings what somebody types into the graph',
    author: 'talkgraph',
  } satisfies Metadata;

  static readonly properties = {
    text: {
      type: 'string',
      default: '',
      blurb: 'The first turn; when not live, the stream ends behind it',
    },
    'is-live': {
      type: 'bool',
      default: true,
      blurb: 'Go on after the first turn, for more by the signal ask',
    },
  } as const satisfies Properties;

  static readonly pads = { src: { caps: CAPS } } satisfies PadTemplates;

  static readonly signals = {
    ask: {
      params: { text: 'string', id: 'string?', voice: 'string?', cut: 'string?', wish: 'string?' },
      blurb:
        'Says text as the next turn; with cut, an id, it interrupts what is going on. Events of the answer carry the id. With wish, JSON, the answer is another, and is told as it is written (docs/conversation.md)',
    },
    cut: { params: { id: 'string?' }, blurb: 'Interrupts what is going on' },
  } as const satisfies Signals;

  static readonly examples = ['textsrc is-live=false text="Is it raining?" ! fakesink'];

  #cut = '';

  override start(): void {
    this.setOutputCaps(CAPS);
    this.#cut = '';
    const { text } = this.props;
    if (text !== '') this.ask(text);
    if (!this.props['is-live']) {
      if (text.trim() === '')
        throw new TalkError('resource/settings', 'Expected something to ask for text but received nothing.');
      this.end();
    }
  }

  ask(
    text: string,
    id?: string | null,
    voice?: string | null,
    cut?: string | null,
    wish?: string | null,
  ): void {
    if (cut) this.cut(cut);
    const data = new TextEncoder().encode(text);
    if (data.length > LONGEST) {
      const message = `Expected at most ${LONGEST} bytes of text but received ${data.length}.`;
      this.post('answer-failed', { id: id || '', code: 'resource/quota', message, retryable: false });
      this.warn(message);
      return;
    }
    if (text.trim() === '') return;
    const turn = {
      ...{ id: id || randomUUID(), voice: voice ?? '', cut: this.#cut, by: this.name },
      ...(wish && { wish }),
    };
    // Nobody waits for room: a typist is slower than any reader.
    void this.push({ data, pts: this.runningTime() ?? 0, metas: { TalkgraphTurn: turn } });
  }

  cut(id?: string | null): void {
    this.#cut = id || randomUUID();
    this.sendEvent('barge-in', { cut: this.#cut, by: this.name }, { oob: true });
  }
}
