import t from 'tap';
import { TalkError } from '../../src/element/error.js';
import { VIDEO_CODECS } from '../../src/webrtc/codecs.js';
import { readOffer } from '../../src/webrtc/offer.js';
import { withRefused } from '../../src/webrtc/refused.js';
import { parseSdp, writeSdp } from '../../src/webrtc/sdp.js';
import { badOffers } from './support/bad-offers.js';
import { offerOf, replaced, without } from './support/offers.js';

t.test('takes constrained baseline H.264 with fragmentation wherever the browser lists it', async (t) => {
  const offer = readOffer(offerOf());
  t.same(offer.video, { codec: 'H264', payloadType: 106, clockRate: 90000, rtx: 107 });
  t.same(offer.audio, { codec: 'OPUS', payloadType: 111, clockRate: 48000 });
  t.match(offer.sdp, /m=video 9 UDP\/TLS\/RTP\/SAVPF 106 107\r\n/);
  t.notMatch(offer.sdp, /VP8|AV1|red\/|PCMU/, 'nothing else is left for werift to choose');
});

t.test('falls back from constrained baseline to baseline, main, high, then VP8', async (t) => {
  const noConstrained = replaced(/^(a=fmtp:106.*)42e01f/, '$1f4001f');
  t.equal(readOffer(offerOf(['video'], noConstrained)).video?.payloadType, 102);
  const high = replaced(/42(001|e01)f/, '64001f');
  t.equal(readOffer(offerOf(['video'], high)).video?.payloadType, 102);
  const none = replaced(/packetization-mode=1/, 'packetization-mode=0');
  t.same(readOffer(offerOf(['video'], none)).video, {
    codec: 'VP8',
    payloadType: 96,
    clockRate: 90000,
    rtx: 97,
  });
});

t.test('takes VP8 first where that is wanted', async (t) => {
  t.equal(readOffer(offerOf(), { codecs: ['VP8', 'H264'] }).video?.codec, 'VP8');
  t.throws(
    () => readOffer(offerOf(['video'], without(/VP8/)), { codecs: ['VP8'] }),
    /Expected VP8 .* received RTX, H264/,
  );
});

t.test('takes what stands first in the offer where the viewer is to choose', async (t) => {
  const all = { codecs: VIDEO_CODECS, theirs: true };
  t.equal(readOffer(offerOf(), all).video?.codec, 'VP8');
  const vp9 = replaced(/AV1/, 'VP9');
  t.equal(readOffer(offerOf(['video'], vp9), all).video?.codec, 'VP8');
  const first = (lines: string[]) => replaced(/SAVPF 96 97/, 'SAVPF 45 46 96 97')(vp9(lines));
  t.same(readOffer(offerOf(['video'], first), all).video, {
    codec: 'VP9',
    payloadType: 45,
    clockRate: 90000,
    rtx: 46,
  });
  t.equal(readOffer(offerOf(['video'], first)).video?.codec, 'H264', 'else our order counts');
});

t.test('sends VP9 of profile 0 only', async (t) => {
  const of = (profile: string) =>
    replaced(/^a=rtpmap:45 AV1\/90000/, `a=rtpmap:45 VP9/90000\r\na=fmtp:45 profile-id=${profile}`);
  t.equal(readOffer(offerOf(['video'], of('0')), { codecs: ['VP9'] }).video?.payloadType, 45);
  t.throws(
    () => readOffer(offerOf(['video'], of('2')), { codecs: ['VP9'] }),
    /Expected VP9 \(profile-id=0\) .* received VP8, RTX, H264, VP9/,
  );
});

t.test('leaves out retransmission where the viewer has none', async (t) => {
  t.notOk('rtx' in (readOffer(offerOf(['video'], without(/rtx|apt=/))).video ?? {}));
});

t.test('keeps of the header extensions only mid, and of the feedback what is acted on', async (t) => {
  const { sdp } = readOffer(offerOf());
  t.same(sdp.match(/a=extmap:.*/g), ['a=extmap:9 urn:ietf:params:rtp-hdrext:sdes:mid']);
  t.match(sdp, /a=rtcp-fb:106 nack pli/);
  t.notMatch(sdp, /transport-cc/);
});

t.test('gives a bundle-only section the port and transport of its bundle', async (t) => {
  const sdp = offerOf(['video', 'audio'], (lines) => {
    const audio = lines.findIndex((line) => line.startsWith('m=audio'));
    const rest = lines.slice(audio + 1).filter((line) => !/ice-|fingerprint|setup/.test(line));
    return [...lines.slice(0, audio), lines[audio]!.replace(' 9 ', ' 0 '), 'a=bundle-only', ...rest];
  });
  const audio = parseSdp(readOffer(sdp).sdp).sections[1];
  t.equal(audio?.port, 9);
  t.ok(audio?.lines.includes('a=ice-ufrag:8hhY'));
  t.ok(audio?.lines.some((line) => line.startsWith('a=fingerprint:')));
  t.notOk(audio?.lines.includes('a=bundle-only'));
});

