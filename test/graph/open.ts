import { join } from 'node:path';
import t from 'tap';
import { openGraph } from '../../src/graph/open.js';

const GRAPH = `parameters:
  count: { type: int, default: 7 }
  place: { type: string, secret: true, default: sesame }
elements:
  tone: { factory: audiotestsrc, num-buffers: $count }
  end: { factory: fakesink }
  file: { factory: filesink, location: $place }
links: [tone. ! tee name=t, t. ! queue ! end., t. ! queue ! file.]
ends: { in: tone, out: end }
`;

t.test('a graph file is a pipeline with its ends in hand', async (t) => {
  const path = join(t.testdir({ 'g.yaml': GRAPH }), 'g.yaml');
  const { pipeline, ends, shown } = await openGraph(path, { count: 3 }, { name: 'session-7' });
  t.equal(pipeline.name, 'session-7');
  t.equal(ends.in?.factory, 'audiotestsrc');
  t.equal(ends.in?.get('num-buffers'), 3);
  t.equal(ends.out?.name, 'end');
  t.match(shown, 'location=***');
  await pipeline.close();
});

t.test('a graph without ends has none', async (t) => {
  const path = join(t.testdir({ 'g.yaml': 'links: [fakesrc ! fakesink]\n' }), 'g.yaml');
  const { pipeline, ends } = await openGraph(path);
  t.same(ends, {});
  await pipeline.close();
});

t.test('what is wrong with the file is thrown at once, with its places', async (t) => {
  const path = join(t.testdir({ 'g.yaml': GRAPH.replace('fakesink', 'fakesnk') }), 'g.yaml');
  await t.rejects(openGraph(path, { cuont: 5 }), { code: 'resource/settings', details: { problems: 2 } });
});

t.test('what only GStreamer refuses is told without secrets', async (t) => {
  const text = GRAPH.replace('t. ! queue ! file.', 't. ! video/x-raw ! progressreport format=$place ! file.');
  const path = join(t.testdir({ 'g.yaml': text.replace('sesame', 'video') }), 'g.yaml');
  await t.rejects(openGraph(path), { code: 'core/negotiation', message: /^(?!.*video)/ });
  const plain = 'links: ["audiotestsrc ! tee ! video/x-raw ! audioconvert ! fakesink"]\n';
  const open = join(t.testdir({ 'p.yaml': plain }), 'p.yaml');
  await t.rejects(openGraph(open), { code: 'core/negotiation', message: /video\/x-raw/ });
});
