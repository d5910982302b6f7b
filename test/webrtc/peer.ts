import t from 'tap';
import { TalkError } from '../../src/element/error.js';
import { startClock } from '../../src/webrtc/clock.js';
import { Peer, type PeerOptions } from '../../src/webrtc/peer.js';
import { PortPool } from '../../src/webrtc/ports.js';
import { offerOf, replaced } from './support/offers.js';
import { Receiver, type ReceiverOptions } from './support/receiver.js';
import { rtp } from './support/rtp.js';

const options = (more: Partial<PeerOptions> = {}): PeerOptions => ({
  ports: new PortPool(),
  clock: startClock(),
  ...more,
});

async function meet(more: Partial<PeerOptions> = {}, receiving: ReceiverOptions = {}) {
  const receiver = new Receiver(receiving);
  const { peer, sdp } = await Peer.answer(await receiver.offer(), options(more));
  const connected = new Promise<void>((resolve) => peer.once('connected', resolve));
  await receiver.accept(sdp);
  await receiver.connected();
  await connected;
  return { receiver, peer, sdp };
}

t.test(
  'carries packets of both tracks to a viewer, with sequence numbers and timestamps as they were',
  async (t) => {
    const { receiver, peer } = await meet();
    t.equal(peer.codec, 'H264');
    for (let n = 0; n < 50; n++) {
      peer.write('video', rtp((65500 + n) & 0xffff, 3600 * n, `frame ${n}`));
      peer.write('audio', rtp(n, 480 * n, `sound ${n}`));
    }
    await receiver.received('video', 50);
    await receiver.received('audio', 50);
    const last = receiver.packets.video.at(-1)?.packet;
    t.equal(last?.header.sequenceNumber, (65500 + 49) & 0xffff);
    t.equal(last?.header.timestamp, 3600 * 49);
    t.equal(last?.payload.toString(), 'frame 49');
    t.same(receiver.packets.audio[7]?.packet.payload.toString(), 'sound 7');
    await receiver.close();
    await peer.close();
  },
);

t.test(
  'puts both tracks into one stream, offers one port for all addresses, and prefers H.264',
  async (t) => {
    const { receiver, peer, sdp } = await meet({ addresses: ['203.0.113.9', '127.0.0.1'] });
    const streams = new Set([...sdp.matchAll(/a=msid:(\S+) /g)].map((m) => m[1]));
    t.equal(streams.size, 1, 'else Chromium does not keep them in sync');
    t.match(sdp, /a=rtpmap:\d+ H264\/90000/);
    t.match(sdp, /a=ssrc-group:FID/, 'with retransmission');
    t.notMatch(sdp, /VP8|transport-cc/);
    const video = sdp.slice(sdp.indexOf('m=video'), sdp.indexOf('m=audio'));
    const candidates = [...video.matchAll(/a=candidate:\S+ 1 udp \d+ (\S+) (\d+) typ host/g)];
    t.same(candidates.map((m) => m[1]).sort(), ['127.0.0.1', '203.0.113.9']);
    t.equal(new Set(candidates.map((m) => m[2])).size, 1);
    await receiver.close();
    await peer.close();
  },
);

t.test('is reached once, by whoever comes, before it is connected', async (t) => {
  const receiver = new Receiver();
  const { peer, sdp } = await Peer.answer(await receiver.offer(), options());
  const told: string[] = [];
  peer.on('reached', () => told.push(`reached while ${peer.state}`));
  peer.on('key-frame', (reason) => told.push(reason));
  t.same(told, [], 'an answer reaches nobody');
  await receiver.accept(sdp);
  await new Promise<void>((resolve) => peer.once('connected', resolve));
  await receiver.connected();
  t.same(told, ['reached while connecting', 'connected']);
  await receiver.close();
  await peer.close();
});

t.test('asks for a key frame when the viewer is connected, and drops what came before', async (t) => {
  const receiver = new Receiver();
  const { peer, sdp } = await Peer.answer(await receiver.offer(), options());
  const reasons: string[] = [];
  peer.on('key-frame', (reason) => reasons.push(reason));
  peer.write('video', rtp(1, 0, 'early'));
  await receiver.accept(sdp);
  await new Promise<void>((resolve) => peer.once('connected', resolve));
  await receiver.connected();
  t.same(reasons, ['connected']);
  peer.write('video', rtp(2, 3600, 'first'));
  await receiver.received('video', 1);
  t.equal(receiver.packets.video[0]?.packet.payload.toString(), 'first');
  await receiver.close();
  await peer.close();
});

t.test('sends reports five times a second at first, and learns of round trips and loss', async (t) => {
  const { receiver, peer } = await meet();
  let n = 0;
  const timer = setInterval(() => peer.write('video', rtp(n, 900 * n++, 'y'.repeat(500))), 10);
  await receiver.received('video', 150);
  clearInterval(timer);
  const reports = receiver.reports.video;
  t.ok(reports.length >= 2 && reports.length <= 20, `${reports.length} in 1.5 s`);
  for (const report of reports) {
    const ahead = report.wall + 0 - Date.now() + (performance.now() - report.at);
    t.ok(Math.abs(ahead) < 1000, `wall clock within ${ahead.toFixed(1)} ms`);
  }
  const slope = (reports.at(-1)!.rtp - reports[0]!.rtp) / (reports.at(-1)!.wall - reports[0]!.wall);
  t.ok(Math.abs(slope - 90) < 0.01, `timestamp and wall clock run together: ${slope} per ms`);
  const stats = peer.stats();
  t.ok(stats.rtt !== undefined && stats.rtt < 2000, `round trip ${stats.rtt} ms`);
  t.equal(stats.lost, 0);
  t.ok(stats.bitrate > 100_000, `${stats.bitrate} bit/s`);
  await receiver.close();
  await peer.close();
});

