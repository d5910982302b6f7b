/** Answers of a language model that are cut at random moments: what connection, model and listener see of each cut. */
import { setTimeout as wait } from 'node:timers/promises';
import LlmFilter from '../../elements/llmfilter.js';
import TextSrc from '../../elements/textsrc.js';
import TtsSrc from '../../elements/ttssrc.js';
import {
  type ElementEvent,
  type Frame,
  type Metadata,
  type PadTemplates,
  register,
  Sink,
} from '../../src/element/index.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import type { Exchange, FakeChat } from '../fakes/fake-openai-chat.js';
import { Hangups } from './hangups.js';

const WORDS = 'alpha bravo charlie delta echo foxtrot golf hotel india juliet kilo lima'.split(' ');

/** Notes words with their times, and whether anything sounds. */
class Listener extends Sink {
  static readonly metadata = {
    name: 'testlistener',
    longName: 'Listener',
    klass: 'Sink/Audio',
    description: 'For tests',
    author: 'talkgraph',
  } satisfies Metadata;
  static readonly pads = { sink: { caps: 'audio/x-raw,format=S16LE,channels=1' } } satisfies PadTemplates;
  static last: Listener | undefined;
  /** Per answer: where it began, and the middle of each word, ns of media time. */
  readonly begun = new Map<string, number>();
  readonly words = new Map<string, { text: string; middle: number }[]>();
  /** Frames with sound since the last cut but the one that was under way, before a new answer began. */
  loud = 0;

  override start(): void {
    Listener.last = this;
  }

  override event({ name, fields }: ElementEvent): void {
    if (name === 'talkgraph/cut') this.loud = -1;
    const [id, pts] = [String(fields['id']), Number(fields['pts'])];
    if (name === 'talkgraph/utterance-start') {
      this.begun.set(id, pts);
      this.loud = Number.NEGATIVE_INFINITY;
    }
    if (name !== 'talkgraph/word') return;
    const list = this.words.get(id) ?? [];
    list.push({ text: String(fields['text']), middle: pts + Number(fields['duration']) / 2 });
    this.words.set(id, list);
  }

  override render({ data }: Frame): void {
    if (data.some((byte) => byte !== 0)) this.loud++;
  }
}

for (const element of [TextSrc, LlmFilter, TtsSrc, Listener]) register(element);

export interface Cut {
  /** ms from the cut until we let go of the model's connection. */
  readonly letGo: number;
  /** ms from the cut until the model, in this same process, noticed. */
  readonly noticed: number;
  /** Words that were heard by the time the voice told, by the marks that came to the listener. */
  readonly heard: string;
  /** What the model was told next that had been heard. */
  readonly told: string;
  /** Frames of the old answer behind the one that was under way. */
  readonly late: number;
}

/** Asks, and cuts the answer by the next question after up to 600 ms; `count` times. `random` gives numbers from 0 to 1. */
export async function cutAnswers(fake: FakeChat, count: number, random: () => number): Promise<Cut[]> {
  // Two sentences at once, then a word now and then until nobody listens.
  fake.answers(async (writer, exchange) => {
    await writer.say(`${WORDS.join(' ')}. ${WORDS.join(' ')}. `);
    while (exchange.open) {
      await writer.say('mike ');
      await wait(20);
    }
  });
  const line = `textsrc name=ask ! llmfilter url=${fake.url} model=fake-1 ! ttssrc ! testlistener`;
  const pipeline = Pipeline.launch(line);
  /** By the answer. */
  const interrupted = new Map<unknown, Readonly<Record<string, unknown>>>();
  const asked = new Set<unknown>();
  const listener = () => Listener.last as Listener;
  pipeline.on('mark', ({ name, fields }) => {
    if (name === 'interrupted') interrupted.set(fields['id'], fields);
    if (name === 'answer-asked') asked.add(fields['id']);
  });
  const until = async (ready: () => boolean) => {
    // Not each turn of the loop: that would be measured, too.
    while (!ready()) await wait(1);
  };
  const cuts: Cut[] = [];
  const hangups = new Hangups();
  try {
    await pipeline.play();
    const ask = pipeline.element('ask');
    ask.emit('ask', 'Question 0', 'answer-0');
    for (let n = 1; n <= count; n++) {
      const id = `answer-${n - 1}`;
      await until(() => fake.exchanges.length === n && listener().begun.has(id));
      const { closed } = fake.last;
      const when = (pipeline.runningTime() ?? 0) + random() * 600e6;
      await until(() => (pipeline.runningTime() ?? 0) >= when);
      const before = performance.now();
      ask.emit('ask', `Question ${n}`, `answer-${n}`, null, `cut-${n}`);
      const noticed = (await closed) - before;
      // The next one is asked for when it is known what was heard of this one.
      await until(() => fake.exchanges.length > n && asked.has(`answer-${n}`));
      const last = interrupted.get(id);
      // Of one that had not begun to sound the voice tells nothing.
      const begun = last === undefined ? Number.NEGATIVE_INFINITY : (listener().begun.get(id) ?? 0);
      const heardNs = Number(last?.['heard-ms'] ?? 0) * 1e6 + begun;
      const late = Math.max(0, listener().loud);
      const here = listener();
      const told = toldOf(fake.last);
      cuts.push({
        letGo: (hangups.at(fake.url).find((at) => at >= before) ?? Number.POSITIVE_INFINITY) - before,
        noticed,
        // Later: on a busy machine the voice may tell before the listener has taken the last word. Its milliseconds are whole
        // ones: a word whose middle lies within that half is heard or not.
        get heard() {
          const words = here.words.get(id) ?? [];
          const until = (ns: number) =>
            words
              .filter(({ middle }) => middle <= ns)
              .map(({ text }) => text)
              .join(' ');
          const [least, most] = [until(heardNs - 0.5e6), until(heardNs + 0.5e6)];
          return told === most ? most : least;
        },
        told,
        late,
      });
    }
  } finally {
    hangups.end();
    await pipeline.close();
  }
  return cuts;
}

/** The answer before the last question, without its stops; empty when nothing of it was told. */
function toldOf({ asked: { messages } }: Exchange): string {
  const [before, last] = messages.slice(-2);
  if (before?.role !== 'assistant' || last?.content.includes('\n')) return '';
  return before.content.replaceAll('.', '');
}
