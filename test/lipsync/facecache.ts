import t from 'tap';
import { FaceCache } from '../../src/lipsync/facecache.js';

t.test('makes a face once and drops the longest unused beyond its bytes', async (t) => {
  const cache = new FaceCache<Uint8Array>(30);
  let made = 0;
  const get = (key: string, bytes = 10) =>
    cache.get(key, () => {
      made++;
      return new Uint8Array(bytes);
    });
  const a = get('a');
  get('b');
  get('c');
  t.equal(get('a'), a);
  get('d');
  t.equal(made, 4);
  t.equal(cache.bytes, 30);
  t.equal(get('a'), a, 'used lately, so kept');
  get('b');
  t.equal(made, 5, 'b had to go for d');
});

t.test('keeps one face even when it is too large, and forgets by prefix', async (t) => {
  const cache = new FaceCache<Uint8Array>(5);
  cache.get('ava/1', () => new Uint8Array(9));
  t.equal(cache.bytes, 9);
  cache.get('max/1', () => new Uint8Array(3));
  t.equal(cache.bytes, 3);
  cache.forget('ava/');
  t.equal(cache.bytes, 3);
  cache.forget('max/');
  t.equal(cache.bytes, 0);
});
