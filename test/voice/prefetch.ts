/**
 * The next sentence is asked for while one is heard: how long nothing is heard between them, in samples of the timeline. Time is a
 * number that the test counts up; a service's latency is a time at which it goes on.
 */
import t from 'tap';
import { speak } from '../../src/voice/index.js';
import { Timeline } from '../../src/voice/timeline.js';
import { FakeEngine, fakeVoice, ramp, settle } from './fakes/engine.js';

const RATE = 8800;
/** Samples of a letter: 50 ms. */
const LETTER = 440;
/** ms that the clock goes on by. */
const STEP = 10;

interface Service {
  /** ms from the request to the first sound. */
  readonly latency: number;
  /** How much faster it makes sound than it is heard. */
  readonly speed: number;
}

/** Says a text on a timeline and answers the longest silence inside, ms of samples, and the most requests that were open at once. */
async function say(text: string, { latency, speed }: Service): Promise<{ gap: number; most: number }> {
  let now = 0;
  let waiting: { at: number; go: () => void }[] = [];
  const until = (at: number) => new Promise<void>((go) => waiting.push({ at, go }));
  let most = 0;
  const engine = new FakeEngine(async function* ({ text: sentence }) {
    most = Math.max(most, engine.open);
    await until(now + latency);
    let at = now;
    for (const _ of sentence) {
      yield { samples: ramp(LETTER, 1), rate: RATE };
      at += 50 / speed;
      await until(at);
    }
  });
  const timeline = new Timeline({
    rate: RATE,
    fps: { num: 25, den: 1 },
    lead: 300e6,
    lookAhead: 200e6,
    pacing: 'live',
  });
  timeline.say('u', text);
  const feeding = (async () => {
    for await (const { samples } of speak({ text, rate: RATE, voice: fakeVoice(engine) }))
      timeline.feed('u', samples);
    timeline.finish('u');
  })();
  let [silent, gap, begun] = [0, 0, false];
  while (timeline.pending > 0 || timeline.speaking) {
    await settle();
    for (;;) {
      const slot = timeline.slot(now * 1e6);
      if (typeof slot !== 'object' || (slot.at ?? 0) > now * 1e6) break;
      timeline.commit();
      if (slot.samples === undefined) silent += 40;
      else {
        if (begun) gap = Math.max(gap, silent);
        [silent, begun] = [0, true];
      }
    }
    now += STEP;
    const due = waiting.filter(({ at }) => at <= now);
    waiting = waiting.filter(({ at }) => at > now);
    for (const { go } of due) go();
  }
  await feeding;
  return { gap, most };
}

const TEXT =
  'The first of five sentences. Here is a second one of them. A third is said now. And the fourth. Fifth and last.';

t.test('a service that keeps up is heard without a gap between its sentences', async (t) => {
  for (const service of [
    { latency: 20, speed: 20 },
    { latency: 300, speed: 4 },
    // The shortest sentence but the last lasts 700 ms.
    { latency: 600, speed: 2 },
  ]) {
    const { gap, most } = await say(TEXT, service);
    t.ok(gap <= 50, `${gap} ms with ${JSON.stringify(service)}`);
    t.ok(most <= 2, 'one sentence ahead of the one that is heard, and no more');
  }
});

t.test('the measure sees a gap where a service does not keep up', async (t) => {
  const { gap } = await say(TEXT, { latency: 2500, speed: 2 });
  t.ok(gap > 500, `${gap} ms`);
});
