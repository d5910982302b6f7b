/**
 * Work of a former run, in the moment when JS has not been told yet that it is former: the stop and the new start lie
 * behind GStreamer, and their news still waits for the turn of the loop. What the old `run` does in that turn only
 * C++ can tell from the new one's.
 */
import { setImmediate as turn } from 'node:timers/promises';
import t from 'tap';
import {
  type ElementEvent,
  type Frame,
  type Item,
  type PadTemplates,
  Pipe,
  type PipeInput,
  register,
  Sink,
  Source,
} from '../../src/element/index.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import { any, metadata } from '../support/declared.js';

t.setTimeout(60_000);

class Feed extends Source {
  static readonly metadata = metadata('testfeed');
  static readonly pads = { src: { caps: 'text/x-raw,format=utf8' } } satisfies PadTemplates;
}
/** Its first run takes two items, waits until it is told, and then does what the test says; later ones pass on. */
class Tardy extends Pipe {
  static readonly metadata = metadata('testtardy');
  static readonly pads = any;
  #runs = 0;
  taken: Item[] = [];
  go!: () => void;
  late!: (input: PipeInput, taken: Item[]) => Iterable<Item> | AsyncIterable<Item>;
  readonly #told = new Promise<void>((resolve) => {
    this.go = resolve;
  });
  override async *run(input: PipeInput): AsyncIterable<Item> {
    if (++this.#runs > 1) return yield* input;
    while (this.taken.length < 2) this.taken.push((await input.next())!);
    await this.#told;
    yield* this.late(input, this.taken);
  }
}
class Keep extends Sink {
  static readonly metadata = metadata('testkeep');
  static readonly pads = { sink: { caps: 'ANY' } } satisfies PadTemplates;
  static override readonly sync = false;
  readonly got: (string | number)[] = [];
  override event({ name }: ElementEvent): void {
    this.got.push(name);
  }
  override render({ data }: Frame): void {
    this.got.push(data[0]!);
  }
  override drain(): void {
    this.got.push('end');
  }
}
for (const element of [Feed, Tardy, Keep]) register(element);

function busyUntil(done: () => boolean, what: string): void {
  const end = performance.now() + 10_000;
  while (!done()) if (performance.now() > end) throw new Error(`it took too long until ${what}`);
}

/** Lets the first run do `late` between the start of the second one and its news; what came out of the second. */
async function former(late: Tardy['late']): Promise<Keep['got']> {
  const pipeline = Pipeline.launch(
    'testfeed name=s ! identity name=seen silent=false ! testtardy name=p ! testkeep name=out async=false',
  );
  const [source, seen] = [pipeline.element('s'), pipeline.element('seen')];
  await pipeline.play();
  const feed = source.instance as Feed;
  const tardy = pipeline.element('p').instance as unknown as Tardy;
  tardy.late = late;
  await feed.push({ data: Uint8Array.of(1), pts: 1 });
  feed.sendEvent('old');
  while (tardy.taken.length < 2) await turn();

  // From here to the awaits JS is never told anything.
  const stopped = pipeline.ready();
  busyUntil(() => source.state === 'ready', 'it had stopped');
  const again = pipeline.play();
  busyUntil(() => source.state === 'paused' || source.state === 'playing', 'it ran again');
  void feed.push({ data: Uint8Array.of(7), pts: 7 });
  busyUntil(
    () => /pts: 0:00:00\.000000007/.test(String(seen.get('last-message'))),
    'the new frame was there',
  );
  tardy.go();
  // Only what is promised already: the old run does all it wants to.
  for (let i = 0; i < 100; i++) await Promise.resolve();

  await Promise.allSettled([stopped, again]);
  await feed.push({ data: Uint8Array.of(8), pts: 8 });
  const { got } = pipeline.element('out').instance as unknown as Keep;
  while (got.at(-1) !== 8 && got.at(-1) !== 'end') await turn();
  await pipeline.close();
  return got;
}

t.test('it takes nothing of the new one', async (t) => {
  let found: Item | undefined;
  const got = await former(async function* (input) {
    found = await input.next();
    if (found !== undefined) yield found;
  });
  t.equal(found, undefined);
  t.same(got, [7, 8]);
});

t.test('a frame that it yields does not come out', async (t) => {
  t.same(
    await former(function* (_input, [frame]) {
      yield { data: Uint8Array.of(2), pts: 2 };
      yield frame!;
    }),
    [7, 8],
  );
});

t.test('an event that it yields does not come out, taken or made', async (t) => {
  const passOn = former(function* (_input, [, event]) {
    yield event!;
  });
  t.same(await passOn, [7, 8]);
  const made = former(function* () {
    yield { event: true, name: 'made', fields: {} };
  });
  t.same(await made, [7, 8]);
});

t.test('its end is not the end of the stream', async (t) => {
  t.same(await former(() => []), [7, 8]);
});
