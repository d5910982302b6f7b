import t from 'tap';
import { readMessage, writeMessage } from '../../../src/voice/microsoft/message.js';

t.test('text: headers, an empty line, a body with anything in it', async (t) => {
  const written = writeMessage({ 'X-RequestId': 'a1', Path: 'ssml' }, 'body: 1\r\n\r\nmore');
  t.equal(written, 'X-RequestId:a1\r\nPath:ssml\r\n\r\nbody: 1\r\n\r\nmore');
  t.same(readMessage(written), {
    path: 'ssml',
    headers: { 'x-requestid': 'a1', path: 'ssml' },
    body: 'body: 1\r\n\r\nmore',
  });
});

t.test('binary: the length of the headers stands in front', async (t) => {
  const head = 'X-RequestId:a1\r\nContent-Type:audio/mpeg\r\nPath:audio\r\n';
  const bytes = Buffer.concat([Buffer.from([0, head.length]), Buffer.from(head), Buffer.from([1, 2, 3])]);
  const read = readMessage(bytes);
  t.equal(read?.path, 'audio');
  t.same(read?.headers['content-type'], 'audio/mpeg');
  t.same(read?.body, new Uint8Array([1, 2, 3]));
});

t.test('what is none is none', async (t) => {
  for (const odd of [
    '',
    'no empty line',
    'X-Other:1\r\n\r\nno path',
    Buffer.from([9]),
    Buffer.from([0, 200, 1]),
  ]) {
    t.equal(readMessage(odd), undefined);
  }
});
