import t from 'tap';
import { RtpHeader, RtpPacket } from 'werift';
import { Splice } from '../../src/webrtc/splice.js';

const packet = (ssrc: number, sequenceNumber: number, timestamp: number) =>
  new RtpPacket(
    new RtpHeader({ ssrc, sequenceNumber, timestamp, payloadType: 63 }),
    Buffer.from([sequenceNumber & 255]),
  );
const numbers = (bytes: Buffer) => [bytes.readUInt16BE(2), bytes.readUInt32BE(4)];

t.test('a stream goes on as it is, over the ends of its numbers, loss and disorder included', async (t) => {
  const splice = new Splice();
  const sent = [65534, 65535, 1, 0, 4];
  const got = sent.map((n) => numbers(splice.take(packet(7, n, (n * 960) % 2 ** 32), 20 * n)));
  t.same(
    got.map(([n]) => n),
    [0, 1, 3, 2, 6],
  );
  t.same(splice.take(packet(7, 5, 5 * 960), 0).subarray(12), Buffer.from([5]), 'with what it carries');
  t.equal(splice.take(packet(7, 6, 0), 0)[1]! & 127, 111);
});

t.test('another sender goes on where the last one stopped, later by the time between', async (t) => {
  const splice = new Splice();
  const first = numbers(splice.take(packet(7, 100, 5000), 0));
  const second = numbers(splice.take(packet(9, 40_000, 7), 500));
  t.same(second, [first[0]! + 1, first[1]! + 24_000]);
  splice.cut();
  const third = numbers(splice.take(packet(9, 40_001, 967), 520));
  t.same(third, [second[0]! + 1, second[1]! + 960], 'also one that is told');
  const anew = numbers(splice.take(packet(9, 3, 0), 1520));
  t.same(anew, [third[0]! + 1, third[1]! + 48_000], 'and one that begins anew');
});
