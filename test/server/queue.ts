/** Clients that wait for a place: the next one gets it, who hangs up leaves the queue, and who finds it full is refused at once. */
import t from 'tap';
import { serve } from '../../src/server/server.js';
import { Sessions } from '../../src/session/sessions.js';
import { until } from '../support/script.js';

/** A session that costs nothing. */
const folder = t.testdir({ 'idle.yaml': 'links:\n  - fakesrc is-live=true ! fakesink\n' });
const settings = { graph: `${folder}/idle.yaml`, parameters: {} };
const sessions = new Sessions(1, settings, 'uuid', { places: 1, ms: 60_000 });
const server = await serve(sessions, { host: '127.0.0.1', port: 0, rates: false });
t.teardown(() => server.close());

const ask = (path: string, method = 'POST', signal?: AbortSignal) =>
  fetch(new URL(path, server.url), {
    method,
    ...(method === 'POST' && { body: path === '/offer' ? '{"sdp": "v=0", "type": "offer"}' : '{}' }),
    ...(signal !== undefined && { signal }),
  });
/** Turns of the event loop until so many wait. */
const waiting = (count: number) => until(() => sessions.waiting === count);

t.test('the queue over HTTP', async (t) => {
  const { id } = (await (await ask('/v1/sessions')).json()) as { id: string };
  t.equal((await ask('/readyz', 'GET')).status, 200, 'there is room in the queue');
  const gone = new AbortController();
  const left = ask('/v1/sessions', 'POST', gone.signal);
  left.catch(() => undefined);
  await waiting(1);
  const full = await ask('/v1/sessions');
  t.equal(full.status, 503);
  t.ok(Number(full.headers.get('retry-after')) > 0);
  t.match(await (await ask('/offer')).json(), { code: -1, msg: 'Maximum session limit reached (1/1)' });
  t.match(await (await ask('/metrics', 'GET')).text(), /^talkgraph_sessions_waiting 1$/m);
  gone.abort();
  await t.rejects(left);
  await waiting(0);
  const next = ask('/v1/sessions');
  await waiting(1);
  t.equal((await ask(`/v1/sessions/${id}`, 'DELETE')).status, 204);
  t.equal((await next).status, 201);
});
