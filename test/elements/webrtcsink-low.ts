import t from 'tap';
import WebRtcSink from '../../elements/webrtcsink.js';
import { register } from '../../src/element/index.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import type { ViewerSink } from '../../src/webrtc/viewers.js';
import { Receiver } from '../webrtc/support/receiver.js';

register(WebRtcSink);

/** Width of a VP8 key frame's picture, where this is the first packet of one (RFC 6386 9.1). */
function widthOf(payload: Buffer): number | undefined {
  const start = payload.indexOf(Buffer.from([0x9d, 0x01, 0x2a]));
  return start >= 0 && start < 16 ? payload.readUInt16LE(start + 3) & 0x3fff : undefined;
}

t.test(
  'who loses half gets a smaller picture, the other one keeps his, and gets it back',
  { timeout: 150_000 },
  async (t) => {
    const pipeline = Pipeline.launch(
      'videotestsrc is-live=true pattern=ball ! video/x-raw,width=640,height=480,framerate=25/1 ! webrtcsink name=s codec=vp8 ' +
        'audiotestsrc is-live=true ! s.audio',
    );
    await pipeline.play();
    const sink = pipeline.element('s').instance as unknown as ViewerSink;
    const join = async () => {
      const receiver = new Receiver({ nack: false, video: ['VP8'] });
      const { id, sdp } = await sink.answer(await receiver.offer());
      await receiver.accept(sdp);
      await receiver.connected();
      return { receiver, id };
    };
    const [slow, fine] = [await join(), await join()];
    await slow.receiver.received('video', 20);
    slow.receiver.lose(0.5);
    const isLow = (id: string) => sink.audience().find((viewer) => viewer.id === id)?.low;
    const becomes = async (low: boolean) => {
      while (isLow(slow.id) !== low) await new Promise((resolve) => setTimeout(resolve, 50));
    };
    const widths = ({ receiver }: typeof slow) =>
      new Set(receiver.packets.video.flatMap(({ packet }) => widthOf(packet.payload) ?? []));
    await becomes(true);
    slow.receiver.lose(0);
    const from = slow.receiver.packets.video.length;
    await slow.receiver.received('video', from + 60);
    t.same([...widths(fine)], [640]);
    t.equal(isLow(fine.id), false);
    await becomes(true);
    await becomes(false);
    // What was lost before is sent again for a moment.
    const headers = slow.receiver.packets.video.slice(from + 30).map(({ packet }) => packet.header);
    const odd = headers.filter((header, i) => {
      const last = headers[i - 1] ?? header;
      const step = (header.sequenceNumber - last.sequenceNumber) & 0xffff;
      return i > 0 && (step !== 1 || header.timestamp < last.timestamp);
    });
    t.same(odd, [], 'numbers and time go on');
    const before = slow.receiver.packets.video.length;
    await slow.receiver.received('video', before + 20);
    const last = slow.receiver.packets.video.map(({ packet }) => widthOf(packet.payload)).filter((w) => w);
    t.equal(last.at(-1), 640, `${last}`);
    t.ok(last.includes(320), 'half the size between');
    await Promise.all([slow, fine].map(({ receiver }) => receiver.close()));
    await pipeline.close();
  },
);
