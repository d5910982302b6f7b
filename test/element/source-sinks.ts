import t from 'tap';
import {
  type ElementEvent,
  type Frame,
  type Metadata,
  type PadTemplates,
  register,
  Source,
} from '../../src/element/index.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import { until } from '../support/script.js';

const metadata = (name: string): Metadata => ({
  name,
  longName: name,
  klass: 'Source/Generic',
  description: 'For tests',
  author: 'talkgraph',
});
const TEXT = 'text/x-raw,format=utf8';

/** Sends a word, an event, another word, and ends. */
class Words extends Source {
  static readonly metadata = metadata('testwords');
  static readonly pads = { src: { caps: TEXT } } satisfies PadTemplates;

  override start(): void {
    this.setOutputCaps(TEXT);
    void this.#write();
  }

  override event({ name, fields, upstream }: ElementEvent): void {
    if (upstream) this.post('answered', { name, ...fields });
  }

  async #write(): Promise<void> {
    for (const word of ['eins', 'zwei']) {
      await this.push({ data: new TextEncoder().encode(word) });
      this.sendEvent('between', { word });
    }
    this.end();
  }
}

/** Makes three numbers, when it has read everything. */
class Reads extends Source {
  static readonly metadata = metadata('testreads');
  static readonly pads = {
    src: { caps: 'application/x-number' },
    words: { caps: TEXT },
  } satisfies PadTemplates;
  static last: Reads | undefined;
  readonly got: string[] = [];
  #made = 0;
  #read: (() => void) | undefined;
  readonly #all = new Promise<void>((resolve) => {
    this.#read = resolve;
  });

  override start(): void {
    Reads.last = this;
    this.setOutputCaps('application/x-number');
    if (this.inputs.length === 0) this.#read?.();
  }

  override async create() {
    await this.#all;
    return this.#made++ < 3 ? { data: Uint8Array.of(this.#made) } : null;
  }

  override async render({ data }: Frame): Promise<void> {
    this.got.push(Buffer.from(data).toString());
    this.sendEvent('read', { count: this.got.length }, { direction: 'up', pad: 'words' });
  }

  override event({ name, pad, upstream }: ElementEvent): void {
    if (!upstream) this.got.push(`${pad}: ${name}`);
  }

  override drain(): void {
    this.got.push('end');
    this.#read?.();
  }
}

register(Words);
register(Reads);

/** Plays a line to its end, and until so many answers have gone up: they have a way of their own. */
async function run(line: string, answers = 0) {
  const pipeline = Pipeline.launch(line);
  t.teardown(() => pipeline.close());
  const answered: unknown[] = [];
  const frames: number[] = [];
  pipeline.on('mark', ({ fields }) => answered.push(fields['count']));
  pipeline.element('out').onSamples((batch) => void frames.push(...batch.map(({ data }) => data[0] ?? -1)));
  await pipeline.play();
  await pipeline.finished();
  await until(() => answered.length >= answers);
  await pipeline.close();
  return { answered, frames };
}

t.test('a source reads beside what it makes: frames, events and the end, in order', async (t) => {
  for (const line of ['testwords ! testreads ! ', 'testwords ! r.words testreads name=r ! ']) {
    const { answered, frames } = await run(`${line} appsink name=out sync=false`, 2);
    t.same(Reads.last?.got, ['eins', 'words: talkgraph/between', 'zwei', 'words: talkgraph/between', 'end']);
    t.same(frames, [1, 2, 3]);
    t.same(answered, [1, 3], 'and answers upstream');
  }
});

t.test('without anybody who writes it is a source like any other', async (t) => {
  const { frames } = await run('testreads ! appsink name=out sync=false');
  t.same(frames, [1, 2, 3]);
  t.same(Reads.last?.got, []);
});

t.test('it is stopped while it still reads, and plays again', async (t) => {
  const pipeline = Pipeline.launch('testwords ! queue ! testreads ! fakesink');
  t.teardown(() => pipeline.close());
  for (let n = 0; n < 5; n++) {
    await pipeline.play();
    await pipeline.stop();
  }
  t.pass();
});
