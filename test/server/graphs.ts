/** Graphs that are looked at, checked and run over the network, and what they must not reach. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { closeSharedPool } from '../../src/inference/index.js';
import { closeVoices } from '../../src/voice/index.js';
import { serverOf } from './support/server.js';

const server = await serverOf(2, { editGraphs: true });
const closed = await serverOf(1);
t.teardown(async () => {
  await Promise.all([server.close(), closed.close()]);
  await closeVoices();
  await closeSharedPool();
});
type Named = Record<string, string>;
/** Parts of the answers, as they are needed here. */
interface Told {
  readonly text: string;
  readonly problems: { readonly message: string }[];
  readonly elements: Named[];
  readonly links: Named[];
  readonly properties: Named[];
}
const get = async (path: string) => {
  const reply = await fetch(new URL(path, server.url));
  return { status: reply.status, body: (await reply.json()) as Told };
};
const check = async (text: string) =>
  (await server.post('/v1/graphs/check', { text })).body as unknown as Told;

t.test('the text of a graph is right, and drawn', async (t) => {
  const { body } = await get('/v1/graphs/webrtc');
  t.match(body, { name: 'webrtc', text: /^# Text in, talking face out/ });
  const { problems, elements, links } = await check(body.text);
  t.strictSame(problems, []);
  t.ok(elements.some(({ name, factory }) => name === 'say' && factory === 'ttssrc'));
  const ours = elements.filter((one) => Boolean(one['ours'])).map(({ factory }) => factory);
  t.ok(ours.includes('cutgate') && !ours.includes('queue'), 'which are ours is told');
  // Those of the part that it includes as well.
  t.ok(elements.some(({ name }) => name === 'lips'));
  t.match(
    links.find(({ to, toPad }) => to === 'web' && toPad === 'video'),
    { from: 'picture' },
  );
  t.equal((await get('/v1/graphs/nothing')).status, 404);
  t.equal((await get('/v1/graphs/..%2fpackage')).status, 404);
});

t.test('all that is wrong is said with its place, and a text that is no graph is told so', async (t) => {
  const { problems } = await check(
    'elements:\n  say: { factory: ttssrc, voise: x }\nlinks:\n  - say. ! fakesnik\n',
  );
  t.match(problems, [
    { line: 2, column: 27, length: 5, message: 'ttssrc has no property "voise", did you mean "voice"?' },
    { line: 4, message: 'there is no element "fakesnik", did you mean "fakesink"?' },
  ]);
  t.match((await check('elements: [')).problems[0], { line: Number, message: String });
  t.match((await check('')).problems[0], { message: String });
});

t.test(
  'only what lies among the graphs is included, and of nothing else it is told whether it is there',
  async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'talkgraph-graphs-'));
    t.teardown(() => rm(folder, { recursive: true, force: true }));
    await writeFile(join(folder, 'secret.yaml'), 'parameters:\n  key: { type: string, default: hidden }\n');
    for (const name of ['secret.yaml', 'secrets.yaml']) {
      const { problems } = await check(`include: [${join(folder, name)}]\nlinks:\n  - fakesrc ! fakesink\n`);
      t.match(problems, [{ message: /only files of the folder of graphs can be included/ }], name);
      t.notMatch(JSON.stringify(problems), /hidden|did you mean/);
    }
  },
);

t.test('what may stand in a graph', async (t) => {
  const { elements } = (await get('/v1/elements')).body;
  t.match(elements[0], { ours: true, blurb: String });
  t.ok(elements.some(({ name }) => name === 'x264enc'));
  const { properties } = (await get('/v1/elements/webrtcsink')).body;
  t.match(
    properties.find(({ name }) => name === 'codec'),
    { type: 'enum', values: ['auto', 'viewer', 'h264', 'vp8', 'vp9'] },
  );
  t.equal((await get('/v1/elements/nothing')).status, 404);
});

t.test('a graph of one’s own runs where the server lets graphs be edited, and nowhere else', async (t) => {
  const text =
    'elements:\n  say: { factory: ttssrc }\nlinks:\n  - say. ! fakesink name=end sync=true\nends: { in: say, out: end }\n';
  const refused = await closed.post('/v1/sessions', { text });
  t.match(refused, { status: 403, body: { detail: /--edit-graphs/ } });
  t.equal(closed.sessions.size, 0);
  const made = await server.post('/v1/sessions', { text });
  t.equal(made.status, 201);
  t.equal(made.body['graph'], 'edited');
  const live = (await get(`/v1/sessions/${made.body['id']}/levels`)).body;
  t.strictSame(live.elements.map(({ name }) => name).sort(), ['end', 'say']);
  const wrong = await server.post('/v1/sessions', { text: text.replace('fakesink', 'nosuchsink') });
  t.match(wrong, { status: 422, body: { detail: /there is no element "nosuchsink"/ } });
});
