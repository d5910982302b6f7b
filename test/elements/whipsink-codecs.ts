/** whipsink's codecs, and a FAKE encoder of a graphics card that fails, at a WHIP server of the test's own. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import t, { type Test } from 'tap';
import { RTCPeerConnection, RTCRtpCodecParameters, type RtpPacket } from 'werift';
import WhipSink from '../../elements/whipsink.js';
import { register } from '../../src/element/index.js';
import type { VideoCodec } from '../../src/webrtc/codecs.js';
import { FakeVaH264Enc, fakeDriver, registerFakes } from '../support/fakeencoders.js';
import { publish } from '../support/publishing.js';
import { registerFlash } from '../webrtc/support/flash.js';

register(WhipSink);
registerFlash();
registerFakes(FakeVaH264Enc);

/** Takes pictures of one codec; whoever wants another one of it is answered as that comes. */
async function server(t: Test, codec: VideoCodec) {
  const video: RtpPacket[] = [];
  const peers: RTCPeerConnection[] = [];
  const http = createServer(async (request, response) => {
    if (request.method !== 'POST') return void response.writeHead(200).end();
    const parameters = codec === 'H264' ? 'packetization-mode=1;profile-level-id=42e01f' : undefined;
    const peer = new RTCPeerConnection({
      codecs: {
        video: [
          new RTCRtpCodecParameters({
            mimeType: `video/${codec}`,
            clockRate: 90_000,
            ...(parameters && { parameters }),
          }),
        ],
      },
      iceServers: [],
      iceUseIpv6: false,
      iceAdditionalHostAddresses: ['127.0.0.1'],
    });
    peers.push(peer);
    peer.onTrack.subscribe((track) => {
      if (track.kind === 'video') track.onReceiveRtp.subscribe((packet) => void video.push(packet));
    });
    await peer.setRemoteDescription({ type: 'offer', sdp: await text(request) });
    await peer.setLocalDescription(await peer.createAnswer());
    response.writeHead(201, { 'content-type': 'application/sdp', location: '/session' });
    response.end(peer.localDescription?.sdp);
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  t.teardown(async () => {
    http.closeAllConnections();
    http.close();
    await Promise.all(peers.map((peer) => peer.close()));
  });
  const received = async (count: number) => {
    while (video.length < count) await new Promise((resolve) => setTimeout(resolve, 20));
  };
  return { url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/whip`, video, received };
}

t.test('publishes VP9', async (t) => {
  const { url, video, received } = await server(t, 'VP9');
  const { pipeline, element, errors, mark } = await publish(
    `whipsink name=w codec=vp9 location=${url} flashsrc ! w.video`,
  );
  t.teardown(() => pipeline.close());
  await mark('connected');
  await received(30);
  t.same((element.instance as WhipSink).encoders(), ['vp9enc']);
  const ids = video.map(({ payload }) => payload.readUInt16BE(1) & 0x7fff);
  t.ok(new Set(ids).size > 5, 'pictures have numbers');
  t.same(errors, []);
});

t.test('an encoder that fails gives way to software, and the connection stays', async (t) => {
  fakeDriver.failsAt = 20;
  const { url, video, received } = await server(t, 'H264');
  const { pipeline, element, errors, warnings, mark, count } = await publish(
    `whipsink name=w location=${url} flashsrc ! w.video`,
  );
  t.teardown(() => pipeline.close());
  await mark('connected');
  const sink = element.instance as WhipSink;
  while (sink.encoders()[0] !== 'x264enc') await received(video.length + 1);
  await received(video.length + 20);
  t.equal(count('disconnected'), 0);
  // One more may be lost on a busy machine; another payloader would begin anywhere.
  const steps = video.map(
    ({ header }, n) => (header.sequenceNumber - (video[n - 1]?.header.sequenceNumber ?? 0)) & 0xffff,
  );
  t.ok(
    steps.slice(1).every((step) => step < 50),
    `${Math.max(...steps.slice(1))} at most`,
  );
  t.same(errors, []);
  t.match(
    warnings.map(({ message }) => message),
    ['The encoder vah264enc failed: The card has gone. Software encodes from now on.'],
  );
});
