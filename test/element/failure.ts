import { setImmediate as turn } from 'node:timers/promises';
import t from 'tap';
import { register, type TalkError, Transform } from '../../src/element/index.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import { native } from '../../src/native.js';
import { any, metadata } from '../support/declared.js';
import { hanging, lines, places } from '../support/failing.js';

for (const [verb, line] of Object.entries(lines)) {
  for (const place of places[verb]!) {
    for (const how of ['throw', 'reject', 'fail']) {
      t.test(`${how} in ${place} of a ${verb} is an error on the bus that names the element`, async (t) => {
        const open = native.elementCounts().calls;
        const p = Pipeline.launch(line(`at=${place} how=${how}`));
        // The source complains as well, a moment later: `once` would leave that to nobody.
        const failure = new Promise<TalkError>((resolve) => p.on('error', resolve));
        // While starting the promise of `play` has it, too.
        p.play().catch(() => undefined);
        const error = await failure;
        t.equal(error.message, `No luck in ${place}`);
        t.equal(error.code, 'resource/quota');
        t.equal(error.element, 'bad');
        t.equal(error.retryable, true);
        t.equal(error.details['left'], 7);
        t.match(error.debug, /failing\.[jt]s/, 'the stack of the author');
        await p.close();
        t.equal(native.elementCounts().calls, open, 'no call is left open');
      });
    }
    if (place === 'start' || (verb === 'bin' && place === 'method')) {
      t.test(
        `a promise of ${place} of a ${verb} that never settles is an error at the deadline`,
        async (t) => {
          native.setDeadline(30);
          t.teardown(() => native.setDeadline(10_000));
          const p = Pipeline.launch(line(`at=${place} how=never`));
          p.on('error', () => undefined);
          await t.rejects(p.play(), {
            code: 'core/state-change',
            element: 'bad',
            message: /did not finish within/,
          });
          await p.close();
        },
      );
    }
    if (place !== 'method' || verb !== 'bin') {
      t.test(
        `a promise of ${place} of a ${verb} that never settles does not keep it from stopping`,
        async (t) => {
          const p = Pipeline.launch(line(`at=${place} how=never`));
          const errors: Error[] = [];
          p.on('error', (error) => errors.push(error));
          await p.ready();
          const before = hanging.count;
          p.play().catch(() => undefined);
          while (place === 'start' && hanging.count === before) await turn();
          await p.stop();
          t.same(errors, []);
          await p.close();
        },
      );
    }
  }
  t.test(
    `stop of a ${verb} that never settles is an error at the deadline, and the element can be freed`,
    async (t) => {
      t.teardown(() => native.setDeadline(10_000));
      const p = Pipeline.launch(line(`at=stop how=never`));
      // The source complains as well, a moment later: `once` would leave that to nobody.
      const failure = new Promise<TalkError>((resolve) => p.on('error', resolve));
      await p.play();
      // Only now: a busy machine may take longer to make the elements.
      native.setDeadline(30);
      const stopped = p.stop();
      t.match(await failure, {
        code: 'core/state-change',
        element: 'bad',
        message: /stop\(\) did not finish/,
      });
      await stopped.catch(() => undefined);
      await p.close();
    },
  );
}

t.test('after an error the element takes no more data, and works again after NULL', async (t) => {
  const p = Pipeline.launch('failsource ! failtransform name=bad at=method ! fakesink');
  const errors: TalkError[] = [];
  p.on('error', (error) => errors.push(error));
  p.play().catch(() => undefined);
  await t.rejects(p.finished());
  await p.stop();
  t.equal(errors.filter(({ element }) => element === 'bad').length, 1, 'told once');
  p.element('bad').set('at', 'nowhere');
  await p.play();
  await p.finished();
  await p.close();
});

t.test(
  'a plain Error keeps its message and its stack, and what is thrown needs not be an Error',
  async (t) => {
    class Plain extends Transform {
      static readonly metadata = metadata('failplain');
      static readonly pads = any;
      override transform(): void {
        throw new RangeError('Too far');
      }
    }
    class Odd extends Transform {
      static readonly metadata = metadata('failodd');
      static readonly pads = any;
      override transform(): void {
        throw 'a word';
      }
    }
    for (const element of [Plain, Odd]) register(element);
    const error = async (name: string): Promise<TalkError> => {
      const p = Pipeline.launch(`failsource ! ${name} ! fakesink`);
      // The source complains as well, a moment later: `once` would leave that to nobody.
      const failure = new Promise<TalkError>((resolve) => p.on('error', resolve));
      p.play().catch(() => undefined);
      return failure.finally(() => p.close());
    };
    t.match(await error('failplain'), {
      code: 'stream/failed',
      message: 'Too far',
      debug: /RangeError: Too far\n.*at /,
    });
    t.match(await error('failodd'), { code: 'stream/failed', message: 'a word' });
  },
);
