/** Avatars made of uploaded videos, as LiveTalking's clients ask for them. */
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { openAvatar } from '../../src/avatar/index.js';
import { painter } from '../../src/avatar/painter.js';
import { importModel } from '../../src/checkpoint/index.js';
import { readManifest } from '../../src/inference/index.js';
import { isInside, postOut } from '../../src/server/tasks/outgoing.js';
import { putWeights } from '../checkpoint/support/musetalk.js';
import { film, grey } from '../support/film.js';
import { serverOf } from './support/server.js';

t.setTimeout(150_000);
const clips = t.testdir();
const [take, brief, long, empty] = (['take', 'brief', 'long', 'empty'] as const).map((name) =>
  join(clips, `${name}.mov`),
) as [string, string, string, string];
// Small: nobody looks at the pictures, and all that is done takes a quarter of the time.
const ava = await openAvatar('ava', { width: 256, height: 384 });
const loop = (count: number) => Array.from({ length: count }, (_, n) => ava.data(ava.index(n)));
await film(take, loop(30), ava);
await film(brief, loop(8), ava);
await film(long, loop(400), ava);
await film(
  empty,
  Array.from({ length: 8 }, () => grey(320, 240)),
  { width: 320, height: 240 },
);
ava.close();

interface Reply {
  readonly code: number;
  readonly msg: string;
  readonly data?: { task_id?: string; tasks?: Task[]; msg?: string } & Partial<Task>;
}
interface Task {
  readonly task_id: string;
  readonly status: string;
  readonly progress: number;
  readonly error_msg: string | null;
}

