/** LiveTalking's admin routes, the addresses of its pages, and ids of six digits for its older clients. */
import t from 'tap';
import { shownConfig } from '../../src/cli/livetalking/shown.js';
import { PAGES } from '../../src/server/routes/pages.js';
import { serve } from '../../src/server/server.js';
import { Sessions } from '../../src/session/sessions.js';
import { viewer } from './support/server.js';

const SETTINGS = { graph: 'webrtc.yaml', parameters: {} };
const config = shownConfig(
  {
    options: { 'push-url': 'rtmp://127.0.0.1/live/key', port: '8011', avatar: 'max' },
    environment: {},
    warnings: [],
  },
  { DASHSCOPE_API_KEY: 'sk-very-secret', REF_FILE: 'anna' },
);
const sessions = new Sessions(2, SETTINGS, 'number');
const server = await serve(sessions, { host: '127.0.0.1', port: 0, config });
t.teardown(() => server.close());
const get = (path: string) => fetch(new URL(path, server.url));

t.test('the configuration is shown without what is secret', async (t) => {
  const text = await (await get('/api/admin/config')).text();
  t.match(JSON.parse(text), {
    code: 0,
    msg: 'ok',
    data: {
      config: {
        listenport: 8011,
        avatar_id: 'max',
        max_session: 5,
        transport: 'webrtc',
        REF_FILE: 'anna',
        push_url: '***',
        dashscope_api_key: '***',
        tts: null,
      },
    },
  });
  t.notMatch(text, /sk-very-secret|live\/key/);
});

t.test('pages that people have among their bookmarks are there', async (t) => {
  for (const page of [...PAGES.map(([address]) => address), '/index.html']) {
    const reply = await get(page);
    t.equal(reply.status, 200, page);
    t.match(reply.headers.get('content-type'), 'text/html', page);
    await reply.arrayBuffer();
  }
});

t.test('sessions of numbers answer to numbers and texts', async (t) => {
  const { offer, receiver } = await viewer();
  const reply = await fetch(new URL('/offer', server.url), { method: 'POST', body: JSON.stringify(offer) });
  const { sessionid } = (await reply.json()) as { sessionid: number };
  t.ok(Number.isInteger(sessionid) && sessionid >= 100_000 && sessionid <= 999_999);
  for (const id of [sessionid, String(sessionid)]) {
    const asked = await fetch(new URL('/is_speaking', server.url), {
      method: 'POST',
      body: JSON.stringify({ sessionid: id }),
    });
    t.same(await asked.json(), { code: 0, msg: 'ok', data: false });
  }
  t.match(await (await get('/api/admin/sessions')).json(), {
    data: {
      sessions: [
        {
          sessionid: String(sessionid),
          speaking: false,
          recording: false,
          model: 'tinylip',
          avatar_id: '',
          REF_FILE: '',
          transport: 'webrtc',
          batch_size: 0,
          customopt: [],
        },
      ],
    },
  });
  await sessions.get(String(sessionid))?.close('test');
  await receiver.close();
});

t.test('a name that is taken is refused', async (t) => {
  const held = await sessions.create({}, { id: '0' });
  await t.rejects(sessions.create({}, { id: '0' }), { code: 'resource/busy' });
  t.equal(sessions.size, 1);
  await held.close('test');
});
