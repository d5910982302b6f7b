/** What one viewer may cost the others. Peers are events here: what they do on a line is tested with the sink. */
import { EventEmitter } from 'node:events';
import { mock } from 'node:test';
import t, { type Test } from 'tap';
import type { Peer } from '../../src/webrtc/peer.js';
import type { Rendition } from '../../src/webrtc/rendition.js';
import { Watchers } from '../../src/webrtc/watchers.js';
import { rtp } from './support/rtp.js';

class FakePeer extends EventEmitter {
  readonly state = 'connected';
  /** Timestamps of what it is sent. */
  readonly sent: number[] = [];
  readonly id: string;

  constructor(id: string) {
    super();
    this.id = id;
  }

  write(_kind: string, { timestamp }: { timestamp: number }): void {
    this.sent.push(timestamp);
  }
  forgetPicture(): void {}
  stats() {
    return { loss: 0, estimate: undefined, bitrate: 1_500_000, shortestRtt: 20 };
  }
}

/** Watchers of so many peers, on a clock that is cranked: a step is 100 ms. */
function watching(t: Test, peers: number) {
  mock.timers.enable({ apis: ['setTimeout'] });
  const watchers = new Watchers(1_500_000);
  t.teardown(() => {
    watchers.close();
    mock.timers.reset();
  });
  const keys: Rendition[] = [];
  const wanted: string[] = [];
  watchers.on('key-frame', (rendition) => keys.push(rendition));
  watchers.on('wanted', (rendition, on) => wanted.push(`${rendition} ${on}`));
  const all = Array.from({ length: peers }, (_, n) => new FakePeer(`viewer ${n}`));
  for (const peer of all) watchers.add(peer as unknown as Peer, 'H264');
  const seconds = (count: number, each: () => void = () => undefined) => {
    for (let n = 0; n < count * 10; n++) {
      each();
      mock.timers.tick(100);
      if (n % 10 === 9) watchers.control();
    }
  };
  return { watchers, peers: all, keys, wanted, seconds };
}

t.test(
  'one that asks for key frames all the time gets one a second, and others what they ask for',
  async (t) => {
    const { peers, keys, seconds } = watching(t, 2);
    const [greedy, other] = peers;
    seconds(10, () => greedy?.emit('key-frame', 'pli'));
    keys.length = 0;
    seconds(10, () => greedy?.emit('key-frame', 'pli'));
    t.equal(keys.length, 10);
    seconds(1);
    keys.length = 0;
    other?.emit('key-frame', 'pli');
    t.equal(keys.length, 1, 'at once');
    seconds(20);
    keys.length = 0;
    greedy?.emit('key-frame', 'pli');
    t.equal(keys.length, 1, 'and so does the first, once it has been quiet');
  },
);

t.test('one whose line is said to be overrun all the time costs no more than that', async (t) => {
  const { watchers, peers, keys, wanted, seconds } = watching(t, 1);
  let time = 0;
  const each = () => {
    time += 9000;
    peers[0]?.emit('overrun', { share: 0.3, queue: 400 });
    for (const rendition of ['H264', 'H264-low'] as const)
      watchers.write(rendition, rtp(time / 9000, time), true);
  };
  seconds(20, each);
  keys.length = 0;
  seconds(10, each);
  t.ok(keys.length <= 10, `${keys.length} key frames in ten seconds`);
  t.same(wanted, ['H264 true', 'H264-low true', 'H264 false'], 'and one encoder more, once');
});

t.test('one that leaves while its line becomes empty leaves nothing behind', async (t) => {
  const { watchers, peers, keys, wanted, seconds } = watching(t, 1);
  watchers.write('H264', rtp(1, 3600), true);
  peers[0]?.emit('overrun', { share: 0.3, queue: 2000 });
  t.same(wanted, ['H264 true', 'H264-low true']);
  keys.length = 0;
  watchers.remove('viewer 0');
  peers[0]?.emit('overrun', { share: 0.3, queue: 2000 });
  seconds(3);
  t.same(keys, [], 'no key frame is made for it');
  t.same(wanted.slice(2).sort(), ['H264 false', 'H264-low false']);
});

t.test('of what comes in encoded there is one rendition: it goes on with its next key frame', async (t) => {
  const { watchers, peers, keys, wanted, seconds } = watching(t, 2);
  watchers.single();
  watchers.write('H264', rtp(1, 3600), true);
  peers[0]?.emit('overrun', { share: 0.3, queue: 2000 });
  watchers.write('H264', rtp(2, 7200), true);
  seconds(1);
  t.ok(keys.includes('H264'));
  watchers.write('H264', rtp(3, 10_800), true);
  watchers.write('H264', rtp(4, 14_400), false);
  t.same(peers[0]?.sent, [3600, 10_800, 14_400]);
  t.same(peers[1]?.sent, [3600, 7200, 10_800, 14_400], 'nobody else misses anything');
  t.same(wanted, ['H264 true']);
});

t.test('who waits for a low rendition that gives no key frame is shown the ordinary one again', async (t) => {
  const { watchers, peers, wanted, seconds } = watching(t, 1);
  const [peer] = peers;
  const silent: Rendition[] = [];
  watchers.on('silent', (rendition) => silent.push(rendition));
  let time = 0;
  // The encoder of the low one makes pictures, but none that can be begun with.
  const each = () => {
    time += 9000;
    watchers.write('H264', rtp(time / 9000, time), true);
    watchers.write('H264-low', rtp(time / 9000, time), false);
  };
  seconds(1, each);
  peer?.emit('overrun', { share: 0.3, queue: 400 });
  const before = peer?.sent.length;
  seconds(5, each);
  t.equal(peer?.sent.length, before, 'its line does not take the ordinary one');
  seconds(2, each);
  t.ok((peer?.sent.length ?? 0) > (before ?? 0), 'but rather that than none');
  t.same(silent, ['H264-low']);
  t.same(wanted, ['H264 true', 'H264-low true', 'H264-low false'], 'and what gives nothing works no more');
  peer?.emit('overrun', { share: 0.3, queue: 400 });
  seconds(3, each);
  t.equal(wanted.length, 3, 'for a while');
});
