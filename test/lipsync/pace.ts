import t from 'tap';
import { framesToNs, ms } from '../../src/element/index.js';
import { Pace } from '../../src/lipsync/pace.js';

/** A model that makes so many mouths a second here, each in 20 ms. */
const model = (rows: number) => ({
  manifest: { name: 'some' } as never,
  provider: 'cpu' as const,
  timing: { median: 10, p99: 20, rows },
  speakers: new Set<object>(),
});

function element(pipelineLatency = 1) {
  const said = { latencies: [] as number[], told: [] as Record<string, unknown>[], warnings: [] as string[] };
  return {
    said,
    of: {
      pipelineLatency,
      runningTime: (): number | undefined => 40e6,
      setLatency: ({ min }: { min: number }) => void said.latencies.push(min),
      post: (_name: string, fields: Record<string, unknown>) => void said.told.push(fields),
      warn: (message: string) => void said.warnings.push(message),
      log: { info: () => undefined },
    },
  };
}

t.test('steps down while more speak than the machine makes mouths for, and up again', async (t) => {
  // Alone 70 of 25 are made; for three of them 23 each.
  const shared = model(70);
  const one = element();
  const pace = new Pace(one.of, 'auto', 16);
  pace.set(shared, 25);
  const others = [0, 1].map(() => {
    const other = new Pace(element().of, 'auto', 16);
    other.set(shared, 25);
    return other;
  });
  t.equal(pace.speak(), false, 'alone all are inferred');
  t.equal(pace.now, 1);
  pace.tell();
  for (const other of others) other.speak();
  t.equal(pace.now, 1, 'nothing changes in the middle of what is said');
  pace.rest();
  t.equal(pace.speak(), true);
  t.equal(pace.now, 2);
  pace.tell();
  pace.tell();
  for (const other of others) other.rest();
  pace.rest();
  t.equal(pace.speak(), true);
  t.equal(pace.now, 1);
  pace.tell();
  t.match(one.said.told, [
    { every: 2, model: 'some', rows: 70, wanted: 25, speakers: 3 },
    { every: 1, speakers: 1 },
  ]);
  t.equal(one.said.told.length, 2, 'told when it changes');
  t.same(one.said.latencies, [ms(20), ms(20) + framesToNs(1, 25)], 'latency that was taken stays');
  t.same(one.said.warnings, []);
});

t.test('who rests does not count', async (t) => {
  const shared = model(40);
  const [one, other] = [new Pace(element().of, 'auto', 16), new Pace(element().of, 'auto', 16)];
  for (const pace of [one, other]) pace.set(shared, 25);
  other.speak();
  other.rest();
  one.speak();
  t.equal(one.now, 1);
  t.equal(shared.speakers.size, 1);
});

t.test('another model counts its own speakers', async (t) => {
  const [before, after] = [model(100), model(20)];
  const pace = new Pace(element().of, 'auto', 16);
  pace.set(before, 25);
  pace.speak();
  pace.set(after);
  t.same([before.speakers.size, after.speakers.size], [0, 1]);
  t.equal(pace.now, 2);
});

t.test('too slow even so is a warning, once; what has time makes all of them', async (t) => {
  const slow = element();
  const pace = new Pace(slow.of, 'auto', 16);
  pace.set(model(5), 25);
  pace.tell();
  pace.tell();
  t.match(slow.said.warnings, [/makes 5\.0 pictures a second here \(cpu\), 25 are shown, one in 4/]);
  t.equal(slow.said.warnings.length, 1);
  const file = element(0);
  const offline = new Pace(file.of, 'auto', 16);
  offline.set(model(5), 25);
  offline.tell();
  t.equal(offline.now, 1);
  t.same([file.said.told, file.said.warnings], [[], []]);
});

t.test('a frame is wanted when its neighbours are blended of it, and given up at its own time', async (t) => {
  const one = element(100e6);
  const pace = new Pace(one.of, 'half', 16);
  pace.set(model(100), 25);
  const before = performance.now();
  const { deadline, expired } = pace.deadline(200e6) as { deadline: number; expired: () => boolean };
  t.ok(Math.abs(deadline - before - (200 - 40 + 100 - 40)) < 50);
  t.equal(expired(), false);
  one.of.runningTime = () => 301e6;
  t.equal(expired(), true);
  t.same(new Pace(element(0).of, 'half', 16).deadline(0), {}, 'what has time has no deadline');
});
