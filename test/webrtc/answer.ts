import t from 'tap';
import { readAnswer } from '../../src/webrtc/answer.js';
import { startClock } from '../../src/webrtc/clock.js';
import { Peer } from '../../src/webrtc/peer.js';
import { PortPool } from '../../src/webrtc/ports.js';
import { Push } from '../../src/webrtc/push.js';
import { rtp } from './support/rtp.js';

const common = () => ({ ports: new PortPool(), clock: startClock() });

/** An offer of ours, and an answer to it: the one that talks with ourselves. */
async function exchange(t: { teardown(work: () => unknown): unknown }) {
  const offered = await Push.offer({ ...common(), codec: 'H264', kinds: ['video', 'audio'] });
  t.teardown(() => offered.push.close());
  const answered = await Peer.answer(offered.sdp, {
    ...common(),
    purpose: 'talk',
    microphone: () => true,
  });
  t.teardown(() => answered.peer.close());
  return { ...offered, offer: offered.sdp, peer: answered.peer, answer: answered.sdp };
}

t.test('an offer to a WHIP server sends both tracks of one stream, over one transport', async (t) => {
  const { offer, push, peer, answer } = await exchange(t);
  t.equal(offer.match(/^a=sendonly\r$/gm)?.length, 2);
  t.notMatch(offer, /^a=(sendrecv|recvonly|inactive)/m);
  t.match(offer, /^a=group:BUNDLE \S+ \S+\r$/m);
  t.equal(offer.match(/^a=rtcp-mux\r$/gm)?.length, 2);
  t.match(offer, /^a=setup:actpass\r$/m);
  t.match(offer, /^a=rtpmap:\d+ H264\/90000\r$/m);
  t.notMatch(offer, /VP8/);
  const streams = new Set([...offer.matchAll(/^a=msid:(\S+)/gm)].map(([, stream]) => stream));
  t.equal(streams.size, 1);
  const heard = new Promise<void>((resolve) => peer.once('sound', () => resolve()));
  const connected = new Promise<void>((resolve) => push.once('connected', resolve));
  await push.accept(answer);
  await connected;
  push.write('audio', rtp(1, 960));
  await heard;
});

t.test('an answer that is none for this offer is refused, with what is wrong', async (t) => {
  const { offer, answer } = await exchange(t);
  const without = (pattern: RegExp) => answer.replace(pattern, '');
  for (const [text, message] of [
    [undefined, /Expected text in the SDP answer/],
    ['', /Expected a session description in the SDP answer/],
    ['<html>', /"v=0" on the first line/],
    [answer.slice(0, answer.lastIndexOf('m=')), /Expected 2 media sections .* received 1/],
    [answer.replace(/^m=video \d+/m, 'm=video 0'), /video to be taken .* a refusal/],
    [answer.replace(/^m=audio (\d+) (\S+) \d+/m, 'm=audio $1 $2 8'), /one of the formats offered for audio/],
    [answer.replace(/^a=recvonly/m, 'a=inactive'), /to be received/],
    [without(/^a=ice-pwd:.*\r\n/gm), /a=ice-pwd/],
    [without(/^a=fingerprint:.*\r\n/gm), /a=fingerprint/],
  ] as const) {
    t.throws(() => readAnswer(text, offer), { code: 'stream/format', message }, String(message));
  }
});
