/** Behind a proxy: whoever asks is whom a proxy that is named says it is, and the configuration in docs/deploy.md does that. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import WebSocket from 'ws';
import { PACKAGE } from '../../src/graph/find.js';
import { clientOf } from '../../src/server/limits.js';
import { serverOf } from './support/server.js';

const TIGHT = { offers: 2, work: 1000, other: 1000 };

/** Status of an empty offer, as somebody sends it through a proxy that says `forwarded`. */
async function offered(url: string, forwarded: string): Promise<number> {
  const headers = { 'x-forwarded-for': forwarded };
  return (await fetch(new URL('/offer', url), { method: 'POST', body: '{}', headers })).status;
}

t.test('a proxy that is named says who asks: each client has a limit of its own', async (t) => {
  const { url, close } = await serverOf(1, { rates: TIGHT, trustProxy: ['127.0.0.1'] });
  t.teardown(close);
  t.same([await offered(url, '203.0.113.7'), await offered(url, '203.0.113.7')], [200, 200]);
  t.equal(await offered(url, '203.0.113.7'), 429);
  t.equal(await offered(url, '203.0.113.8'), 200, 'somebody else');
  t.equal(
    await offered(url, '198.51.100.1, 203.0.113.7'),
    429,
    'what the client wrote in front counts for nothing',
  );
  t.equal(await offered(url, '2001:db8:1:2::1'), 200);
  t.equal(await offered(url, '2001:db8:1:2:ffff::9'), 200);
  t.equal(await offered(url, '2001:db8:1:2:7::'), 429, 'a network of IPv6 is one client');
});

t.test('nobody else is believed', async (t) => {
  const { url, close } = await serverOf(1, { rates: TIGHT });
  t.teardown(close);
  const statuses = [];
  for (let n = 1; n <= 3; n++) statuses.push(await offered(url, `203.0.113.${n}`));
  t.same(statuses, [200, 200, 429]);
  const other = await serverOf(1, { rates: TIGHT, trustProxy: ['192.0.2.1'] });
  t.teardown(() => other.close());
  const again = [];
  for (let n = 1; n <= 3; n++) again.push(await offered(other.url, `203.0.113.${n}`));
  t.same(again, [200, 200, 429], 'it is another proxy that is named');
});

t.test('clients are told apart by address, in IPv6 by network', async (t) => {
  for (const [ip, client] of [
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0db8::1', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['no address', 'no address'],
  ] as const)
    t.equal(clientOf(ip), client, ip);
});

/** A port that is free now. */
async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  await once(probe, 'close');
  return port;
}

const nginx = existsSync('/usr/sbin/nginx') ? '/usr/sbin/nginx' : undefined;
t.test('nginx as docs/deploy.md has it', { skip: nginx === undefined && 'no nginx here' }, async (t) => {
  const { url, close } = await serverOf(1, { rates: TIGHT, trustProxy: ['127.0.0.1'], token: 'sesame' });
  t.teardown(close);
  const page = readFileSync(join(PACKAGE, 'docs/deploy.md'), 'utf8');
  const shown = /```nginx\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
  const port = await freePort();
  const site = shown
    .replace('listen 443 ssl', `listen 127.0.0.1:${port}`)
    .replace(/^ *ssl_certificate.*\n/gm, '')
    .replace('http://127.0.0.1:8010', url);
  t.match(site, `listen 127.0.0.1:${port};`);
  const folder = t.testdir({});
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  writeFileSync(
    join(folder, 'nginx.conf'),
    `daemon off; master_process off; pid ${folder}/pid; error_log stderr warn;
events { worker_connections 64; }
http { access_log off; ${paths.join(' ')} ${site} }`,
  );
  const child = spawn(nginx ?? '', ['-p', folder, '-c', join(folder, 'nginx.conf')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let told = '';
  child.stderr.on('data', (text) => (told += text));
  const ended = once(child, 'exit');
  t.teardown(async () => {
    child.kill();
    await ended;
  });
  /** From an address of this machine, so that there are several clients. */
  const from = (localAddress: string, method: string, path: string, headers: Record<string, string> = {}) =>
    new Promise<{ status: number; cookie: string }>((resolve, reject) => {
      const asked = request(
        `http://127.0.0.1:${port}${path}`,
        { method, localAddress, headers, agent: false },
        (reply) => {
          reply.resume();
          reply.on('end', () =>
            resolve({ status: reply.statusCode ?? 0, cookie: String(reply.headers['set-cookie'] ?? '') }),
          );
        },
      );
      asked.on('error', reject);
      asked.end(method === 'POST' ? '{}' : undefined);
    });
  // It listens a moment after it was started; one that has ended never will.
  for (;;) {
    const up = await from('127.0.0.2', 'GET', '/healthz').catch(() => undefined);
    if (up?.status === 200) break;
    if (child.exitCode !== null) throw new Error(`nginx: ${told}`);
    await new Promise(setImmediate);
  }
  const token = { authorization: 'Bearer sesame' };
  const offers = async (client: string) => (await from(client, 'POST', '/offer', token)).status;
  t.same([await offers('127.0.0.2'), await offers('127.0.0.2'), await offers('127.0.0.2')], [200, 200, 429]);
  t.equal(await offers('127.0.0.3'), 200, 'another client of the same proxy');
  const forged = { ...token, 'x-forwarded-for': '127.0.0.9' };
  t.equal(
    (await from('127.0.0.2', 'POST', '/offer', forged)).status,
    429,
    'and nobody calls himself another',
  );
  t.notMatch((await from('127.0.0.3', 'GET', '/?token=sesame')).cookie, /Secure/, 'it came by HTTP');
  const socket = new WebSocket(`ws://127.0.0.1:${port}/v1/sessions/x/audio?token=sesame`);
  t.equal(((await once(socket, 'close')) as [number])[0], 1008, 'sockets go through: no such session');
});
