/** Requests to addresses that a client names: no way round the rule that they lead to the world only. */
import dns from 'node:dns';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import { type AddressInfo, connect } from 'node:net';
import t, { type Test } from 'tap';
import { isInside, lookupUnless, postOut } from '../../src/server/tasks/outgoing.js';

/** A server of this machine that counts who comes. */
async function ear(
  t: Test,
  host = '127.0.0.1',
  answer: (server: Server) => void = () => undefined,
  port = 0,
) {
  const server = createServer();
  answer(server);
  server.listen(port, host);
  await once(server, 'listening');
  t.teardown(() => void server.close());
  const heard = { connections: 0, port: (server.address() as AddressInfo).port };
  server.on('connection', () => heard.connections++);
  return heard;
}

/** Names are looked up here instead. */
function resolver(t: Test, answers: (name: string, n: number) => string[]): string[] {
  const asked: string[] = [];
  const real = dns.lookup;
  const fake = (
    name: string,
    _options: unknown,
    done: (error: null, found: { address: string; family: number }[]) => void,
  ) => {
    asked.push(name);
    const found = answers(name, asked.length).map((address) => ({
      address,
      family: address.includes(':') ? 6 : 4,
    }));
    setImmediate(() => done(null, found));
  };
  dns.lookup = fake as unknown as typeof dns.lookup;
  syncBuiltinESMExports();
  t.teardown(() => {
    dns.lookup = real;
    syncBuiltinESMExports();
  });
  return asked;
}

t.test('an address that is another one in other words is inside', async (t) => {
  const inside =
    '::127.0.0.1 ::7f00:1 ::ffff:7f00:1 2002:7f00:1:: 2002:a9fe:a9fe::1 64:ff9b:1::a00:1 2001:0:4136:e378:8000:63bf:3fff:fdd2 fec0::1 192.88.99.1 255.255.255.255';
  for (const address of inside.split(' ')) t.ok(isInside(address), address);
  const outside = '2001:4860:4860::8888 2600:: 192.88.98.1';
  for (const address of outside.split(' ')) t.notOk(isInside(address), address);
});

t.test('numbers that a URL takes for addresses are addresses', async (t) => {
  const { connections, port } = await ear(t);
  for (const host of [
    '2130706433',
    '0x7f.1',
    '0177.0.0.1',
    '127.1',
    '[::ffff:127.0.0.1]',
    '[::1]',
    '0',
    '127。0。0。1',
  ])
    await t.rejects(postOut(`http://${host}:${port}/`, {}, 1000), /is an address inside/, host);
  t.equal(connections, 0);
});

t.test('a name with one address inside is refused, and so is one that has none', async (t) => {
  const heard = await ear(t);
  const answers = [['203.0.113.9', '127.0.0.1'], ['::ffff:127.0.0.1'], ['10.0.0.1'], []];
  resolver(t, (_, n) => answers[n - 1] ?? []);
  for (const answer of answers)
    await t.rejects(
      postOut(`http://name.example:${heard.port}/`, {}, 1000),
      /is an address inside/,
      answer.join(),
    );
  t.equal(heard.connections, 0);
});

t.test('a name that leads elsewhere a moment later is not asked a second time', async (t) => {
  // 127.0.0.1 stands for the world here, and 127.0.0.2 for what is inside.
  const world = await ear(t, '127.0.0.1');
  const inside = await ear(t, '127.0.0.2', undefined, world.port);
  const asked = resolver(t, (_, n) => [n === 1 ? '127.0.0.1' : '127.0.0.2']);
  const lookup = lookupUnless((address) => address === '127.0.0.2');
  const first = connect({ host: 'rebound.example', port: world.port, lookup });
  await once(first, 'connect');
  t.equal(first.remoteAddress, '127.0.0.1');
  first.destroy();
  t.same(asked, ['rebound.example'], 'looked up once, where it connects');
  const second = connect({ host: 'rebound.example', port: world.port, lookup });
  const [error] = (await once(second, 'error')) as [Error];
  t.match(error.message, /is an address inside/);
  t.same([world.connections, inside.connections], [1, 0]);
});

t.test('nobody is sent on', async (t) => {
  const inside = await ear(t);
  for (const status of [301, 302, 303, 307, 308]) {
    const sender = await ear(t, '127.0.0.1', (server) =>
      server.on('request', (_request, reply) => {
        reply.writeHead(status, { location: `http://127.0.0.1:${inside.port}/` });
        reply.end();
      }),
    );
    await postOut(`http://127.0.0.1:${sender.port}/`, {}, 1000, true);
    t.equal(sender.connections, 1);
  }
  t.equal(inside.connections, 0);
});

t.test('only the web is asked', async (t) => {
  for (const url of [
    'file:///etc/passwd',
    'ftp://a.example/',
    'gopher://a.example/',
    'data:,x',
    'javascript:1',
  ])
    await t.rejects(postOut(url, {}, 1000, true), /http or https/, url);
  await t.rejects(postOut('http://', {}, 1000));
});
