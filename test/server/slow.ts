/** Clients that take their time: they keep no place from others. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import Fastify from 'fastify';
import t from 'tap';
import { Api } from '../../src/server/v1/api.js';
import { speechRoutes } from '../../src/server/v1/speech.js';
import { closeVoices } from '../../src/voice/index.js';
import { serverOf } from './support/server.js';

t.teardown(() => closeVoices());

function open(url: string, head: string): Socket {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(`${head}\r\n\r\n`);
  return socket;
}

t.test(
  'forms under way have places: four of one address, which a client that goes away leaves',
  async (t) => {
    const { url, post, close } = await serverOf(1);
    t.teardown(close);
    const head = (path: string) =>
      `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 100000`;
    const paths = ['/humanaudio', '/humanaudio', '/api/avatar/task', '/api/avatar/task'];
    const waiting = paths.map((path) => open(url, head(path)));
    const form = async () => {
      const body = new FormData();
      body.set('sessionid', 'x');
      const reply = await fetch(new URL('/humanaudio', url), { method: 'POST', body });
      return { again: reply.headers.get('retry-after'), ...((await reply.json()) as { msg: string }) };
    };
    let answer = await form();
    // The others may not have been read yet.
    while (answer.again === null) answer = await form();
    t.match(answer, { code: -1, msg: '4 uploads are under way already.', again: /^\d+$/ });
    t.match(
      (await post('/api/avatar/task', {})).body,
      { msg: "'model'" },
      'what brings no file needs no place',
    );
    for (const socket of waiting) socket.destroy();
    while (answer.again !== null) answer = await form();
    t.match(answer, { code: -1, msg: "'file'" });
  },
);

t.test('a form that comes a byte at a time is let go, one that gets on is not', async (t) => {
  const { url, close } = await serverOf(1, { bodyMs: 300 });
  t.teardown(close);
  const head =
    'POST /humanaudio HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 1000000';
  const slow = open(url, head);
  const drip = setInterval(() => slow.write('-'), 20);
  slow.once('close', () => clearInterval(drip));
  // It ends only because the server lets go, with a reset where a byte was under way.
  await new Promise((resolve) => slow.once('close', resolve));

  const field = `--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n`;
  const end = '\r\n--x--\r\n';
  const piece = 'x'.repeat(128 << 10);
  const pieces = 8;
  const length = field.length + pieces * piece.length + end.length;
  const steady = open(url, head.replace('1000000', String(length)));
  steady.write(field);
  // Each piece is more than what must come in that time, and all of them take several times as long as an ordinary body may.
  for (let n = 0; n < pieces; n++) {
    steady.write(piece);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  steady.write(end);
  const [answer] = (await once(steady, 'data')) as [Buffer];
  t.match(String(answer), /^HTTP\/1\.1 200[\s\S]*'sessionid'/, 'it was read to its end');
  steady.destroy();
});

t.test('who asks for speech and does not read it loses the place', async (t) => {
  const app = Fastify({ forceCloseConnections: true });
  // Long enough for the first of ours to be answered: the voice has to start.
  speechRoutes(new Api(app), 2000);
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  t.teardown(() => app.close());
  // An hour of a tone: more than the system takes in between, and nobody makes what nobody reads.
  const body = JSON.stringify({ input: '440:3600', voice: 'tone', response_format: 'pcm' });
  const ask = async () =>
    (
      await fetch(new URL('/v1/audio/speech', url), {
        method: 'POST',
        body: JSON.stringify({ input: 'Hi.', response_format: 'wav' }),
        headers: { 'content-type': 'application/json' },
      })
    ).status;
  const idle = Array.from({ length: 4 }, () => {
    const socket = open(
      url,
      `POST /v1/audio/speech HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    return socket.pause();
  });
  let status = 0;
  while (status !== 503) status = await ask();
  t.pass('all places are taken');
  while (status !== 200) status = await ask();
  t.pass('and are free again, although nobody has read a byte');
  for (const socket of idle) socket.destroy();
});
