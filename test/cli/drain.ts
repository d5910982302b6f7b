/** SIGTERM to a server in the middle of everything: it ends by itself, and recordings are whole. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { PACKAGE } from '../../src/graph/find.js';

t.test('a session that speaks is recorded to its end, streams are closed, and nothing is left', async (t) => {
  const records = t.testdir({});
  const child = spawn(
    process.execPath,
    [join(PACKAGE, 'src/cli/talkgraph.mjs'), 'serve', '--port', '0', '--config', '', '--avatar', 'drawn'],
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
  const { id } = await post('/v1/sessions', {});
  const events = await fetch(new URL(`/v1/sessions/${id}/events`, url));
  const reader = events.body!.pipeThrough(new TextDecoderStream()).getReader();
  await post(`/v1/sessions/${id}/record`, { action: 'start' });
  await post(`/v1/sessions/${id}/say`, {
    text: 'Whoever ends a server hears no more than this of a long sentence.',
  });
  let told = '';
  while (!told.includes('"text":"server"')) told += (await reader.read()).value ?? '';
  const asked = performance.now();
  child.kill('SIGTERM');
  const ended = once(child, 'exit');
  for (let done = false; !done; ) {
    const { value = '', done: over } = await reader.read();
    told += value;
    done = over;
  }
  t.match(told, /"state":"ended","reason":"the server is shutting down"/, 'whoever listens is told why');
  t.same(await ended, [0, null], said);
  t.comment(`${Math.round(performance.now() - asked)} ms from SIGTERM to the end of the process`);
  t.same(readdirSync(records), [`${id}.mp4`], 'a whole recording and no part of one');
  const probe = spawnSync(
    'ffprobe',
    [
      '-v',
      'error',
      '-show_entries',
      'stream=codec_name:format=duration',
      '-of',
      'csv=p=0',
      join(records, `${id}.mp4`),
    ],
    { encoding: 'utf8' },
  );
  t.match(probe.stdout, /h264\naac\n/);
  t.ok(Number(/[\d.]+\n$/.exec(probe.stdout)?.[0]) > 0.5, `${probe.stdout.trim()} s ${probe.stderr}`);
});
