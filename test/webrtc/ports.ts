import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import t from 'tap';
import { TalkError } from '../../src/element/error.js';
import { PortPool, parsePortRange } from '../../src/webrtc/ports.js';

const close = (socket: { close(done: () => void): void }) =>
  new Promise<void>((resolve) => socket.close(resolve));

t.test('reads a port range', async (t) => {
  t.same(parsePortRange('40000-40199'), [40000, 40199]);
  t.same(parsePortRange(' 5-5 '), [5, 5]);
  t.equal(parsePortRange(''), undefined);
  for (const wrong of ['40000', '9-3', '0-10', '1-70000', 'a-b', '1-2-3']) {
    t.throws(() => parsePortRange(wrong), /Expected two ports like 40000-40199/, wrong);
  }
});

t.test('hands out each port once and says clearly when all are taken', async (t) => {
  const pool = new PortPool([42101, 42103]);
  const sockets = await Promise.all([pool.bind(), pool.bind(), pool.bind()]);
  t.same(sockets.map((s) => s.address().port).sort(), [42101, 42102, 42103]);
  const error = (await t.rejects(pool.bind(), TalkError)) as unknown as TalkError;
  t.equal(error.code, 'resource/busy');
  t.match(error.message, /All 3 UDP ports from 42101 to 42103 are in use/);
  t.ok(error.retryable);
  await close(sockets[1]!);
  t.equal(pool.used, 2);
  const again = await pool.bind();
  t.equal(again.address().port, sockets[1] === undefined ? 0 : 42102);
  await Promise.all([sockets[0]!, sockets[2]!, again].map(close));
  t.equal(pool.used, 0);
});

t.test('steps over a port that another program holds', async (t) => {
  const other = createSocket('udp4');
  other.bind(42111);
  await once(other, 'listening');
  const pool = new PortPool([42111, 42112]);
  const socket = await pool.bind();
  t.equal(socket.address().port, 42112);
  await t.rejects(pool.bind(), /All 2 UDP ports/);
  await Promise.all([socket, other].map(close));
});

t.test('lets a port rest that was just given back', async (t) => {
  const pool = new PortPool([42121, 42124]);
  const first = await pool.bind();
  await close(first);
  const second = await pool.bind();
  t.equal(second.address().port, 42122);
  await close(second);
});

t.test('takes any free port without a range', async (t) => {
  const pool = new PortPool();
  const socket = await pool.bind();
  t.ok(socket.address().port > 1023);
  t.equal(pool.used, 1);
  await close(socket);
});
