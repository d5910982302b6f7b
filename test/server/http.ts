/** Requests that HTTP allows and few clients send: each is answered as HTTP has it, and the connection goes on. */
import { once } from 'node:events';
import { connect } from 'node:net';
import t from 'tap';
import { serverOf } from './support/server.js';

const server = await serverOf(2);
t.teardown(() => server.close());
const { port, host } = new URL(server.url);

/** What comes back over one connection, whose last request closes it. */
async function talk(...requests: string[]): Promise<string> {
  const socket = connect(Number(port), '127.0.0.1');
  socket.write(requests.join(''));
  let text = '';
  socket.on('data', (piece) => (text += String(piece)));
  await once(socket, 'close');
  return text;
}

/** A request as it stands on the line; `last`: the connection closes behind it. */
function request(line: string, { headers = [] as string[], body = '', last = false } = {}): string {
  const more = [
    ...(body === '' ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]),
    ...(last ? ['Connection: close'] : []),
  ];
  return `${[`${line} HTTP/1.1`, `Host: ${host}`, ...headers, ...more].join('\r\n')}\r\n\r\n${body}`;
}
const LAST = request('GET /healthz', { last: true });

t.test(
  'an offer of HTTP/2, as Java makes one with each request, is not taken, and the request is',
  async (t) => {
    const body = JSON.stringify({ sessionid: 'x' });
    const asked = request('POST /is_speaking', {
      headers: [
        'Connection: Upgrade, HTTP2-Settings',
        'Upgrade: h2c',
        'HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABk',
      ],
      body,
    });
    // One after the other: who waits for another protocol sends nothing meanwhile.
    const socket = connect(Number(port), '127.0.0.1');
    for (let n = 0; n < 20; n++) {
      socket.write(asked);
      let text = '';
      while (!text.endsWith('}')) text += String((await once(socket, 'data'))[0]);
      t.match(text, /^HTTP\/1\.1 200 .*\{"code":-1,"msg":"session not found"\}$/s, `request ${n + 1}`);
    }
    socket.end();
    const form =
      '--x\r\ncontent-disposition: form-data; name="sessionid"\r\n\r\nx\r\n' +
      `--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n${'x'.repeat(300_000)}\r\n--x--\r\n`;
    const long = request('POST /humanaudio', {
      headers: ['Content-Type: multipart/form-data; boundary=x', 'Connection: upgrade', 'Upgrade: h2c'],
      body: form,
    });
    t.match(await talk(long, LAST), /session not found.*\r\nok/s);
  },
);
