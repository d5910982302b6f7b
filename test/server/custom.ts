/** `custom_config` of `POST /offer`: a viewer brings custom actions that lie on the server. */
import { existsSync, mkdirSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import t from 'tap';
import { closeSharedPool } from '../../src/inference/index.js';
import type { SessionEvent } from '../../src/server/contract/events.js';
import { closeVoices } from '../../src/voice/index.js';
import { putAvatar } from '../support/drawnavatar.js';
import { until } from '../support/script.js';
import { serverOf, viewer } from './support/server.js';

const data = join(t.testdir(), 'data');
mkdirSync(data);
const avatars = await putAvatar(join(data, 'avatars'), 'one', {
  width: 128,
  height: 96,
  frames: 3,
  side: 60,
});
process.env['TALKGRAPH_AVATARS'] = avatars;
process.env['TMPDIR'] = join(data, 'tmp');
mkdirSync(tmpdir());
const custom = join(data, 'customvideo');
for (const [folder, frames] of [
  ['wave', 4],
  ['rest', 2],
] as const) {
  mkdirSync(join(custom, folder), { recursive: true });
  for (let n = 0; n < frames; n++) {
    const background = { r: 40 * n, g: 90, b: 160 };
    const picture = sharp({ create: { width: 64, height: 48, channels: 3, background } }).png();
    writeFileSync(join(custom, folder, `${n}.png`), await picture.toBuffer());
  }
}
mkdirSync(join(custom, 'empty'));
mkdirSync(join(data, 'private'));
writeFileSync(join(data, 'private', '0.png'), '');
symlinkSync(join(data, 'private'), join(custom, 'way-out'));

const server = await serverOf(2, { avatar: 'one' });
t.teardown(async () => {
  await server.close();
  await closeVoices();
  await closeSharedPool();
});
const { post, sessions } = server;

/** Clips that were made so far. */
const made = () => (existsSync(join(avatars, '.clips')) ? readdirSync(join(avatars, '.clips')) : []);
/** Folders of links that sessions have. */
const links = () => readdirSync(tmpdir()).filter((name) => name.startsWith('talkgraph-clips-'));
const config = (...actions: object[]) => JSON.stringify(actions);

t.test('the session plays them, each made once; its links go with it', async (t) => {
  for (const round of [1, 2]) {
    const { receiver, offer } = await viewer();
    const custom_config = config(
      { audiotype: 2, imgpath: 'data/customvideo/wave' },
      { audiotype: 1, imgpath: round === 1 ? 'rest' : join(custom, 'rest'), audiopath: null },
    );
    const { body } = await post('/offer', { ...offer, avatar: 'one', custom_config });
    t.match(body, { type: 'answer', sessionid: /./ });
    const session = sessions.get(String(body['sessionid']))!;
    const shown = new Promise<SessionEvent>((resolve) => {
      session.events.on('event', (event) => event.type === 'clip' && resolve(event));
    });
    await post('/set_audiotype', { sessionid: session.id, audiotype: 2 });
    t.match(await shown, { type: 'clip', name: '2' });
    t.match(await (await fetch(new URL('/api/admin/sessions', server.url))).json(), {
      data: { sessions: [{ customopt: [{ audiotype: 1 }, { audiotype: 2 }] }] },
    });
    t.equal(links().length, 1);
    t.equal(made().length, 2);
    await receiver.close();
    await session.close('test');
    await until(() => links().length === 0);
  }
  t.same(readdirSync(join(avatars, 'one')).includes('clips'), false, 'the avatar has none of its own');
});

t.test('other pictures in the same folder are another clip', async (t) => {
  utimesSync(join(custom, 'wave', '0.png'), 1, 1);
  const { receiver, offer } = await viewer();
  const custom_config = config({ audiotype: 7, imgpath: 'customvideo/wave' });
  const { body } = await post('/offer', { ...offer, avatar: 'one', custom_config });
  t.equal(made().length, 3);
  await sessions.get(String(body['sessionid']))!.close('test');
  await receiver.close();
});

t.test('what lies elsewhere is refused like what is not there, and nothing is left', async (t) => {
  const { receiver, offer } = await viewer();
  const refused = async (custom_config: string) => (await post('/offer', { ...offer, custom_config })).body;
  for (const imgpath of [
    '/etc',
    '../../../etc',
    'nowhere',
    'data/private',
    '../private',
    'customvideo/way-out',
    join(data, 'private'),
    custom,
    'wave/0.png',
  ]) {
    t.match(await refused(config({ audiotype: 2, imgpath })), {
      code: -1,
      msg: `custom_config names the folder ${imgpath}, which is not among the custom actions of this server.`,
    });
  }
  t.match(await refused(config({ audiotype: 2, imgpath: 'wave', audiopath: '/etc/passwd' })), {
    code: -1,
    msg: /expected sound in a file that ends in .wav/,
  });
  t.match(await refused(config({ audiotype: 2, imgpath: 'wave', audiopath: '/usr/share/a.wav' })), {
    code: -1,
    msg: /names the file \/usr\/share\/a.wav, which is not among/,
  });
  t.match(await refused(config({ audiotype: 2, imgpath: 'empty' })), {
    code: -1,
    msg: 'empty holds no PNG or JPEG pictures.',
  });
  t.match(await refused('[{'), { code: -1, msg: /custom_config: it is no JSON/ });
  t.match(await refused(config({ audiotype: 0, imgpath: 'wave' })), { code: -1, msg: /N from 1/ });
  t.match(await refused(config({ audiotype: 2, imgpath: 'wave' }, { audiotype: 2, imgpath: 'rest' })), {
    code: -1,
    msg: /audiotype 2 comes twice/,
  });
  t.equal(sessions.size, 0);
  t.same(links(), []);
  await receiver.close();
});
