/** What a real browser's microphone hears comes out: Chromium plays a file into its own fake microphone. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import WebRtcSink from '../../elements/webrtcsink.js';
import WebRtcSrc from '../../elements/webrtcsrc.js';
import { waveFile } from '../../src/dialog/ears/wave.js';
import { register } from '../../src/element/index.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import type { Sample } from '../../src/graph/samples.js';
import { closeVoices, speak } from '../../src/voice/index.js';
import type { ViewerSink } from '../../src/webrtc/viewers.js';
import { locate } from '../support/align.js';
import { atLevel, toFloats, toInt16 } from '../support/noises.js';
import { Chromium, hasChromium } from '../webrtc/support/chromium.js';

register(WebRtcSink);
register(WebRtcSrc);
t.teardown(() => closeVoices());

const RATE = 48_000;

/** Runs in the page: offers to send what the microphone hears. */
const TALK = `(async () => {
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
  });
  const pc = new RTCPeerConnection();
  for (const track of stream.getTracks()) pc.addTrack(track, stream);
  await pc.setLocalDescription(await pc.createOffer());
  await new Promise((done) => {
    pc.onicegatheringstatechange = () => pc.iceGatheringState === 'complete' && done();
  });
  await pc.setRemoteDescription({ type: 'answer', sdp: await answer(pc.localDescription.sdp) });
  window.pc = pc;
})()`;

t.test('in headless Chromium', { skip: !hasChromium && 'no Chromium here', timeout: 60_000 }, async (t) => {
  const said: number[] = [];
  for await (const { samples } of speak({
    text: 'One two three, can you hear me?',
    voice: 'flite/slt',
    rate: RATE,
  }))
    said.push(...samples);
  const sentence = atLevel(toFloats(Int16Array.from(said)), -20);
  // Played again and again, with a pause behind it.
  const file = join(t.testdir(), 'said.wav');
  await writeFile(
    file,
    waveFile(toInt16(Float32Array.from([...sentence, ...new Float32Array(RATE / 2)])), RATE),
  );
  const browser = await Chromium.launch([
    '--use-fake-ui-for-media-stream',
    '--use-fake-device-for-media-stream',
    `--use-file-for-fake-audio-capture=${file}`,
  ]);
  t.teardown(() => browser.close());
  const pipeline = Pipeline.launch(
    'audiotestsrc is-live=true wave=silence ! webrtcsink name=web webrtcsrc name=mic ! appsink name=out sync=false',
  );
  t.teardown(() => pipeline.close());
  const got: Sample[] = [];
  pipeline.element('out').onSamples((batch) => void got.push(...batch), { limit: 10_000 });
  await pipeline.play();
  const sink = pipeline.element('web').instance as unknown as ViewerSink;
  const page = await browser.page(async (offer) => (await sink.answer(offer)).sdp);
  await page.evaluate(TALK);
  while (Number(pipeline.element('mic').get('packets')) < 10) await sleep(50);
  const from = got.length;
  await sleep(2 * (sentence.length / RATE + 0.5) * 1000);
  const heard = got
    .slice(from)
    .flatMap(({ data }) => [...new Int16Array(data.buffer, data.byteOffset, data.byteLength >> 1)]);
  const { at, likeness } = locate(toFloats(Int16Array.from(heard)), sentence, { coarse: 8 });
  t.comment(
    `likeness ${likeness.toFixed(3)} at ${(at / RATE).toFixed(2)} s of ${(heard.length / RATE).toFixed(2)}`,
  );
  t.ok(likeness > 0.8, `what was played is what is heard: ${likeness}`);
  for (const [i, { pts = 0 }] of got.entries()) {
    const before = got[i - 1];
    if (before !== undefined && Math.abs(pts - (before.pts ?? 0) - (before.duration ?? 0)) > 1)
      t.fail(`a hole at ${pts}`);
  }
});
