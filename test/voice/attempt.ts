import { mock } from 'node:test';
import t from 'tap';
import { TalkError } from '../../src/element/error.js';
import { attempt } from '../../src/voice/attempt.js';
import { SpeechCache } from '../../src/voice/cache.js';
import type { EngineInfo, SpeechPiece } from '../../src/voice/index.js';
import { aborted, FakeEngine, fails, failure, ramp, type Script, settle } from './fakes/engine.js';

const never = new AbortController().signal;
const piece = (count: number, first = 0): SpeechPiece => ({ samples: ramp(count, first), rate: 16000 });

async function collect(
  engine: FakeEngine,
  options: { signal?: AbortSignal; cache?: SpeechCache; text?: string } = {},
): Promise<{ samples: number[]; error?: TalkError }> {
  const samples: number[] = [];
  const request = { text: options.text ?? 'hello', signal: options.signal ?? never };
  try {
    for await (const { samples: more } of attempt(engine, request, options.cache ?? new SpeechCache(0))) {
      samples.push(...more);
    }
  } catch (error) {
    return { samples, error: error as TalkError };
  }
  return { samples };
}

const engineOf = (script: Script, info: Partial<EngineInfo> = {}): FakeEngine => new FakeEngine(script, info);

t.test('tries a retryable error once more', async (t) => {
  const engine = engineOf(async function* (_, call) {
    if (call === 1) throw failure(true);
    yield piece(3);
  });
  t.same(await collect(engine), { samples: [0, 1, 2] });
  t.equal(engine.requests.length, 2);
});

t.test('gives up after the second failure', async (t) => {
  const engine = engineOf(() => fails(failure(true)));
  t.match((await collect(engine)).error, { code: 'resource/unreachable', retryable: true });
  t.equal(engine.requests.length, 2);
});

t.test('does not try an error again that trying cannot help', async (t) => {
  const engine = engineOf(() => fails(failure(false)));
  t.match((await collect(engine)).error, { code: 'resource/unreachable' });
  t.equal(engine.requests.length, 1);
});

t.test('does not say a beginning twice', async (t) => {
  const engine = engineOf(async function* () {
    yield piece(2);
    throw failure(true);
  });
  const { samples, error } = await collect(engine);
  t.same(samples, [0, 1]);
  t.ok(error?.retryable);
  t.equal(engine.requests.length, 1);
});

t.test('goes on behind what was heard when the engine always says the same', async (t) => {
  const engine = engineOf(
    async function* (_, call) {
      yield piece(2);
      yield piece(2, 2);
      if (call === 1) throw failure(true);
      yield piece(2, 4);
    },
    { repeatable: true },
  );
  t.same(await collect(engine), { samples: [0, 1, 2, 3, 4, 5] });
});

t.test('counts silence as unreachable, tells the engine to stop, and tries once more', async (t) => {
  const stopped: number[] = [];
  const engine = engineOf(
    ({ signal }, call) =>
      fails(
        aborted(signal).then(() => {
          stopped.push(call);
          return failure(true);
        }),
      ),
    { firstByteMs: 1 },
  );
  t.match((await collect(engine)).error, { code: 'resource/unreachable', details: { first: true } });
  await settle();
  t.same(stopped, [1, 2]);
  t.equal(engine.open, 0);
});

t.test('does not look at the clock for an engine that does so itself', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  t.teardown(() => mock.timers.reset());
  for (const watchesItself of [false, true]) {
    let speak = (): void => undefined;
    const turn = new Promise<void>((resolve) => {
      speak = resolve;
    });
    const engine = engineOf(
      async function* () {
        await turn;
        yield piece(2);
      },
      { watchesItself },
    );
    const said = collect(engine);
    for (let round = 0; round < 3; round++) {
      await settle();
      mock.timers.tick(600_000);
    }
    speak();
    const { samples, error } = await said;
    if (watchesItself) t.same(samples, [0, 1]);
    else t.equal(error?.code, 'resource/unreachable');
  }
});

t.test('counts a stall after the first sound as unreachable', async (t) => {
  const engine = engineOf(
    async function* ({ signal }) {
      yield piece(2);
      await aborted(signal);
    },
    { stallMs: 1 },
  );
  const { samples, error } = await collect(engine);
  t.same(samples, [0, 1]);
  t.match(error, { code: 'resource/unreachable', details: { first: false } });
});

t.test('waits as long as a server asks, but ends at once when nobody listens any more', async (t) => {
  const control = new AbortController();
  const engine = engineOf(async function* () {
    setImmediate(() => control.abort());
    throw failure(true, { retryAfterMs: 3_600_000 });
  });
  t.same(await collect(engine, { signal: control.signal }), { samples: [] });
  t.equal(engine.requests.length, 1);
});

t.test('names the engine when it throws something that is no error of ours', async (t) => {
  const engine = engineOf(() => fails(new RangeError('oops')));
  const { error } = await collect(engine);
  t.match(error, { code: 'library/failed', message: 'The voice engine fake failed.', debug: /oops/ });
  t.ok(error instanceof TalkError);
});

t.test('an abort ends it quietly and closes the engine, whatever the engine throws then', async (t) => {
  const control = new AbortController();
  const engine = engineOf(async function* ({ signal }) {
    yield piece(2);
    await aborted(signal);
    throw new Error('connection torn');
  });
  const samples: number[] = [];
  for await (const got of attempt(engine, { text: 'x', signal: control.signal }, new SpeechCache(0))) {
    samples.push(...got.samples);
    control.abort();
  }
  t.same(samples, [0, 1]);
  await settle();
  t.equal(engine.open, 0);
});

t.test('does not start for a listener who has already gone', async (t) => {
  const engine = engineOf(async function* () {
    yield piece(1);
  });
  t.same(await collect(engine, { signal: AbortSignal.abort() }), { samples: [] });
  t.equal(engine.requests.length, 0);
});

t.test('says an equal request from the cache, and nothing that was cut or failed', async (t) => {
  const cache = new SpeechCache(1 << 20);
  const engine = engineOf(
    async function* ({ text }) {
      yield piece(2);
      if (text === 'fails') throw failure(false);
    },
    { repeatable: true },
  );
  t.same(await collect(engine, { cache }), { samples: [0, 1] });
  t.same(await collect(engine, { cache }), { samples: [0, 1] });
  t.equal(engine.requests.length, 1);
  await collect(engine, { cache, text: 'fails' });
  await collect(engine, { cache, text: 'fails' });
  t.equal(engine.requests.length, 3);
});

t.test('keeps nothing of an engine that does not always say the same', async (t) => {
  const cache = new SpeechCache(1 << 20);
  const engine = engineOf(async function* () {
    yield piece(2);
  });
  await collect(engine, { cache });
  await collect(engine, { cache });
  t.equal(engine.requests.length, 2);
  t.equal(cache.bytes, 0);
});
