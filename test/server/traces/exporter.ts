/** The way to a collector: what arrives, what waits, and what is given up when it is away. */
import t, { type Test } from 'tap';
import { Exporter, type ExporterLimits } from '../../../src/server/traces/exporter.js';
import { type Span, spanId, traceId } from '../../../src/server/traces/span.js';
import { FakeCollector } from '../../fakes/fake-otlp.js';

/** One span and its root, named by a number. */
function trace(n: number): Span[] {
  const [whole, root] = [traceId(), spanId()];
  const times = { begin: 1_700_000_000_000 + n, end: 1_700_000_000_007.125 + n };
  return [
    { trace: whole, id: root, name: `turn ${n}`, ...times },
    {
      trace: whole,
      id: spanId(),
      parent: root,
      name: `speech ${n}`,
      ...times,
      attributes: { whole: 7, part: 0.5, yes: true },
    },
  ];
}

async function open(t: Test, limits: Partial<ExporterLimits> = {}) {
  const collector = await FakeCollector.open();
  t.teardown(() => collector.close());
  const settings = {
    url: new URL('/v1/traces', collector.url),
    headers: { key: 'sk-secret' },
    service: 'faces',
  };
  const exporter = new Exporter(settings, '9.8.7', {
    gather: 1,
    pause: 1,
    longest: 2,
    last: 30_000,
    ...limits,
  });
  return { collector, exporter };
}
const namesOf = ({ spans }: FakeCollector) => spans.map(({ name }) => name);

t.test('a trace arrives as it was, to the microsecond', async (t) => {
  const { collector, exporter } = await open(t);
  const [root, child] = trace(1) as [Span, Span];
  exporter.push([root, child]);
  await collector.until(() => collector.spans.length === 2);
  t.match(collector.spans, [
    { trace: root.trace, id: root.id, parent: undefined, begin: root.begin, end: root.end },
    { trace: root.trace, id: child.id, parent: root.id, attributes: { whole: 7, part: 0.5, yes: true } },
  ]);
  t.same(collector.resources, [{ 'service.name': 'faces', 'service.version': '9.8.7' }]);
  await exporter.close();
  t.same(exporter.counts, { sent: 2, dropped: 0, waiting: 0 });
});

t.test('a collector that is busy or away gets the same spans again, once', async (t) => {
  const { collector, exporter } = await open(t);
  collector.answers.push({ status: 503 }, { status: 429, headers: { 'retry-after': '0' } });
  exporter.push(trace(1));
  await collector.until(() => collector.bodies.length === 1);
  exporter.push(trace(2));
  await collector.until(() => collector.spans.length === 4);
  await exporter.close();
  t.same(namesOf(collector), ['turn 1', 'speech 1', 'turn 2', 'speech 2']);
  t.same(exporter.counts, { sent: 4, dropped: 0, waiting: 0 });
});

t.test('what is refused for good is dropped, and so is what is rejected', async (t) => {
  const { collector, exporter } = await open(t);
  collector.answers.push({ status: 400 }, { rejected: 1 });
  exporter.push(trace(1));
  await collector.until(() => collector.bodies.length === 1);
  exporter.push(trace(2));
  await collector.until(() => collector.bodies.length === 2);
  await exporter.close();
  t.same(exporter.counts, { sent: 1, dropped: 3, waiting: 0 });
});

t.test(
  'where nobody listens a full queue drops new traces whole, and the end is not waited for',
  async (t) => {
    const { collector, exporter } = await open(t, { most: 5, last: 20 });
    collector.answers.push('silent');
    for (let n = 1; n <= 3; n++) exporter.push(trace(n));
    t.same(exporter.counts, { sent: 0, dropped: 2, waiting: 4 });
    await collector.until(() => collector.bodies.length === 1);
    await exporter.close();
    t.same(exporter.counts, { sent: 0, dropped: 6, waiting: 0 });
    exporter.push(trace(4));
    t.equal(exporter.counts.dropped, 8);
  },
);

t.test('a trace that comes when the server ends is sent, and many are several requests', async (t) => {
  const { collector, exporter } = await open(t, { gather: 60_000, batch: 3 });
  for (let n = 1; n <= 3; n++) exporter.push(trace(n));
  await exporter.close();
  t.equal(exporter.counts.sent, 6);
  t.ok(collector.bodies.length >= 2);
});
