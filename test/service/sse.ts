import t from 'tap';
import { events, lines } from '../../src/service/sse.js';
import fc from '../support/fastcheck.js';

async function* cut(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function all<T>(from: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const one of from) found.push(one);
  return found;
}

t.test('events are the same however the body was cut', async () => {
  const text =
    ': hello\n\nevent: a\ndata: one\ndata: 二\n\ndata:three\r\n\r\nevent:none\n\nevent: b\rdata\r\rdata: {"x": 1}\n\ndata: not closed';
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 40 }), async (size) => {
      t.same(await all(events(cut(text, size))), [
        { event: 'a', data: 'one\n二' },
        { event: 'message', data: 'three' },
        { event: 'b', data: '' },
        { event: 'message', data: '{"x": 1}' },
      ]);
    }),
    { numRuns: 40 },
  );
});

t.test('lines, the last without its end too', async (t) => {
  t.same(await all(lines(cut('a\n\nb\r\nc', 2))), ['a', '', 'b', 'c']);
});
