import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import WebRtcSink from '../../elements/webrtcsink.js';
import WebRtcSrc from '../../elements/webrtcsrc.js';
import { register, type TalkError } from '../../src/element/index.js';
import type { Mark } from '../../src/graph/events.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import type { Sample } from '../../src/graph/samples.js';
import { closeVoices, speak } from '../../src/voice/index.js';
import { meetingCount } from '../../src/webrtc/uplink.js';
import type { ViewerSink } from '../../src/webrtc/viewers.js';
import { locate } from '../support/align.js';
import { atLevel, rms, toFloats } from '../support/noises.js';
import { Receiver } from '../webrtc/support/receiver.js';
import { opusPackets, talk } from '../webrtc/support/talker.js';

register(WebRtcSink);
register(WebRtcSrc);
t.teardown(() => closeVoices());

const RATE = 48_000;
const sentence = await (async () => {
  const all: number[] = [];
  for await (const { samples } of speak({
    text: 'Can you hear me?',
    voice: 'flite/rms',
    rate: RATE,
  }))
    all.push(...samples);
  return atLevel(toFloats(Int16Array.from(all)), -20);
})();

/** A running pipeline that shows nothing and hears its viewers. */
async function run(more = '') {
  const pipeline = Pipeline.launch(
    `audiotestsrc is-live=true wave=silence ! webrtcsink name=web webrtcsrc name=mic ${more} ! appsink name=out sync=false`,
  );
  const errors: TalkError[] = [];
  const marks: Mark[] = [];
  const got: Sample[] = [];
  pipeline.on('error', (error) => errors.push(error));
  pipeline.on('mark', (mark) => marks.push(mark));
  pipeline.element('out').onSamples((batch) => void got.push(...batch), { limit: 10_000 });
  await pipeline.play();
  const sink = pipeline.element('web').instance as unknown as ViewerSink;
  /** Everything heard from running time 0 on. */
  const heard = (): Float32Array => {
    const last = got.at(-1);
    const all = new Float32Array(
      Math.round((((last?.pts ?? 0) + (last?.duration ?? 0)) * RATE) / 1e9) + RATE,
    );
    for (const { data, pts = 0 } of got) {
      const samples = new Int16Array(data.buffer, data.byteOffset, data.byteLength >> 1);
      all.set(toFloats(samples), Math.round((pts * RATE) / 1e9));
    }
    return all;
  };
  const join = async (microphone = true) => {
    const receiver = new Receiver({ video: false, microphone });
    const { id, sdp } = await sink.answer(await receiver.offer());
    await receiver.accept(sdp);
    await receiver.connected();
    return { receiver, id, sdp };
  };
  return { pipeline, sink, errors, marks, got, heard, join, mic: pipeline.element('mic') };
}

/** Sound goes on without a hole: every buffer begins where the last one ended. */
function holes(got: readonly Sample[]): number {
  return got.filter(({ pts = 0 }, i) => {
    const before = got[i - 1];
    return before !== undefined && Math.abs(pts - (before.pts ?? 0) - (before.duration ?? 0)) > 1;
  }).length;
}

t.test('what is said is heard, at its time, also over a bad line', async (t) => {
  const { pipeline, errors, got, heard, join, marks, mic } = await run();
  const { receiver, id } = await join();
  // One sentence on each way, in one stream: a browser sends without a pause.
  const pause = new Float32Array(RATE / 2);
  const packets = await opusPackets(
    Float32Array.from([sentence, pause, sentence, pause, sentence, pause].flatMap((one) => [...one])),
  );
  const every = (sentence.length + pause.length) / 960;
  const began = pipeline.runningTime() ?? 0;
  await talk(receiver, packets, {
    lost: (n) => n > every && n < 2 * every && n % 10 === 7,
    late: (n) => (n > 2 * every && n % 3 === 0 ? 1.5 : 0),
  });
  await sleep(300);
  const all = heard();
  const ways = [
    ['clean', 0.8],
    ['one packet in ten lost', 0.65],
    ['one in three late and in the wrong order', 0.8],
  ] as const;
  for (const [i, [name, least]] of ways.entries()) {
    const first = Math.round((began * RATE) / 1e9 + i * every * 960);
    const { at, likeness } = locate(all, sentence, {
      from: first - RATE / 20,
      to: first + RATE / 5,
      coarse: 6,
    });
    const delay = ((at - first) / RATE) * 1000;
    t.comment(`${name}: likeness ${likeness.toFixed(3)}, ${delay.toFixed(1)} ms after it was sent`);
    t.ok(likeness > least, `${name}: ${likeness}`);
    t.ok(delay > -20 && delay < 80, `${name}: ${delay} ms`);
  }
  t.equal(mic.get('current'), id);
  t.match(marks.find(({ name }) => name === 'microphone')?.fields, { viewer: id });
  t.equal(holes(got), 0);
  t.ok(Number(mic.get('packets')) >= 0.85 * packets.length);
  await receiver.close();
  await pipeline.close();
  t.same(errors, []);
  t.equal(meetingCount(), 0, 'nothing is left');
});

