/** How an encoder is loaded and asked, with an engine that answers as it is told. */
import t from 'tap';
import { TalkError } from '../../src/element/error.js';
import { Encoding, type EncodingOptions } from '../../src/features/encoding.js';
import type { Pending } from '../../src/features/windows.js';
import type {
  Encoder,
  InferenceEngine,
  InferenceRequest,
  InferenceResult,
  LoadedModel,
  Net,
  Provider,
} from '../../src/inference/index.js';

const HUBERT: Encoder = {
  name: 'ears',
  family: 'hubert',
  path: '/nowhere.onnx',
  licence: 'ours',
  inputs: { audio: ['any'] },
  outputs: { hidden: ['any', 1024] },
};
const WHISPER: Encoder = {
  ...HUBERT,
  family: 'whisper',
  inputs: { mel: [80, 'any'] },
  outputs: Object.fromEntries(Array.from({ length: 5 }, (_, i) => [`hidden.${i}`, ['any', 384] as const])),
};

/** An engine on `provider`; `answer` makes the outputs of a request. */
function engine(
  provider: Provider,
  answer: (net: Net, request: InferenceRequest) => Promise<Record<string, Float32Array>>,
) {
  const nets: Net[] = [];
  const load = async <M extends Net>(manifest: M): Promise<LoadedModel<InferenceResult, M>> => {
    nets.push(manifest);
    return {
      manifest,
      provider,
      reason: provider,
      timing: { median: 40, p99: 50, rows: 25 },
      speakers: new Set(),
      infer: (request) => answer(manifest, request),
    };
  };
  const counts = { done: 0, batches: 0, expired: 0, refused: 0, crashes: 0 };
  return {
    nets,
    pool: { load, release: () => undefined, counts, close: async () => {} } as unknown as InferenceEngine,
  };
}

const zeros = async ({ outputs }: Net) =>
  Object.fromEntries(
    Object.entries(outputs).map(([name, shape]) => [name, new Float32Array(shape.reduce((a, b) => a * b))]),
  );

const open = (encoder: Encoder, pool: InferenceEngine, options: Partial<EncodingOptions> = {}) =>
  Encoding.load(encoder, {
    framerate: { num: 25, den: 1 },
    shape: undefined,
    offsetMs: undefined,
    context: 'auto',
    providers: ['cuda', 'cpu'],
    pool,
    ...options,
  });

t.test(
  'hears little at a time on a CPU, as much as LiveTalking on a GPU, and what the file insists on',
  async (t) => {
    const cases: [Encoder, Provider, Partial<EncodingOptions>, string, number][] = [
      [HUBERT, 'cpu', {}, 'short', 8000],
      [HUBERT, 'cuda', {}, 'reference', 16_640],
      [HUBERT, 'cuda', { context: 'short' }, 'short', 8000],
      [HUBERT, 'cpu', { context: 'reference' }, 'reference', 16_640],
      [WHISPER, 'cpu', {}, 'short', 56],
      [WHISPER, 'cpu', { context: 'reference' }, 'reference', 3000],
      [{ ...WHISPER, inputs: { mel: [80, 3000] } }, 'cpu', { context: 'short' }, 'reference', 3000],
    ];
    for (const [encoder, provider, options, context, length] of cases) {
      const { pool, nets } = engine(provider, zeros);
      const encoding = await open(encoder, pool, options);
      t.equal(encoding.context, context);
      t.equal(Object.values(nets.at(-1)!.inputs)[0]!.at(-1), length, `${encoder.family} ${context}`);
    }
  },
);

t.test('layers that come apart are put side by side', async (t) => {
  const { pool } = engine('cpu', async ({ outputs }) =>
    Object.fromEntries(
      Object.entries(outputs).map(([name, [rows = 0, width = 0]], layer) => [
        name,
        Float32Array.from({ length: rows * width }, (_, i) => layer + 10 * Math.floor(i / width)),
      ]),
    ),
  );
  const encoding = await open(WHISPER, pool);
  t.same(encoding.shape, [50, 384]);
  const rows = await encoding.run(new Int16Array(encoding.plan.length));
  t.equal(rows.length, 28 * 5 * 384);
  t.same(
    [0, 384, 4 * 384, 5 * 384, 6 * 384].map((i) => rows[i]),
    [0, 1, 4, 10, 11],
  );
});

t.test('how many may speak at once is told from how fast it was', async (t) => {
  const { pool } = engine('cpu', zeros);
  t.equal((await open(HUBERT, pool)).speakers, 4, '25 runs a second, 6.25 for each');
  t.equal((await open(HUBERT, pool, { context: 'reference' })).speakers, 16);
});

t.test('a run that is missed costs its windows, one that fails ends the stream', async (t) => {
  const errors = [
    new TalkError('resource/busy', 'full', { retryable: true }),
    new TalkError('library/failed', 'died', { retryable: true }),
    new TalkError('library/failed', 'broken'),
  ];
  const asked: InferenceRequest[] = [];
  const { pool } = engine('cpu', async (_, request) => {
    asked.push(request);
    throw errors.shift()!;
  });
  const encoding = await open(HUBERT, pool);
  const missed: string[] = [];
  const frames: [number, number][] = [];
  const windows = encoding.windows({
    signal: new AbortController().signal,
    batch: 4,
    deadline: (first, last) => {
      frames.push([first, last]);
      return { deadline: 5, expired: () => false };
    },
    missed: (reason) => missed.push(reason),
  });
  const given: Pending[] = [];
  windows.push(
    Int16Array.from({ length: 10_000 }, (_, n) => 1 + n),
    (_, window) => given.push(window),
  );
  const outcome = await Promise.allSettled(given.slice(0, 12));
  t.same(
    outcome.map((one) => (one.status === 'fulfilled' ? one.value : (one.reason as Error).message)),
    [...Array(8).fill(undefined), ...Array(4).fill('broken')],
  );
  t.same(missed, ['full', 'died']);
  t.same(frames, [
    [0, 3],
    [4, 7],
    [8, 11],
  ]);
  t.match(asked[0], { batch: 4, deadline: 5 });
});

t.test('what does not fit is said', async (t) => {
  const few = engine('cpu', async () => ({ hidden: new Float32Array(1024) }));
  const encoding = await open(HUBERT, few.pool);
  await t.rejects(encoding.run(new Int16Array(8000)), {
    code: 'stream/format',
    message: 'The encoder ears gave 1024 numbers for 8000 samples; 24 vectors of 1024 were expected.',
  });
  await t.rejects(open(HUBERT, few.pool, { shape: [50, 384] }), {
    code: 'resource/settings',
    message:
      /is \[50,384\], 19200 numbers; the encoder ears gives vectors of 1024, and no number of them fills it/,
  });
});
