import t from 'tap';
import { Pipeline } from '../../src/graph/pipeline.js';
import { closeVoices } from '../../src/voice/index.js';
import { cancelled, echoOf } from '../support/echo.js';
import { mix, pink, RATE, rms } from '../support/noises.js';
import { ownVoice } from '../support/talkover.js';

t.teardown(() => closeVoices());

const SECONDS = 6;
/** What is left of a sound when it has learnt, dB. */
const left = (before: Float32Array, after: Float32Array) => {
  const tail = (sound: Float32Array) => rms(sound.slice(3 * RATE, (SECONDS - 0.1) * RATE));
  return 20 * Math.log10(tail(after) / tail(before));
};

t.test('takes our own voice out of what is heard, in two conversations at a time', async (t) => {
  const far = await ownVoice(SECONDS);
  const room = pink(SECONDS, -60);
  // 90 ms late, and more than the canceller finds by itself.
  const late = [90, 240];
  const heard = late.map((ms) => mix(echoOf(far, ms, -20), room));
  const [soon, later] = await Promise.all(
    heard.map((near, i) => cancelled(far, near, `delay=${i === 0 ? 50 : 200}`)),
  );
  t.ok(left(heard[0] as Float32Array, soon as Float32Array) < -8);
  t.ok(left(heard[1] as Float32Array, later as Float32Array) < -8);
});

t.test('with mode=off sound passes as it came', async (t) => {
  const near = pink(0.5, -30);
  const passed = await cancelled(pink(0.5, -20), near, 'mode=off');
  // The last two pieces are not sent.
  const bits = (sound: Float32Array) =>
    Buffer.from(Int16Array.from(sound.slice(0, 0.4 * RATE), (x) => Math.round(x * 32768)).buffer);
  t.ok(bits(passed).equals(bits(near)));
});

t.test('says what is missing where nobody knows what we play', async (t) => {
  const pipeline = Pipeline.launch(
    'audiotestsrc num-buffers=9 ! audio/x-raw,rate=16000,channels=1 ! echocancel far=own ! fakesink',
  );
  t.teardown(() => pipeline.close());
  await t.rejects(pipeline.play(), { code: 'resource/not-found', message: /a farend named "own"/ });
});
