/** `talkgraph serve` as a process would run it, with the options of LiveTalking’s users. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { run } from '../../src/cli/main.js';
import { planOf } from '../../src/cli/serve/plan.js';
import { closeSharedPool } from '../../src/inference/index.js';
import { closeVoices } from '../../src/voice/index.js';
import { fakeTerminal } from '../support/terminal.js';

t.teardown(async () => {
  await closeVoices();
  await closeSharedPool();
});

/** Serves with these words until `meet` is done. */
async function served(
  args: readonly string[],
  meet: (url: string, terminal: ReturnType<typeof fakeTerminal>) => Promise<void>,
) {
  const terminal = fakeTerminal();
  const ended = run(['serve', '--port', '0', ...args], terminal);
  await Promise.race([ended, terminal.until(/open http/)]);
  const url = /open (http\S+)/.exec(terminal.written.out)?.[1];
  if (url !== undefined) await meet(url, terminal);
  terminal.interrupt();
  return { exit: await ended, ...terminal.written };
}

async function post(url: string, path: string, body: unknown): Promise<unknown> {
  const reply = await fetch(new URL(path, url), { method: 'POST', body: JSON.stringify(body) });
  return reply.json();
}

t.test('a folder with a config.yaml is served as it says', async (t) => {
  const folder = t.testdir({ 'config.yaml': 'max_session: 2\navatar-id: max\nl: 10\n' });
  const { exit, err } = await served(['--config', join(folder, 'config.yaml')], async (url) => {
    t.match(await (await fetch(new URL('/avatars', url))).json(), { data: { preset: 'max' } });
  });
  t.equal(exit, 0);
  t.match(err, /^warning: l has no meaning here/);
});

t.test('tokens of a file, those of now after a signal, and a file for who did what', async (t) => {
  const folder = t.testdir({ tokens: 'shop one\n' });
  const [tokens, audit] = [join(folder, 'tokens'), join(folder, 'audit.jsonl')];
  process.env['TALKGRAPH_TOKEN_FILE'] = tokens;
  t.teardown(() => delete process.env['TALKGRAPH_TOKEN_FILE']);
  const { exit } = await served(['--config', '', '--audit', audit, '--queue', '1'], async (url, terminal) => {
    const status = async (token: string) =>
      (await fetch(new URL('/avatars', url), { headers: { authorization: `Bearer ${token}` } })).status;
    t.same([await status('one'), await status('two')], [200, 401]);
    writeFileSync(tokens, 'shop two\n');
    terminal.renew();
    await terminal.until(/are those of now/);
    t.same([await status('one'), await status('two')], [401, 200]);
    writeFileSync(tokens, '# none\n');
    terminal.renew();
    await terminal.until(/in which there is no token/);
    t.equal(await status('two'), 200, 'a mistake changes nothing');
  });
  t.equal(exit, 0);
  t.match(readFileSync(audit, 'utf8'), /"status":401,"outcome":"refused"/);
});

t.test('rtmp: session 0 stands from the start, for clients that send a text or a number', async (t) => {
  // Nobody listens there: the stream waits for a server, the session does not.
  const args = ['--transport', 'rtmp', '--push_url', 'rtmp://127.0.0.1:9/live/livestream'];
  const { exit } = await served([...args, '--config', ''], async (url) => {
    for (const sessionid of ['0', 0]) {
      t.same(await post(url, '/is_speaking', { sessionid }), { code: 0, msg: 'ok', data: false });
      t.same(await post(url, '/human', { sessionid, type: 'echo', text: 'Hello.' }), { code: 0, msg: 'ok' });
    }
  });
  t.equal(exit, 0);
});

t.test('rtcpush: as many sessions as places, each with its number behind the address', async (t) => {
  const { standing } = planOf({ transport: 'rtcpush', 'max-session': '2', avatar: 'max' });
  const url = 'http://localhost:1985/rtc/v1/whip/?app=live&stream=livestream';
  t.match(standing, [
    { graph: 'whip.yaml', parameters: { avatar: 'max', url } },
    { graph: 'whip.yaml', parameters: { avatar: 'max', url: `${url}1` } },
  ]);
  t.equal(planOf({ transport: 'rtcpush' }).standing.length, 5, 'as LiveTalking has it');
  // Nobody listens there: the streams wait for a server, the sessions do not.
  const args = ['--transport', 'rtcpush', '--push_url', 'http://127.0.0.1:9/whip', '--max_session', '2'];
  const { exit } = await served([...args, '--config', ''], async (url) => {
    for (const sessionid of ['0', '1'])
      t.same(await post(url, '/human', { sessionid, type: 'echo', text: 'Hello.' }), { code: 0, msg: 'ok' });
    t.match(await (await fetch(new URL('/api/admin/sessions', url))).json(), {
      data: {
        sessions: [
          { sessionid: '0', transport: 'rtcpush' },
          { sessionid: '1', transport: 'rtcpush' },
        ],
      },
    });
  });
  t.equal(exit, 0);
});

t.test('what cannot be served ends with a sentence and nothing left', async (t) => {
  const folder = t.testdir({ 'camera.txt': '' });
  writeFileSync(join(folder, 'actions.json'), '[{"audiotype": 2, "imgpath": "nowhere"}]');
  for (const [args, wanted] of [
    [['--model', 'ultralight'], { exit: 2, err: /models import FILE --name ultralight/ }],
    [['--avatar_id', 'nobody'], { exit: 1, err: /There is no avatar "nobody"/ }],
    [['--customvideo_config', join(folder, 'actions.json')], { exit: 1, err: /names the folder nowhere/ }],
    [
      ['--transport', 'virtualcam', '--push_url', join(folder, 'camera.txt')],
      { exit: 1, err: /camera\.txt/ },
    ],
    [['--tls-cert', 'cert.pem'], { exit: 2, err: /needs both --tls-cert FILE and --tls-key FILE/ }],
    [
      ['--tls-cert', '/nowhere/a', '--tls-key', '/nowhere/b'],
      { exit: 1, err: /nowhere\/a for TLS cannot be read/ },
    ],
    [['--queue', 'long'], { exit: 2, err: /--queue takes a whole number/ }],
    [['--transport', 'rtcpush', '--push_url', 'here'], { exit: 2, err: /needs --push-url https/ }],
  ] as const) {
    t.match(
      await served([...args, '--config', ''], async () => void t.fail('it serves')),
      wanted,
      args.join(' '),
    );
  }
});
