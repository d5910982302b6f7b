/** What the options of the voice make Opus do, seen in its packets. */
import t, { type Test } from 'tap';
import TtsSrc from '../../elements/ttssrc.js';
import { register } from '../../src/element/index.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import type { Sample } from '../../src/graph/samples.js';
import { closeVoices } from '../../src/voice/index.js';
import { encodedAudio, voiceEncoder } from '../../src/webrtc/chain.js';

register(TtsSrc);
t.teardown(() => closeVoices());

const SPEECH = 'ttssrc is-live=false text="Good morning, how are you today? I have slept well."';
const CHAIN = { bitrate: 48_000, frameSize: '20', name: 'a' };

/** All packets that come out of a line, as Opus or RTP. */
async function packets(t: Test, line: string): Promise<readonly Sample[]> {
  const pipeline = Pipeline.launch(`${line} ! appsink name=out sync=false`);
  t.teardown(() => pipeline.close());
  const all: Sample[] = [];
  pipeline.element('out').onSamples((samples) => void all.push(...samples), { full: 'wait' });
  await pipeline.play();
  await pipeline.finished();
  return all;
}

/** RFC 6716 3.1: the upper five bits of the first byte; below 16 speech is coded as such. */
const ofSpeech = ({ data }: Sample) => (data[0] ?? 0) >> 3 < 16;
/** RFC 6716 4.2.3: a frame of the coder for speech begins with whether there is a voice, and whether it repeats the frame before. */
const repeats = (sample: Sample) => ofSpeech(sample) && (((sample.data[1] ?? 0) >> 6) & 1) === 1;

t.test('with audio-fec packets say again what the ones before said', async (t) => {
  const [plain, ready] = [
    await packets(t, `${SPEECH} ! ${voiceEncoder(CHAIN)}`),
    await packets(t, `${SPEECH} ! ${voiceEncoder({ ...CHAIN, fec: 20 })}`),
  ];
  t.equal(plain.filter(repeats).length, 0);
  t.equal(ready.length, plain.length, 'the same pieces of sound');
  const speaking = ready.filter(({ data }) => data.length > 20);
  const repeating = speaking.filter(repeats).length;
  t.ok(repeating > speaking.length / 2, `${repeating} of ${speaking.length}`);
});

t.test('pieces too short for it become 10 ms', async (t) => {
  const short = await packets(t, `${SPEECH} ! ${voiceEncoder({ ...CHAIN, frameSize: '2.5', fec: 10 })}`);
  const [first, second] = short.map(({ pts = 0 }) => pts).slice(1);
  t.equal((second ?? 0) - (first ?? 0), 10e6);
});

t.test('with audio-dtx silence is not sent', async (t) => {
  const silence =
    'audiotestsrc wave=silence num-buffers=100 samplesperbuffer=960 ! audio/x-raw,rate=48000,channels=1';
  const payload = (dtx: boolean) => encodedAudio('a', dtx).split(' ! ')[0];
  const [plain, quiet] = [
    await packets(t, `${silence} ! ${voiceEncoder(CHAIN)} ! ${payload(false)}`),
    await packets(t, `${silence} ! ${voiceEncoder({ ...CHAIN, dtx: true })} ! ${payload(true)}`),
  ];
  t.ok(plain.length >= 100, `${plain.length}`);
  t.ok(quiet.length < 20, `${quiet.length} of ${plain.length}`);
});
