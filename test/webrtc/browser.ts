/** Peers against a real browser: picture, sound, synchronisation, data channel, feedback and sudden death. */
import { mkdir } from 'node:fs/promises';
import t, { type Test } from 'tap';
import type { VideoCodec } from '../../src/webrtc/codecs.js';
import { warmUp } from '../../src/webrtc/connection.js';
import { Peer } from '../../src/webrtc/peer.js';
import { PortPool } from '../../src/webrtc/ports.js';
import { Chromium, hasChromium } from './support/chromium.js';
import { type GstSender, startGstSender } from './support/gst-sender.js';
import { skewOf } from './support/skew.js';

t.test('in headless Chromium', { skip: !hasChromium && 'no Chromium here', timeout: 200_000 }, async (t) => {
  const ports = new PortPool();
  const peers = new Set<Peer>();
  const senders: GstSender[] = [];
  await warmUp();
  const browser = await Chromium.launch();
  t.teardown(async () => {
    await browser.close();
    for (const peer of peers) await peer.close();
    for (const sender of senders) await sender.stop();
  });

  async function watch(codec: VideoCodec, watchContent = true, tcp = false) {
    let peer: Peer | undefined;
    const sender = await startGstSender({ codec, onPacket: (kind, packet) => peer?.write(kind, packet) });
    senders.push(sender);
    const viewer = await browser.view(
      async (offer) => {
        const answer = await Peer.answer(offer, { ports, clock: sender.clock, codecs: [codec], tcp });
        peer = answer.peer;
        peers.add(peer);
        if (tcp && !/ tcp \d+ 127\.0\.0\.1 /.test(answer.sdp)) throw new Error('nothing over TCP');
        // As if no UDP passed.
        return tcp ? answer.sdp.replace(/^a=candidate:\S+ \d udp .*\r\n/gm, '') : answer.sdp;
      },
      { watch: watchContent },
    );
    return { viewer, peer: peer as unknown as Peer, sender };
  }

  await t.test('plays picture and sound together', async (t) => {
    // What takes long is Chromium's synchronisation: both codecs at once.
    await Promise.all((['H264', 'VP8'] as const).map((codec) => plays(t, codec)));
  });

  async function plays(t: Test, codec: VideoCodec): Promise<void> {
    const { viewer, peer, sender } = await watch(codec);
    t.equal(peer.codec, codec);
    await viewer.settle(8);
    const [rate, pairs] = await Promise.all([viewer.frameRate(4), viewer.skews(6)]);
    // A loaded machine shows fewer; it must never show more.
    t.ok(rate > 12 && rate < 28, `${codec}: ${rate.toFixed(1)} pictures a second`);
    const skew = skewOf(pairs);
    // The browser's clocks add +40 ms by themselves and a loaded machine more: this only shows that the two belong
    // together. Figures are the benchmark's, and exactness is shown by our own receiver (sync.ts).
    t.ok(Math.abs(skew.median) < 250, `${codec} reads ${skew.median.toFixed(1)} ms`);
    const stats = await viewer.stats();
    t.equal(stats.connection, 'connected');
    t.equal(Number(stats.video?.['frameWidth']), 320);
    const loudest = Math.max(...(await viewer.levels(12)));
    t.ok(loudest > 0.3, `the beep is heard at ${loudest.toFixed(2)}`);
    t.ok((peer.stats().rtt ?? 5000) < 2000, `round trip ${peer.stats().rtt?.toFixed(1)} ms`);
    t.ok((peer.stats().estimate ?? 0) > 0, `it estimates ${peer.stats().estimate} bit/s`);
    await mkdir('.tap/shots', { recursive: true });
    await viewer.page.screenshot({ path: `.tap/shots/viewer-${codec}.png` });
    await viewer.close();
    await peer.close();
    await sender.stop();
  }

  await t.test('plays over TCP where no UDP passes', async (t) => {
    const { viewer, peer, sender } = await watch('H264', true, true);
    await viewer.page.waitForFunction('talk.state.firstFrameMs !== undefined');
    const loudest = Math.max(...(await viewer.levels(12)));
    t.ok(loudest > 0.3, `the beep is heard at ${loudest.toFixed(2)}`);
    t.equal((await viewer.stats()).connection, 'connected');
    await viewer.close();
    await peer.close();
    await sender.stop();
  });

  await t.test('connects, and passes text both ways', async (t) => {
    const { viewer, peer } = await watch('H264', false);
    const stats = await viewer.stats();
    t.ok((stats.connectMs ?? 99_999) < 10_000, `connected after ${stats.connectMs?.toFixed(0)} ms`);
    const message = new Promise((resolve) => peer.once('message', resolve));
    await viewer.send('{"say":"你好"}');
    t.equal(await message, '{"say":"你好"}');
    for (let n = 0; n < 50 && !peer.data.send({ type: 'state', state: 'idle' }); n++)
      await viewer.settle(0.02);
    await viewer.page.waitForFunction('talk.state.messages.length > 0');
    t.same((await viewer.stats()).messages, ['{"type":"state","state":"idle"}']);
    await viewer.close();
    await peer.close();
  });

  await t.test('meets one that stopped a part of its offer before it had an answer', async (t) => {
    const { viewer, peer, sender } = await watch('H264', false);
    const offer = await viewer.page.evaluate<string>(`(async () => {
      const pc = (globalThis.second = new RTCPeerConnection());
      const stopped = pc.addTransceiver('audio', { direction: 'recvonly' });
      for (const kind of ['video', 'audio']) pc.addTransceiver(kind, { direction: 'recvonly' });
      await pc.setLocalDescription(await pc.createOffer());
      stopped.stop();
      await pc.setLocalDescription(await pc.createOffer());
      await new Promise((done) => {
        const look = () => pc.iceGatheringState === 'complete' && done();
        pc.onicegatheringstatechange = look;
        look();
      });
      return pc.localDescription.sdp;
    })()`);
    t.match(offer, /^m=audio 0 /m);
    t.equal(offer.match(/^m=/gm)?.length, 3);
    const { peer: second, sdp } = await Peer.answer(offer, { ports, clock: sender.clock });
    peers.add(second);
    t.match(sdp, /m=audio 0 .*m=video [1-9].*m=audio [1-9]/s);
    const connected = new Promise<void>((resolve) => second.once('connected', resolve));
    // Chromium takes no answer that has not as many sections as its offer, in their order.
    const answer = JSON.stringify({ type: 'answer', sdp });
    await viewer.page.evaluate(`second.setRemoteDescription(${answer})`);
    await connected;
    await viewer.close();
    await second.close();
    await peer.close();
    await sender.stop();
  });

  await t.test('notices within five seconds that the browser was killed', async (t) => {
    const { peer } = await watch('H264', false);
    const closed = new Promise<string>((resolve) => peer.once('closed', resolve));
    const started = performance.now();
    await browser.kill();
    const reason = await closed;
    const took = (performance.now() - started) / 1000;
    t.ok(took < 15, `gone after ${took.toFixed(1)} s: ${reason}`);
    t.equal(ports.used, 0);
  });
});
