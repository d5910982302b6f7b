import t from 'tap';
import { readRtp } from '../../src/webrtc/rtp.js';
import { RenditionSwitch } from '../../src/webrtc/switch.js';
import { rtp } from './support/rtp.js';

const packet = (sequence: number, timestamp: number, payload = 'x') =>
  readRtp(rtp(sequence, timestamp, payload));
/** A VP8 payload with this picture id. */
const vp8 = (sequence: number, timestamp: number, picture: number) => ({
  sequence,
  timestamp,
  marker: true,
  payload: Buffer.from([0x90, 0x80, 0x80 | (picture >> 8), picture & 255, 9]),
});

t.test('reads packets with all that may stand before and behind their payload', async (t) => {
  const bytes = Buffer.concat([
    Buffer.from(
      'b2e0ffff' + 'fffffff0' + '00000007' + '00000008' + '00000009' + 'bede0001' + '10aa0000',
      'hex',
    ),
    Buffer.from('hello'),
    Buffer.from([0, 0, 3]),
  ]);
  const { payload, ...header } = readRtp(bytes);
  t.same(header, { sequence: 65535, timestamp: 0xffff_fff0, marker: true });
  t.equal(payload.toString(), 'hello');
});

t.test('one rendition goes through as it is', async (t) => {
  const shown = new RenditionSwitch('H264');
  t.same(shown.take('H264', packet(65535, 90), false), packet(65535, 90));
  t.equal(shown.take('H264-low', packet(1, 90), true), undefined);
});

t.test('another one is shown from the beginning of its next key frame, and numbers go on', async (t) => {
  const shown = new RenditionSwitch('H264');
  shown.take('H264', packet(65534, 3600), false);
  shown.take('H264-low', packet(70, 3600), true);
  shown.want('H264-low');
  t.equal(shown.take('H264-low', packet(71, 3600), true), undefined, 'not in the middle of one');
  t.match(shown.take('H264', packet(65535, 7200), false), { sequence: 65535 });
  t.equal(shown.take('H264-low', packet(72, 7200), false), undefined, 'nor at another picture');
  t.match(shown.take('H264-low', packet(73, 10_800), true), { sequence: 0, timestamp: 10_800 });
  t.equal(shown.current, 'H264-low');
  t.match(shown.take('H264-low', packet(74, 10_800), true), { sequence: 1, timestamp: 10_800 });
  t.equal(shown.take('H264', packet(0, 10_800), false), undefined);
  shown.want('H264');
  t.match(shown.take('H264', packet(90, 14_400), true), { sequence: 2 }, 'and back');
});

t.test('paused, nothing is sent before a key frame that comes when it goes on', async (t) => {
  const shown = new RenditionSwitch('H264');
  shown.take('H264', packet(5, 3600), false);
  shown.pause();
  t.equal(shown.take('H264', packet(6, 7200), false), undefined);
  t.equal(shown.take('H264', packet(7, 10_800), true), undefined, 'not yet');
  t.ok(shown.waits && shown.paused);
  shown.resume();
  t.equal(shown.take('H264', packet(8, 14_400), false), undefined);
  t.match(shown.take('H264', packet(9, 18_000), true), { sequence: 6, timestamp: 18_000 });
  t.notOk(shown.waits);
  t.match(shown.take('H264', packet(10, 21_600), false), { sequence: 7 }, 'and goes on');
});

t.test('a key frame of the moment of the picture before it is another picture', async (t) => {
  const shown = new RenditionSwitch('H264');
  shown.take('H264', packet(5, 3600), false);
  shown.want('H264-low');
  t.match(shown.take('H264-low', packet(9, 3600), true), { sequence: 6, timestamp: 3601 });
  t.match(shown.take('H264-low', packet(10, 3600), true), { sequence: 7, timestamp: 3601 });
  t.match(shown.take('H264-low', packet(11, 7200), false), { sequence: 8, timestamp: 7200 });
});

t.test(
  'one that comes in a batch behind later pictures of the other goes back in time no more',
  async (t) => {
    const shown = new RenditionSwitch('H264');
    shown.take('H264', packet(5, 0xffff_fff0), false);
    shown.take('H264', packet(6, 3584), false);
    shown.take('H264', packet(7, 7184), false);
    shown.want('H264-low');
    const taken = [
      packet(9, 0xffff_fff0),
      packet(10, 0xffff_fff0),
      packet(11, 3584),
      packet(12, 7184),
      packet(13, 10_784),
      packet(14, 14_384),
    ].map((one) => shown.take('H264-low', one, one.timestamp === 0xffff_fff0));
    t.same(
      taken.map((one) => [one?.sequence, one?.timestamp]),
      [
        [8, 7185],
        [9, 7185],
        [10, 7186],
        [11, 7187],
        [12, 10_784],
        [13, 14_384],
      ],
    );
  },
);

t.test('ids of VP8 pictures go on, too', async (t) => {
  const shown = new RenditionSwitch('VP8');
  shown.take('VP8', vp8(5, 3600, 0x7fff), false);
  shown.want('VP8-low');
  const first = vp8(1000, 7200, 0x1234);
  const ids = [
    shown.take('VP8-low', first, true),
    shown.take('VP8-low', { ...first, sequence: 1001 }, true),
    shown.take('VP8-low', vp8(1002, 10_800, 0x1235), false),
  ].map((taken) => taken!.payload.readUInt16BE(2) & 0x7fff);
  t.same(ids, [0, 0, 1]);
  t.equal(first.payload.readUInt16BE(2), 0x9234, 'what others are shown is not changed');
});

t.test('and those of VP9 pictures, which stand one byte earlier', async (t) => {
  const vp9 = (sequence: number, timestamp: number, picture: number) => ({
    sequence,
    timestamp,
    marker: true,
    payload: Buffer.from([0x8c, 0x80 | (picture >> 8), picture & 255, 9]),
  });
  const shown = new RenditionSwitch('VP9');
  t.same(shown.take('VP9', vp9(5, 3600, 0x7ffe), false), vp9(5, 3600, 0x7ffe));
  shown.want('VP9-low');
  t.same(shown.take('VP9-low', vp9(1000, 7200, 0x1234), true), vp9(6, 7200, 0x7fff));
  t.same(shown.take('VP9-low', vp9(1001, 10_800, 0x1235), false), vp9(7, 10_800, 0));
});