/** A server whose avatars lie in a folder of the test's own. */
async function room(t: Test, avatars = join(t.testdir(), 'avatars')) {
  process.env['TALKGRAPH_AVATARS'] = avatars;
  const server = await serverOf(1);
  let open = true;
  const close = async () => {
    if (open) await server.close();
    open = false;
  };
  t.teardown(close);
  const call = async (path: string, init?: RequestInit) =>
    (await (await fetch(new URL(path, server.url), init)).json()) as Reply;
  const json = (body: unknown) =>
    call('/api/avatar/task', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const form = (file: string | undefined, fields: Record<string, string>) => {
    const body = new FormData();
    if (file !== undefined) body.set('video_file', new Blob([readFileSync(file)]), '../../etc/passwd');
    for (const [key, value] of Object.entries(fields)) body.set(key, value);
    return call('/api/avatar/task', { method: 'POST', body });
  };
  const get = async (id: string) => (await call(`/api/avatar/task/${id}`)).data as Task;
  /** Asks until the task is as it should be: its clients do, too. */
  const until = async (id: string, holds: (task: Task) => boolean) => {
    for (;;) {
      const task = await get(id);
      if (holds(task)) return task;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const over = (id: string) => until(id, ({ status }) => status === 'completed' || status === 'failed');
  const remove = (id: string) => call(`/api/avatar/task/${id}`, { method: 'DELETE' });
  const uploads = () =>
    existsSync(join(avatars, '.tasks', 'uploads')) ? readdirSync(join(avatars, '.tasks', 'uploads')) : [];
  return { avatars, call, json, form, get, until, over, remove, uploads, close };
}

/** A server on this machine that keeps what it is told. */
async function ear(t: Test) {
  const heard: Task[] = [];
  const server = createServer((request, reply) => {
    let text = '';
    request.on('data', (part: Buffer) => {
      text += String(part);
    });
    request.on('end', () => {
      heard.push(JSON.parse(text) as Task);
      reply.end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => void server.close());
  return { heard, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/done` };
}

t.test('an upload becomes an avatar, and whoever wanted to know is told', async (t) => {
  process.env['TALKGRAPH_NOTIFY'] = 'anywhere';
  t.teardown(() => delete process.env['TALKGRAPH_NOTIFY']);
  const { avatars, form, over, call, uploads, remove, close } = await room(t);
  const { heard, url } = await ear(t);
  const fields = {
    model: 'wav2lip',
    avatar_id: 'anna',
    img_size: '256',
    pads: '0 10 0 0',
    notifyurl: url,
    consent: 'Anna',
  };
  const reply = await form(take, fields);
  t.match(reply, { code: 0, msg: 'ok', data: { task_id: /^[0-9a-f-]{36}$/ } });
  const id = reply.data?.task_id ?? '';
  const task = await over(id);
  t.match(task, {
    ...{ task_id: id, model_type: 'wav2lip', avatar_id: 'anna', status: 'completed', progress: 100 },
    ...{ error_msg: null, notify_url: url, start_time: Number, end_time: Number, duration: Number },
    findings: [{ kind: 'short' }],
  });
  const avatar = await openAvatar('anna', { root: avatars });
  t.equal(avatar.count, 30);
  avatar.close();
  t.match(readFileSync(join(avatars, 'anna', 'avatar.yaml'), 'utf8'), /^consent: Anna$/m);
  t.same(uploads(), [], 'the upload is gone');
  t.match(await call('/api/avatar/tasks'), { code: 0, data: { tasks: [{ task_id: id }] } });
  t.match(await remove(id), { code: -1, msg: 'Task is in completed state, cannot delete' });
  t.match(await form(take, fields), { code: -1, msg: /There is an avatar anna already; replace=true/ });
  await close();
  t.same(
    heard.map(({ status, progress }) => [status, progress]),
    [
      ['pending', 0],
      ['running', 5],
      ['completed', 100],
    ],
  );
});

t.test('what cannot be made fails with its reason', async (t) => {
  const models = join(clips, 'models');
  mkdirSync(models);
  process.env['TALKGRAPH_MODELS'] = models;
  t.teardown(() => delete process.env['TALKGRAPH_MODELS']);
  t.equal(await painter(), undefined, 'nobody makes latents here');
  const vae = putWeights(join(models, 'vae.bin'), 'vae');
  await importModel(putWeights(join(models, 'unet.pth'), 'unet'), { name: 'muse', folder: models, vae });
  t.equal(await painter(), 'muse');
  const { avatars, json, form, over, call, remove, uploads } = await room(t);
  const bad = await form(empty, { model: 'wav2lip', avatar_id: 'none' });
  t.match(await over(bad.data?.task_id ?? ''), {
    status: 'failed',
    error_msg: /cannot become an avatar: There is no face to be seen/,
    findings: [{ kind: 'no-face', from: 0 }],
  });
  const other = await form(take, { model: 'ultralight', avatar_id: 'none', task_id: 'mine' });
  t.equal(other.data?.task_id, 'mine');
  t.match(await over('mine'), { status: 'failed', error_msg: 'Unsupported model type: ultralight' });
  t.notOk(existsSync(join(avatars, 'none')));

  copyFileSync(brief, join(avatars, 'clip.mov'));
  const named = await json({ model: 'musetalk', avatar_id: 'named', video_path: 'clip.mov' });
  t.match(await over(named.data?.task_id ?? ''), { status: 'completed', error_msg: null });
  t.ok(existsSync(join(avatars, 'clip.mov')), 'a video that was named stays');
  const painted = await openAvatar('named', { root: avatars });
  const { inputs } = await readManifest('muse');
  const length = inputs['latent']?.reduce((product, dim) => product * dim);
  t.equal((await painted.latent(7))?.length, length, 'the last frame has what MuseTalk is shown of it');
  painted.close();
  for (const video_path of [take, '../take.mov', '/etc/passwd', 'none.mov', '']) {
    const { code, msg } = await json({ model: 'wav2lip', avatar_id: 'x', video_path });
    t.equal(code, -1, video_path);
    t.match(msg, /There is no video|video_file or video_path is required/);
  }
  for (const avatar_id of ['../x', '.tasks', 'a/b', ''])
    t.equal((await form(take, { model: 'wav2lip', avatar_id })).code, -1);
  t.match(await json({ avatar_id: 'x' }), { code: -1, msg: "'model'" });
  t.match(await form(take, { model: 'wav2lip', avatar_id: 'x', task_id: '../x' }), {
    code: -1,
    msg: /'task_id': Expected letters/,
  });
  t.match(await call('/api/avatar/task/nobody'), { code: 404, msg: 'Task not found' });
  t.match(await remove('nobody'), { code: -1, msg: 'Task not found' });
  t.same(uploads(), []);
});

t.test(
  'one after the other; waiting ones can be taken away, running ones ended, and a restart loses none',
  async (t) => {
    const first = await room(t);
    const { avatars } = first;
    const start = async (file: string, id: string) =>
      (await first.form(file, { model: 'wav2lip', avatar_id: id, task_id: id })).data?.task_id;
    t.same(
      [await start(long, 'one'), await start(take, 'two'), await start(take, 'three')],
      ['one', 'two', 'three'],
    );
    await first.until('one', ({ progress }) => progress >= 20);
    t.equal((await first.get('two')).status, 'pending');
    t.match(await first.form(take, { model: 'wav2lip', avatar_id: 'x', task_id: 'two' }), {
      code: -1,
      msg: /pending state already/,
    });
    t.match(await first.remove('three'), { code: 0, data: { msg: 'Task deleted' } });
    t.equal((await first.call('/api/avatar/task/three')).code, 404);
    t.equal(first.uploads().length, 2);
    await first.close();
    t.same(readdirSync(avatars), ['.tasks'], 'nothing half made is left');

    const second = await room(t, avatars);
    await second.until('one', ({ progress }) => progress >= 20);
    t.match(await second.remove('one'), { code: 0, data: { msg: 'Task cancelled' } });
    t.match(await second.get('one'), { status: 'failed', error_msg: 'Task was cancelled' });
    t.match(await second.over('two'), { status: 'completed' });
    t.same(readdirSync(avatars).sort(), ['.tasks', 'two']);
    t.same(second.uploads(), []);
  },
);

t.test('an upload has a limit', async (t) => {
  process.env['TALKGRAPH_UPLOAD'] = '0.1';
  t.teardown(() => delete process.env['TALKGRAPH_UPLOAD']);
  const { form, call, uploads } = await room(t);
  t.match(await form(take, { model: 'wav2lip', avatar_id: 'x' }), {
    code: -1,
    msg: /Expected a video of at most 0\.1 MB/,
  });
  const broken = await call('/api/avatar/task', {
    method: 'POST',
    headers: { 'content-type': 'multipart/form-data; boundary=x' },
    body: '--x\r\ncontent-disposition: form-data; name="video_file"; filename="a"\r\n\r\nhalf',
  });
  t.equal(broken.code, -1);
  t.same(uploads(), []);
});

t.test('addresses inside are told from the world', async (t) => {
  for (const address of [
    '127.0.0.1',
    '10.1.2.3',
    '192.168.0.1',
    '172.20.0.1',
    '169.254.169.254',
    '0.0.0.0',
    '::1',
    '::',
    'fd00::1',
    'fe80::1',
    '::ffff:10.0.0.1',
    '64:ff9b::a00:1',
    '100.64.0.1',
    'name',
  ])
    t.ok(isInside(address), address);
  for (const address of ['1.1.1.1', '172.32.0.1', '2606:4700::1111', '::ffff:1.1.1.1'])
    t.notOk(isInside(address), address);
  const { heard, url } = await ear(t);
  await t.rejects(postOut(url, {}, 1000), /is an address inside/);
  await t.rejects(postOut(url.replace('127.0.0.1', 'localhost'), {}, 1000), /is an address inside/);
  await t.rejects(postOut('file:///etc/passwd', {}, 1000), /http or https/);
  t.same(heard, []);
  await postOut(url, { status: 'yes' }, 1000, true);
  t.match(heard, [{ status: 'yes' }]);
});
