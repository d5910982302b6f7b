import t from 'tap';
import type { TalkError } from '../../src/element/error.js';
import { startClock } from '../../src/webrtc/clock.js';
import { PortPool } from '../../src/webrtc/ports.js';
import { Viewers, type ViewersOptions } from '../../src/webrtc/viewers.js';
import { offerOf } from './support/offers.js';
import { Receiver } from './support/receiver.js';
import { rtp } from './support/rtp.js';

const options = (more: Partial<ViewersOptions> = {}): ViewersOptions => ({
  ports: new PortPool(),
  clock: startClock(),
  ...more,
});

async function join(viewers: Viewers, receiver: Receiver): Promise<string> {
  const { id, sdp } = await viewers.offer(await receiver.offer());
  const joined = new Promise<void>((resolve) => {
    viewers.on('joined', (who) => {
      if (who === id) resolve();
    });
  });
  await receiver.accept(sdp);
  await receiver.connected();
  await joined;
  return id;
}

t.test('sends one packet to all viewers of its codec, and audio to everyone', async (t) => {
  const viewers = new Viewers(options());
  const wanted: string[] = [];
  viewers.on('wanted', (codec, on) => wanted.push(`${codec} ${on}`));
  const [a, b, c] = [new Receiver(), new Receiver(), new Receiver({ video: ['VP8'] })];
  for (const receiver of [a, b, c]) await join(viewers, receiver);
  t.same(wanted, ['H264 true', 'VP8 true'], 'each encoder is wanted once');
  for (let n = 0; n < 20; n++) {
    viewers.write('H264', rtp(n, n * 3600, 'h264'));
    viewers.write('VP8', rtp(n, n * 3600, 'vp8'));
    viewers.write('audio', rtp(n, n * 480, 'opus'));
  }
  for (const receiver of [a, b, c]) {
    await receiver.received('video', 20);
    await receiver.received('audio', 20);
  }
  t.ok(a.packets.video.every((r) => r.packet.payload.toString() === 'h264'));
  t.ok(b.packets.video.every((r) => r.packet.payload.toString() === 'h264'));
  t.ok(c.packets.video.every((r) => r.packet.payload.toString() === 'vp8'));
  const ssrcs = [a, b].map((r) => r.packets.video[0]?.packet.header.ssrc);
  t.not(ssrcs[0], ssrcs[1], 'each viewer has an SSRC of its own');
  t.equal(viewers.list().filter((v) => v.state === 'connected').length, 3);
  await Promise.all([a, b, c].map((r) => r.close()));
  await viewers.close();
});

t.test('a viewer that vanishes disturbs nobody, and the last one to go leaves it empty', async (t) => {
  const viewers = new Viewers(options({ silence: 2500 }));
  const [dead, alive] = [new Receiver(), new Receiver()];
  const first = await join(viewers, dead);
  await join(viewers, alive);
  const left: string[] = [];
  viewers.on('left', (id, reason) => left.push(`${id} ${reason}`));
  const empty = new Promise<void>((resolve) => viewers.once('empty', resolve));
  dead.vanish();
  let n = 0;
  const timer = setInterval(() => viewers.write('audio', rtp(n, n++ * 480)), 10);
  const gaps: number[] = [];
  let last: number | undefined;
  alive.onPacket = (_, { at }) => {
    if (last !== undefined) gaps.push(at - last);
    last = at;
  };
  while (left.length === 0) await new Promise((r) => setTimeout(r, 50));
  t.same(left, [`${first} silent`]);
  t.ok(gaps.length > 10, `${gaps.length} packets meanwhile`);
  clearInterval(timer);
  t.equal(viewers.size, 1);
  alive.vanish();
  await empty;
  t.equal(viewers.size, 0);
  await viewers.close();
});

t.test('asks each encoder for one key frame however many viewers need it', async (t) => {
  const viewers = new Viewers(options());
  const asked: string[] = [];
  viewers.on('key-frame', (codec) => asked.push(codec));
  const receivers = [new Receiver(), new Receiver(), new Receiver(), new Receiver({ video: ['VP8'] })];
  await Promise.all(receivers.map((r) => join(viewers, r)));
  t.ok(asked.filter((c) => c === 'H264').length <= 2, asked.join(' '));
  t.equal(asked.filter((c) => c === 'VP8').length, 1);
  await Promise.all(receivers.map((r) => r.close()));
  await viewers.close();
});

t.test('is full at its limit and says so, and free again when one leaves', async (t) => {
  const viewers = new Viewers(options({ max: 2 }));
  const first = await viewers.offer(offerOf());
  const [second, third] = await Promise.allSettled([viewers.offer(offerOf()), viewers.offer(offerOf())]);
  t.equal(second.status, 'fulfilled');
  const error = (third as PromiseRejectedResult).reason as TalkError;
  t.equal(error.code, 'resource/busy');
  t.match(error.message, /All 2 places for viewers are taken/);
  t.ok(await viewers.closeViewer(first.id));
  t.notOk(await viewers.closeViewer(first.id));
  await viewers.offer(offerOf());
  await viewers.close();
});

