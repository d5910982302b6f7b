/** `POST /set_audiotype`: clips as LiveTalking's clients ask for them. */
import { join } from 'node:path';
import t from 'tap';
import { closeSharedPool } from '../../src/inference/index.js';
import type { SessionEvent } from '../../src/server/contract/events.js';
import { closeVoices } from '../../src/voice/index.js';
import { putAvatar } from '../support/drawnavatar.js';
import { serverOf } from './support/server.js';

const drawn = { width: 128, height: 96, frames: 3, side: 60 };
const root = await putAvatar(t.testdir(), 'one', drawn);
await putAvatar(join(root, 'one', 'clips'), '3', { ...drawn, frames: 5 });
await putAvatar(join(root, 'one', 'clips'), '4', { ...drawn, frames: 250 });

const server = await serverOf(1);
t.teardown(async () => {
  await server.close();
  await closeVoices();
  await closeSharedPool();
});
const { post, sessions } = server;

t.test('plays a clip and says so, tells of one that is not there, and ends what plays', async (t) => {
  const session = await sessions.create({ avatar: join(root, 'one') });
  const events: SessionEvent[] = [];
  let look = () => {};
  session.events.on('event', (event) => {
    events.push(event);
    look();
  });
  const until = (right: (event: SessionEvent) => boolean) =>
    new Promise<SessionEvent>((resolve) => {
      look = () => {
        const found = events.find(right);
        if (found) resolve(found);
      };
      look();
    });
  const ask = async (audiotype: unknown) =>
    (await post('/set_audiotype', { sessionid: session.id, audiotype, reinit: true })).body;

  t.strictSame(await ask(3), { code: 0, msg: 'ok' });
  const begin = await until(({ type }) => type === 'clip');
  t.match(begin, { type: 'clip', name: '3', session: session.id });
  const end = await until((event) => event.type === 'clip' && event.name === '');
  t.equal(end.pts - begin.pts, 200e6, 'five pictures');
  t.equal(end.id, begin.id);

  t.strictSame(await ask(9), { code: 0, msg: 'ok' });
  t.match(await until(({ type }) => type === 'error'), { code: 'resource/not-found', message: /"9"/ });
  t.strictSame(await ask(1), { code: 0, msg: 'ok' });

  t.strictSame(await ask('4'), { code: 0, msg: 'ok' }, 'what a field of a form holds is a text');
  await until((event) => event.type === 'clip' && event.name === '4');
  t.strictSame(await ask(0), { code: 0, msg: 'ok' });
  await until(({ type }) => type === 'interrupted');
  t.equal(events.filter(({ type }) => type === 'clip').length, 3, 'one that was cut has no end of its own');

  t.match(await ask(-1), { code: -1, msg: /audiotype/ });
  t.match(await ask('wave'), { code: -1, msg: /audiotype/ });
  t.match((await post('/set_audiotype', { sessionid: session.id })).body, { code: -1, msg: "'audiotype'" });
  t.match((await post('/set_audiotype', { sessionid: 'x', audiotype: 3 })).body, {
    code: -1,
    msg: 'session not found',
  });
  await session.close('test');
});