t.test('leaves out a section that is not used, wherever it stands and whatever it is', async (t) => {
  const dead = ['m=audio 0 UDP/TLS/RTP/SAVPF 0', 'c=IN IP4 0.0.0.0', 'a=mid:old', 'a=inactive'];
  const text = ['m=text 0 RTP/AVP 98'];
  const offer = readOffer(
    offerOf(['video', 'audio'], (lines) => [
      ...replaced(
        /BUNDLE 0 1/,
        'BUNDLE old 0 1',
      )(lines).flatMap((line) => (line.startsWith('m=video') ? [...dead, line] : [line])),
      ...text,
    ]),
  );
  t.match(
    offer,
    { video: { codec: 'H264' }, audio: { codec: 'OPUS' } },
    'a dead section of a kind is no second one',
  );
  t.same(
    offer.refused.map(({ index, section }) => [index, section.media]),
    [
      [0, 'audio'],
      [3, 'text'],
    ],
  );
  t.same(
    parseSdp(offer.sdp).sections.map(({ media, port }) => [media, port]),
    [
      ['video', 9],
      ['audio', 9],
    ],
  );
  t.match(offer.sdp, /^a=group:BUNDLE 0 1\r$/m);
  t.match(
    withRefused(writeSdp({ session: ['v=0'], sections: parseSdp(offer.sdp).sections }), offer.refused),
    /^v=0\r\nm=audio 0 UDP\/TLS\/RTP\/SAVPF 0\r\nc=IN IP4 0\.0\.0\.0\r\na=mid:old\r\na=inactive\r\nm=video 9 .*m=audio 9 .*m=text 0 RTP\/AVP 98\r\nc=IN IP4 0\.0\.0\.0\r\na=inactive\r\n$/s,
    'and puts it into its place of the answer',
  );
});

t.test('gives all sections the one transport that their bundle will have', async (t) => {
  // aiortc offers a transport for each section, in case they are not bundled.
  let sections = 0;
  const apart = offerOf(['video', 'audio'], (lines) =>
    lines.flatMap((line) => {
      if (line.startsWith('m=')) sections++;
      if (!line.startsWith('a=ice-ufrag:')) return [line];
      return [
        `a=ice-ufrag:name${sections}`,
        `a=candidate:1 1 udp 2122260223 192.0.2.${sections} 5000 typ host`,
      ];
    }),
  );
  const { sdp, ufrag } = readOffer(apart);
  t.equal(ufrag, 'name1');
  t.same(sdp.match(/^a=ice-ufrag:.*$/gm), ['a=ice-ufrag:name1', 'a=ice-ufrag:name1']);
  t.equal(sdp.match(/^a=candidate:/gm)?.length, 1);
});

t.test('reads transport from the session part, and one section without mid and group', async (t) => {
  const session = offerOf(['video'], (lines) => {
    const media = lines.findIndex((line) => line.startsWith('m='));
    const shared = lines.filter((line) => /^a=(ice-|fingerprint|setup)/.test(line));
    return [
      ...lines.slice(0, media),
      ...shared,
      ...lines.slice(media).filter((line) => !shared.includes(line)),
    ];
  });
  t.equal(readOffer(session).video?.codec, 'H264');
  t.match(readOffer(offerOf(['audio'], without(/group|mid:/))).sdp, /a=mid:0\r\n/);
});

t.test('drops candidates that only cost: mDNS, TCP, malformed, and more than two dozen', async (t) => {
  const candidate = (n: number, address = '192.0.2.7', protocol = 'udp') =>
    `a=candidate:${n} 1 ${protocol} 2122260223 ${address} ${5000 + n} typ host`;
  const sdp = offerOf(['audio'], (lines) => [
    ...lines,
    candidate(1, 'b1946ac9-2d2e-4a3a-9a4b-0c1d2e3f4a5b.local'),
    candidate(2, '192.0.2.7', 'tcp'),
    'a=candidate:what',
    'a=candidate:3 1 udp 1 192.0.2.7 99999 typ host',
    ...Array.from({ length: 40 }, (_, n) => candidate(n + 10)),
    'a=end-of-candidates',
  ]);
  const out = readOffer(sdp).sdp;
  t.equal(out.match(/a=candidate:/g)?.length, 24);
  t.notMatch(out, /\.local| tcp |99999|what|end-of-candidates/);
});

t.test(
  'does not send into a section that only sends, and knows a passive viewer and a data channel',
  async (t) => {
    const offer = readOffer(offerOf(['video', 'audio', 'data'], replaced(/actpass/, 'passive')));
    t.ok(offer.passive);
    t.ok(offer.data);
    const sdp = offerOf(['video', 'audio'], (lines) => {
      const audio = lines.findIndex((line) => line.startsWith('m=audio'));
      return lines.map((line, n) => (n > audio && line === 'a=recvonly' ? 'a=sendonly' : line));
    });
    const mixed = readOffer(sdp);
    t.equal(mixed.audio, undefined);
    t.equal(mixed.video?.codec, 'H264');
  },
);

for (const [name, offer, message] of badOffers) {
  t.test(`says what it expected when it gets ${name}`, async (t) => {
    const error = t.throws(() => readOffer(offer), TalkError) as unknown as TalkError;
    t.equal(error.code, 'stream/format');
    t.match(error.message, message);
    t.ok(error.message.length < 400, 'a message, not the offer again');
  });
}

t.test('bends without throwing anything else than a format error', async (t) => {
  const lines = offerOf(['video', 'audio', 'data']).split('\r\n');
  let read = 0;
  for (let n = 0; n < lines.length; n++) {
    const versions = [
      lines.toSpliced(n, 1),
      lines.with(n, lines[n]!.slice(0, 3)),
      lines.with(n, `${lines[n]}${' 7'.repeat(300)}`),
      lines.with(n, lines[n]!.replace(/[0-9]/g, '9')),
      lines.toSpliced(n, 0, lines[n]!),
      lines.slice(0, n),
    ];
    for (const version of versions) {
      try {
        readOffer(version.join('\n'));
        read++;
      } catch (error) {
        if (!(error instanceof TalkError)) t.fail(`line ${n}: ${error}`);
      }
    }
  }
  t.ok(read > 50, 'most single bends are harmless');
});

t.test('writes what it read', async (t) => {
  const text = offerOf(['video', 'audio', 'data']);
  t.equal(writeSdp(parseSdp(text)), text);
});