t.test(
  'those who are not connected yet have a limit of their own, whether answered or waiting for it',
  async (t) => {
    const viewers = new Viewers(options({ max: 10, maxConnecting: 2 }));
    const here = new Receiver();
    await join(viewers, here);
    const offers = await Promise.allSettled([1, 2, 3].map(() => viewers.offer(offerOf())));
    t.same(
      offers.map(({ status }) => status),
      ['fulfilled', 'fulfilled', 'rejected'],
      'one who is connected does not count',
    );
    const error = (offers[2] as PromiseRejectedResult).reason as TalkError;
    t.match(error, {
      code: 'resource/busy',
      retryable: true,
      message: /^All 2 places for viewers who are still connecting/,
    });
    await t.rejects(viewers.offer(offerOf()), { code: 'resource/busy' });
    const [first] = offers as PromiseFulfilledResult<{ id: string }>[];
    await viewers.closeViewer(first?.value.id ?? '');
    await viewers.offer(offerOf());
    t.equal(viewers.size, 3);
    await here.close();
    await viewers.close();
  },
);

t.test('no encoder is wanted for an offer that nobody follows up', async (t) => {
  const viewers = new Viewers(options());
  const wanted: string[] = [];
  viewers.on('wanted', (codec, on) => wanted.push(`${codec} ${on}`));
  const [half, there] = [await viewers.offer(offerOf()), new Receiver({ video: ['VP8'] })];
  t.equal(half.codec, 'H264');
  const id = await join(viewers, there);
  t.same(wanted, ['VP8 true']);
  for (const one of [half.id, id]) await viewers.closeViewer(one);
  t.same(wanted, ['VP8 true', 'VP8 false']);
  await there.close();
  await viewers.close();
});

t.test('an offer that is refused does not take a place, and none is taken after the end', async (t) => {
  const viewers = new Viewers(options({ max: 1 }));
  for (let n = 0; n < 3; n++) await t.rejects(viewers.offer('nonsense'), { code: 'stream/format' });
  await viewers.offer(offerOf());
  const late = viewers.closeViewer('unknown');
  t.notOk(await late);
  await viewers.close();
  t.equal(viewers.size, 0);
  await t.rejects(viewers.offer(offerOf()), { code: 'core/state-change' });
});

t.test('an offer under way when all is closed leaves nothing', async (t) => {
  const ports = new PortPool();
  const viewers = new Viewers(options({ ports }));
  const offering = viewers.offer(offerOf());
  await viewers.close();
  await t.rejects(offering, { code: 'core/state-change' });
  t.equal(ports.used, 0);
});

t.test('lowers the bitrate for a viewer that loses packets, and raises it when it has gone', async (t) => {
  const viewers = new Viewers(options({ bitrate: 1_000_000, loss: 0.3 }));
  const rates: number[] = [];
  viewers.on('rate', (codec, rate) => rates.push(codec === 'H264' ? rate : 0));
  const [lossy, other] = [new Receiver({ nack: false }), new Receiver()];
  const id = await join(viewers, lossy);
  let n = 0;
  const timer = setInterval(() => {
    for (let k = 0; k < 4; k++) viewers.write('H264', rtp(n, n++ * 900, 'x'.repeat(1000)));
  }, 20);
  while (rates.length === 0) await new Promise((resolve) => viewers.once('rate', resolve));
  t.ok(rates[0]! < 900_000 && rates[0]! >= 250_000, `${rates[0]} bit/s`);
  await join(viewers, other);
  const raised = new Promise((resolve) =>
    viewers.on('rate', (_, rate) => rate === 1_000_000 && resolve(rate)),
  );
  await viewers.closeViewer(id);
  await viewers.closeViewer(viewers.list()[0]?.id ?? '');
  clearInterval(timer);
  const third = new Receiver({ video: ['H264'] });
  await join(viewers, third);
  t.equal(await raised, 1_000_000, 'nobody who loses packets is left');
  await Promise.all([lossy, other, third].map((receiver) => receiver.close()));
  await viewers.close();
});

t.test('who agreed on a codec before it was known what comes in is ended, and told why', async (t) => {
  const viewers = new Viewers(options());
  t.teardown(() => viewers.close());
  const [fits, unfit, listens, late] = [
    new Receiver({ video: ['H264'] }),
    new Receiver({ video: ['VP8'] }),
    new Receiver({ video: false }),
    new Receiver({ video: ['VP8', 'H264'] }),
  ];
  for (const receiver of [fits, unfit, listens, late]) t.teardown(() => receiver.close());
  const left: string[] = [];
  viewers.on('left', (_id, reason) => left.push(reason));
  for (const receiver of [fits, unfit, listens]) await join(viewers, receiver);
  const gone = new Promise((resolve) => viewers.once('left', resolve));
  t.equal(viewers.offerOnly(['H264']), 1);
  await gone;
  t.same(left, ['codec']);
  t.same(
    viewers.list().map(({ codec }) => codec),
    ['H264', undefined],
  );
  // The answer is being made when it becomes known.
  const microphone = () => others.offerOnly(['H264']) > 0;
  const others: Viewers = new Viewers(options({ codecs: ['VP8', 'H264'], theirs: true, max: 1, microphone }));
  t.teardown(() => others.close());
  t.equal((await others.offer(await late.offer())).codec, 'H264');
  t.equal(others.size, 1);
});
