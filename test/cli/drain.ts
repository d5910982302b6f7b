/** SIGTERM to a server in the middle of everything: it ends by itself, and recordings are whole. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { PACKAGE } from '../../src/graph/find.js';
import { hangsLater } from '../support/hanging.js';

/** A server that listens, and where it records to. */
async function serve(t: Test, ...options: string[]) {
  const records = t.testdir({});
  const child = spawn(
    process.execPath,
    [
      join(PACKAGE, 'src/cli/talkgraph.mjs'),
      'serve',
      '--port',
      '0',
      '--config',
      '',
      '--avatar',
      'drawn',
      ...options,
    ],
    { env: { ...process.env, TALKGRAPH_RECORDS: records }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  t.teardown(() => void child.kill('SIGKILL'));
  let said = '';
  child.stderr.on('data', (text) => (said += String(text)));
  for await (const text of child.stdout) {
    said += String(text);
    if (/open http/.test(said)) break;
  }
  const url = /open (http\S+)/.exec(said)?.[1] ?? '';
  const post = async (path: string, body: object) =>
    (await (await fetch(new URL(path, url), { method: 'POST', body: JSON.stringify(body) })).json()) as {
      id: string;
    };
  return { child, records, url, post, said: () => said };
}

type Server = Awaited<ReturnType<typeof serve>>;

/** A session that is being recorded and is in the middle of a sentence; `read`: what it tells. */
async function recorded({ url, post }: Server) {
  const { id } = await post('/v1/sessions', {});
  const events = await fetch(new URL(`/v1/sessions/${id}/events`, url));
  const reader = events.body!.pipeThrough(new TextDecoderStream()).getReader();
  await post(`/v1/sessions/${id}/record`, { action: 'start' });
  await post(`/v1/sessions/${id}/say`, {
    text: 'Whoever ends a server hears no more than this of a long sentence.',
  });
  let told = '';
  while (!told.includes('"text":"server"')) told += (await reader.read()).value ?? '';
  const rest = async () => {
    for (;;) {
      const { value = '', done } = await reader.read();
      told += value;
      if (done) return told;
    }
  };
  return { id, rest };
}

/** The one recording that is there can be played. */
function whole(t: Test, records: string, id: string): void {
  t.same(readdirSync(records), [`${id}.mp4`], 'a whole recording and no part of one');
  const entries = ['-show_entries', 'stream=codec_name:format=duration', '-of', 'csv=p=0'];
  const probe = spawnSync('ffprobe', ['-v', 'error', ...entries, join(records, `${id}.mp4`)], {
    encoding: 'utf8',
  });
  t.match(probe.stdout, /h264\naac\n/);
  t.ok(Number(/[\d.]+\n$/.exec(probe.stdout)?.[0]) > 0.5, `${probe.stdout.trim()} s ${probe.stderr}`);
}

t.test('a session that speaks is recorded to its end, streams are closed, and nothing is left', async (t) => {
  const server = await serve(t);
  const { id, rest } = await recorded(server);
  const asked = performance.now();
  server.child.kill('SIGTERM');
  const ended = once(server.child, 'exit');
  t.match(
    await rest(),
    /"state":"ended","reason":"the server is shutting down"/,
    'whoever listens is told why',
  );
  t.same(await ended, [0, null], server.said());
  t.comment(`${Math.round(performance.now() - asked)} ms from SIGTERM to the end of the process`);
  whole(t, server.records, id);
});

t.test('a session that hangs is not waited for, and the recording of another is whole', async (t) => {
  const server = await serve(t, '--edit-graphs');
  const text = `links:\n  - 'videotestsrc is-live=true ! ${hangsLater(60_000)} ! fakesink async=false'\n`;
  t.match(await server.post('/v1/sessions', { text }), { id: String });
  // By the end of its sentence the other one hangs, too.
  const { id } = await recorded(server);
  server.child.kill('SIGTERM');
  t.same(await once(server.child, 'exit'), [1, null], server.said());
  t.match(server.said(), /not all has ended within/);
  whole(t, server.records, id);
});
