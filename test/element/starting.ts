/** A start that takes long: as long as it says, ended by a stop, and undone when nobody waits for it any more. */
import { setTimeout as after } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { ms, register, Transform } from '../../src/element/index.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import { native } from '../../src/native.js';
import { any, metadata } from '../support/declared.js';
import { until } from '../support/script.js';

/** Starts as the test says, and tells what was asked of it. */
class Slow extends Transform {
  static readonly metadata = metadata('testslow');
  static readonly pads = any;
  static begin: (element: Slow) => Promise<void> = async () => undefined;
  static told: string[] = [];
  override async start(): Promise<void> {
    Slow.told.push('start');
    await Slow.begin(this);
    Slow.told.push('started');
  }
  override stop(): void {
    Slow.told.push('stop');
  }
  override transform(): void {}
}
register(Slow);

/** Has the next starts wait for the answers of the functions that come back, in order. */
function held(): { readonly go: (error?: Error) => void; readonly signal: AbortSignal }[] {
  const starts: { go: (error?: Error) => void; signal: AbortSignal }[] = [];
  Slow.begin = ({ signal }) =>
    new Promise<void>((resolve, reject) => {
      starts.push({ go: (error) => (error === undefined ? resolve() : reject(error)), signal });
    });
  return starts;
}

function launch(t: Test): Pipeline {
  const p = Pipeline.launch('videotestsrc num-buffers=3 ! testslow name=slow ! fakesink');
  t.teardown(() => p.close());
  p.on('error', () => undefined);
  Slow.told = [];
  return p;
}

/** A start may take six of these, ms. */
function deadline(t: Test, milliseconds: number): void {
  native.setDeadline(milliseconds);
  t.teardown(() => native.setDeadline(10_000));
}

const late = { code: 'core/state-change', element: 'slow', message: /start\(\) did not finish within/ };

t.test('a start that says how long it takes is waited for', async (t) => {
  const p = launch(t);
  await p.ready();
  deadline(t, 40);
  Slow.begin = async (element) => {
    element.extendStart(ms(20_000));
    await after(300);
  };
  await p.play();
  await p.finished();
  native.setDeadline(10_000);
  await p.stop();
  t.same(Slow.told, ['start', 'started', 'stop']);
});

t.test('a start that takes longer than it said is given up, by its signal too', async (t) => {
  const p = launch(t);
  await p.ready();
  deadline(t, 20);
  let aborted = false;
  Slow.begin = async (element) => {
    element.extendStart(ms(200));
    const { signal } = element;
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    aborted = true;
    throw signal.reason;
  };
  await t.rejects(p.play(), late);
  native.setDeadline(10_000);
  await p.close();
  t.ok(aborted);
  t.same(Slow.told, ['start']);
  t.equal(native.elementCounts().calls, 0);
});

t.test('a start that finishes when it was given up is stopped, before the next begins', async (t) => {
  const p = launch(t);
  const starts = held();
  await p.ready();
  deadline(t, 20);
  await t.rejects(p.play(), late);
  native.setDeadline(10_000);
  const again = p.play();
  starts[0]?.go();
  await until(() => starts.length >= 2);
  t.same(Slow.told, ['start', 'started', 'stop', 'start']);
  starts[1]?.go();
  await again;
  await p.finished();
  await p.close();
  t.same(Slow.told.slice(4), ['started', 'stop']);
});

t.test('a start that finishes when its pipeline is gone is stopped, too', async (t) => {
  const p = launch(t);
  const starts = held();
  await p.ready();
  deadline(t, 20);
  await t.rejects(p.play(), late);
  native.setDeadline(10_000);
  await p.close();
  starts[0]?.go();
  await until(() => Slow.told.includes('stop'));
  t.same(Slow.told, ['start', 'started', 'stop']);
});

t.test("a start that was given up and fails is nobody's error any more", async (t) => {
  const p = launch(t);
  const starts = held();
  await p.ready();
  deadline(t, 20);
  await t.rejects(p.play(), late);
  native.setDeadline(10_000);
  Slow.begin = async () => undefined;
  const again = p.play();
  starts[0]?.go(new Error('no such model'));
  await again;
  await p.finished();
  t.same(Slow.told, ['start', 'start', 'started']);
});

t.test('a stop does not wait for a start', async (t) => {
  const p = launch(t);
  const errors: Error[] = [];
  p.on('error', (error) => errors.push(error));
  const starts = held();
  const playing = p.play();
  playing.catch(() => undefined);
  await until(() => starts.length > 0);
  await p.stop();
  t.equal(starts[0]?.signal.aborted, true);
  await t.rejects(playing);
  starts[0]?.go();
  await until(() => Slow.told.includes('stop'));
  t.same(errors, []);
});
