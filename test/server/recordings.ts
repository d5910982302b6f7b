/** Recordings of sessions that end while one begins: nobody who asks for the file is told of somebody else's error. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { Recordings } from '../../src/server/recordings.js';
import { Sessions } from '../../src/session/sessions.js';

const folder = await mkdtemp(join(tmpdir(), 'talkgraph-recordings-'));
process.env['TALKGRAPH_RECORDS'] = folder;
const graph = join(folder, 'tone.yaml');
await writeFile(
  graph,
  'elements:\n  say: { factory: ttssrc, voice: tone }\nlinks:\n  - say. ! fakesink\nends: { in: say }\n',
);
const sessions = new Sessions(1, { graph, parameters: {} });
t.teardown(async () => {
  await sessions.close();
  await rm(folder, { recursive: true, force: true });
});

t.test('of a recording that cannot begin there is no file, and nothing to end', async (t) => {
  const recordings = new Recordings();
  const session = await sessions.create();
  const begun = recordings.start(session);
  const ended = session.close('deleted');
  const asked = [recordings.file(session.id), recordings.segments(session.id), recordings.end(session)];
  await t.rejects(begun);
  t.same(await Promise.all(asked), [undefined, [], undefined]);
  await ended;
  t.notOk(recordings.has(session));
  await recordings.close();
});
