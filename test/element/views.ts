/** Small frames are shown as copies, large ones where they lie: an author must not see the difference. */
import { setImmediate as turn } from 'node:timers/promises';
import t from 'tap';
import { type Frame, type Properties, register, Transform } from '../../src/element/index.js';
import { any, metadata } from '../support/declared.js';
import { harness } from '../support/harness.js';

const TEXT = 'text/x-raw,format=utf8';

/** Adds one to every byte, at once or later. */
class Increment extends Transform<typeof Increment.properties> {
  static readonly metadata = metadata('testincrement');
  static readonly properties = {
    later: { type: 'bool', default: false, blurb: 'Whether it answers by a promise' },
  } as const satisfies Properties;
  static readonly pads = any;
  kept: Frame | undefined;
  override transform(frame: Frame): undefined | Promise<void> {
    this.kept = frame;
    if (this.props.later) return turn().then(() => this.#add(frame));
    this.#add(frame);
    return undefined;
  }
  #add({ data }: Frame): void {
    for (let i = 0; i < data.length; i++) data[i] = data[i]! + 1;
  }
}

/** Writes half of what came into the second frame. */
class Halve extends Transform {
  static readonly metadata = metadata('testhalve');
  static readonly pads = any;
  static override readonly inPlace = false;
  override start(): void {
    this.setOutputCaps(TEXT);
  }
  override transform({ data }: Frame, out: Uint8Array): number {
    const half = data.subarray(0, data.length >> 1);
    out.set(half);
    return half.length;
  }
}

/** Gives away what it was shown. */
class Generous extends Transform {
  static readonly metadata = metadata('testgenerous');
  static readonly pads = any;
  readonly given: ArrayBuffer[] = [];
  override transform({ data }: Frame): void {
    data.fill(0);
    const { buffer } = data;
    this.given.push(structuredClone(buffer as ArrayBuffer, { transfer: [buffer as ArrayBuffer] }));
  }
}

for (const element of [Increment, Halve, Generous]) register(element);

const SIZES = [1, 7, 640, 8191, 8192, 8193, 100_003];
const bytes = (size: number): Uint8Array => Uint8Array.from({ length: size }, (_, i) => (i * 31) & 0xff);

for (const later of [false, true]) {
  t.test(`what is written ${later ? 'later' : 'at once'} goes out, whatever the size`, async (t) => {
    const h = await harness(`testincrement later=${later}`, { caps: TEXT });
    for (const size of SIZES) {
      await h.push({ data: bytes(size), pts: 0 });
      const { data } = await h.pull();
      const wanted = bytes(size).map((byte) => byte + 1);
      t.ok(Buffer.compare(data, wanted) === 0, `${size} bytes`);
      t.equal((h.object as unknown as Increment).kept?.data.length, 0, 'and the view is gone');
    }
    await h.close();
  });
}

t.test('a second frame is filled and cut, whatever the size', async (t) => {
  const h = await harness('testhalve', { caps: TEXT });
  for (const size of SIZES.slice(1)) {
    await h.push({ data: bytes(size), pts: 0 });
    const { data } = await h.pull();
    t.ok(Buffer.compare(data, bytes(size).subarray(0, size >> 1)) === 0, `${size} bytes`);
  }
  await h.close();
});

t.test('what an author gave to somebody else by transfer goes out as it came in', async (t) => {
  const h = await harness('testgenerous', { caps: TEXT });
  await h.push({ data: bytes(640), pts: 0 });
  t.same((await h.pull()).data, bytes(640));
  t.same([...new Uint8Array((h.object as unknown as Generous).given[0]!)], new Array(640).fill(0));
  await h.close();
});