t.test('repairs lost packets', async (t) => {
  const { receiver, peer } = await meet({ loss: 0.05 });
  for (let n = 0; n < 400; n++) {
    peer.write('video', rtp(n, 900 * n, `packet ${n}`));
    if (n % 5 === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const seen = () => new Set(receiver.packets.video.map((r) => r.packet.header.sequenceNumber)).size;
  for (let wait = 0; wait < 100 && seen() < 380; wait++) await new Promise((r) => setTimeout(r, 20));
  t.ok(peer.stats().retransmitted > 0, `${peer.stats().retransmitted} sent again`);
  t.ok(seen() > 380, `${seen()} of 400 arrived`);
  await receiver.close();
  await peer.close();
});

t.test('answers VP8 to a viewer without H.264, and either track alone', async (t) => {
  for (const [receiving, codec, kinds] of [
    [{ video: ['VP8'] }, 'VP8', 2],
    [{ audio: false }, 'H264', 1],
    [{ video: false }, undefined, 1],
  ] as const) {
    const { receiver, peer, sdp } = await meet({}, receiving as ReceiverOptions);
    t.equal(peer.codec, codec);
    t.equal(sdp.match(/^m=/gm)?.length, kinds);
    peer.write(codec === undefined ? 'audio' : 'video', rtp(1, 0, 'hello'));
    await receiver.received(codec === undefined ? 'audio' : 'video', 1);
    await receiver.close();
    await peer.close();
  }
});

t.test('speaks over the data channel "events" in both directions, and closes others', async (t) => {
  const { receiver, peer } = await meet({}, { channel: 'events' });
  const message = new Promise<string>((resolve) => peer.once('message', resolve));
  const channel = receiver.channel!;
  if (channel.readyState !== 'open') await channel.stateChanged.watch((state) => state === 'open');
  for (let n = 0; n < 50 && !peer.data.open; n++) await new Promise((r) => setTimeout(r, 10));
  channel.send('{"say":"grüß dich 你好"}');
  t.equal(await message, '{"say":"grüß dich 你好"}');
  t.ok(peer.data.send({ type: 'state', text: 'שלום' }));
  for (let n = 0; n < 50 && receiver.messages.length === 0; n++) await new Promise((r) => setTimeout(r, 10));
  t.same(receiver.messages, ['{"type":"state","text":"שלום"}']);
  await receiver.close();
  await peer.close();
  t.notOk(peer.data.send({ late: true }), 'nothing is sent after the end');
});

t.test('notices a viewer that falls silent', async (t) => {
  const { receiver, peer } = await meet({ silence: 900 });
  const closed = new Promise<string>((resolve) => peer.once('closed', resolve));
  receiver.vanish();
  const started = performance.now();
  t.equal(await closed, 'silent');
  const took = performance.now() - started;
  t.ok(took < 10_000, `${took.toFixed(0)} ms`);
  t.equal(peer.state, 'closed');
  await receiver.close().catch(() => {});
});

t.test('gives up on a viewer that never comes', async (t) => {
  const { peer } = await Peer.answer(offerOf(), options({ connectTimeout: 300 }));
  t.equal(await new Promise((resolve) => peer.once('closed', resolve)), 'timeout');
});

t.test('refuses the viewer there is no port for, and takes it when one is free again', async (t) => {
  const ports = new PortPool([42201, 42202]);
  const peers = await Promise.all([1, 2].map(() => Peer.answer(offerOf(), options({ ports }))));
  const error = (await t.rejects(
    Peer.answer(offerOf(), options({ ports })),
    TalkError,
  )) as unknown as TalkError;
  t.equal(error.code, 'resource/busy');
  t.ok(error.retryable);
  t.equal(ports.used, 2, 'the refused one holds nothing');
  await peers[0]!.peer.close();
  const again = await Peer.answer(offerOf(), options({ ports }));
  await again.peer.close();
  await peers[1]!.peer.close();
  t.equal(ports.used, 0);
});

t.test('closes at any moment without leaving a socket, a timer or a rejection', async (t) => {
  const ports = new PortPool();
  for (let n = 0; n < 12; n++) {
    const answering = Peer.answer(offerOf(['video', 'audio', 'data']), options({ ports }));
    if (n % 3 === 0) await new Promise((resolve) => setImmediate(resolve));
    const { peer } = await answering;
    const [a, b] = [peer.close(), peer.close()];
    t.equal(a, b, 'the same end for all who ask');
    await a;
  }
  t.equal(ports.used, 0);
});

t.test('refuses what only looks like an offer, and holds nothing afterwards', async (t) => {
  const ports = new PortPool();
  for (const sdp of ['', 'v=0', offerOf([]), offerOf(['data']), offerOf(['video'], replaced(/90000/, '1'))]) {
    const error = (await t.rejects(Peer.answer(sdp, options({ ports })), TalkError)) as unknown as TalkError;
    t.equal(error.code, 'stream/format');
  }
  t.equal(ports.used, 0);
});
