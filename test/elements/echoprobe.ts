import t from 'tap';
import EchoProbe from '../../elements/echoprobe.js';
import VadFilter from '../../elements/vadfilter.js';
import { probeCount } from '../../src/dialog/ears/probes.js';
import { framesToNs, register } from '../../src/element/index.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import { closeVoices } from '../../src/voice/index.js';
import { roomEcho } from '../support/echo.js';
import { mix, pink, toInt16 } from '../support/noises.js';
import { ownVoice } from '../support/talkover.js';

register(EchoProbe);
register(VadFilter);
t.teardown(() => closeVoices());

const caps = (rate: number) => `audio/x-raw,format=S16LE,layout=interleaved,channels=1,rate=${rate}`;
const RATE = 16_000;
const SECONDS = 6;

/** Plays `far` by a probe while `near` is heard, piece by piece; how often somebody spoke, and what it says of the delay. */
async function heard(far: Int16Array, near: Int16Array, probe: string) {
  // By level alone everything loud is speech: what is not must be known by the probe.
  const pipeline = Pipeline.launch(
    `appsrc name=far format=time caps="${caps(RATE)}" ! echoprobe name=own ! appsink name=played sync=false async=false ` +
      `appsrc name=near format=time caps="${caps(RATE)}" ! vadfilter name=vad engine=energy ${probe} ! appsink name=out sync=false async=false`,
  );
  let speech = 0;
  pipeline.on('mark', ({ name, fields }) => {
    if (name === 'vad' && fields['state'] === 'speech') speech++;
  });
  const passed = ['played', 'out'].map((name) => {
    const ends: { count: number; wake: () => void; bytes: Buffer[] } = {
      count: 0,
      wake: () => undefined,
      bytes: [],
    };
    pipeline.element(name).onSamples(
      (batch) => {
        for (const { data } of batch) ends.bytes.push(Buffer.from(data));
        ends.count += batch.length;
        ends.wake();
      },
      { full: 'wait' },
    );
    return ends;
  });
  const feeds = [pipeline.element('far').feed(), pipeline.element('near').feed()];
  const playing = pipeline.play();
  // What is played is known before it comes back, as on a clock.
  for (let at = 0; at < far.length; at += 320) {
    for (const [i, sound] of [far, near].entries()) {
      const data = new Uint8Array(sound.slice(at, at + 320).buffer);
      await feeds[i]?.push({ data, pts: framesToNs(at, RATE), duration: 20e6 });
      const ends = passed[i];
      while (ends !== undefined && ends.count <= at / 320)
        await new Promise<void>((resolve) => (ends.wake = resolve));
    }
  }
  const delay = pipeline.element('vad').get('echo-delay');
  for (const feed of feeds) feed.end();
  await playing;
  await pipeline.finished();
  await pipeline.close();
  return { speech, delay, played: Buffer.concat(passed[0]?.bytes ?? []) };
}

t.test('our own voice is no speech for who listens to the probe, and goes by it untouched', async (t) => {
  const voice = await ownVoice(SECONDS);
  const far = toInt16(voice);
  const near = toInt16(mix(roomEcho(voice, 220, -15), pink(SECONDS, -62)));
  const without = await heard(far, near, '');
  t.ok(without.speech > 1);
  t.equal(without.delay, -1);
  const { speech, delay, played } = await heard(far, near, 'probe=own');
  t.equal(speech, 0);
  t.ok(Math.abs(Number(delay) - 220) <= 40, `late by ${delay}`);
  t.ok(played.equals(Buffer.from(far.buffer)));
  t.equal(probeCount(), 0, 'nothing is left');
});