t.test('sound is live before anybody speaks, while packets are saved, and after', async (t) => {
  const { pipeline, got, join, heard } = await run();
  await sleep(300);
  t.ok(got.length > 5, `${got.length} buffers of silence`);
  const { receiver } = await join();
  const pause = new Float32Array(RATE);
  const whole = Float32Array.from([...sentence, ...pause, ...sentence]);
  const packets = await opusPackets(whole, { dtx: true });
  t.ok(
    packets.length < whole.length / 960 - 20,
    `${packets.length} packets for ${Math.round(whole.length / 960)}`,
  );
  const stamps = packets.map((packet) => packet.readUInt32BE(4));
  const sent = stamps.map((stamp) => ((stamp - (stamps[0] ?? 0)) >>> 0) / 960);
  const began = pipeline.runningTime() ?? 0;
  await talk(receiver, packets, { late: (n) => (sent[n] ?? n) - n });
  await receiver.close();
  await sleep(300);
  // Before anything is computed: while that is, nothing comes to JS.
  const behind = (pipeline.runningTime() ?? 0) - (got.at(-1)?.pts ?? 0);
  t.equal(holes(got), 0);
  const from = Math.round((began * RATE) / 1e9);
  const second = from + sentence.length + pause.length;
  const { at, likeness } = locate(heard(), sentence, {
    from: second - RATE / 10,
    to: second + RATE / 5,
    coarse: 6,
  });
  t.ok(
    likeness > 0.8 && at > second - RATE / 50,
    `the second sentence at its time: ${likeness}, ${at - second}`,
  );
  t.ok(behind < 400e6, `still live, ${behind / 1e6} ms behind`);
  await pipeline.close();
});

t.test('only one viewer is heard: the first one, or the one that is chosen', async (t) => {
  const { pipeline, sink, join, heard, mic, marks } = await run();
  const listener = await join(false);
  const [one, two] = [await join(), await join()];
  t.match(one.sdp, /a=sendrecv/);
  t.notMatch(listener.sdp, /a=sendrecv/);
  t.equal(mic.get('current'), one.id);
  const packets = await opusPackets(sentence);
  const loudness = async (receiver: Receiver) => {
    const from = Math.round(((pipeline.runningTime() ?? 0) * RATE) / 1e9);
    await talk(receiver, packets.slice(0, 30));
    await sleep(200);
    return rms(heard().slice(from, from + RATE));
  };
  t.equal(await loudness(two.receiver), 0);
  mic.set('viewer', two.id);
  t.equal(mic.get('current'), two.id);
  t.ok((await loudness(two.receiver)) > 0.01);
  mic.set('viewer', '');
  t.equal(mic.get('current'), one.id);
  await sink.endViewer(one.id);
  t.equal(mic.get('current'), two.id, 'the next one, when it goes');
  t.ok((await loudness(two.receiver)) > 0.01);
  await sink.endViewer(two.id);
  t.equal(mic.get('current'), '');
  await Promise.all([one, two, listener].map(({ receiver }) => receiver.close()));
  const told = () => marks.filter(({ name }) => name === 'microphone').at(-1)?.fields;
  while (told()?.['viewer'] !== undefined) await new Promise((resolve) => pipeline.once('mark', resolve));
  t.same(told(), {});
  await pipeline.close();
});

t.test('nobody is asked for a microphone that nobody hears, and two cannot hear one', async (t) => {
  const pipeline = Pipeline.launch('audiotestsrc is-live=true ! webrtcsink name=web');
  await pipeline.play();
  const receiver = new Receiver({ video: false, microphone: true });
  const { sdp } = await (pipeline.element('web').instance as unknown as ViewerSink).answer(
    await receiver.offer(),
  );
  t.notMatch(sdp, /a=sendrecv/);
  await receiver.close();
  await pipeline.close();
  const both = Pipeline.launch(
    'audiotestsrc is-live=true ! webrtcsink webrtcsrc ! fakesink webrtcsrc ! fakesink',
  );
  await t.rejects(both.play(), { code: 'resource/busy' });
  await both.close();
  t.equal(meetingCount(), 0);
});
