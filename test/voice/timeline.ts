import t from 'tap';
import type { Ns } from '../../src/element/time.js';
import { type Pacing, type Slot, Timeline } from '../../src/voice/timeline.js';
import fc from '../support/fastcheck.js';

const ms = (n: number) => (n * 1e6) as Ns;
/** 8,800 Hz and 24 frames a second: 366 or 367 samples a frame, so that no default and no equal split can hide. */
const options = {
  rate: 8800,
  fps: { num: 24, den: 1 },
  lead: ms(300),
  lookAhead: ms(120),
  pacing: 'live' as Pacing,
};
const make = (pacing: Pacing = 'live', more = {}) => new Timeline({ ...options, pacing, ...more });
const ramp = (n: number, from = 1) => Int16Array.from({ length: n }, (_, i) => from + i);

/** Commits slots until there is none, and returns them. */
function drain(timeline: Timeline): Slot[] {
  const slots: Slot[] = [];
  for (let slot = timeline.slot(undefined); typeof slot === 'object'; slot = timeline.slot(undefined)) {
    slots.push(slot);
    timeline.commit();
  }
  return slots;
}

const names = (slot: Slot) => slot.marks.map(({ name }) => name);
const live = (slot: Slot | string): Slot => {
  if (typeof slot === 'string') throw new Error(`expected a slot but it is ${slot}`);
  return slot;
};

t.test('silence is never sent ahead of its time', async (t) => {
  const timeline = make();
  for (let n = 0; n < 5; n++) {
    const slot = live(timeline.slot(ms(0)));
    t.match(slot, { frame: n, samples: undefined, at: timeline.ptsOf(n) });
    timeline.commit();
  }
});

t.test('an utterance waits for look-ahead and a frame, then leaves by the lead early', async (t) => {
  const timeline = make();
  timeline.say('a', 'hello');
  timeline.feed('a', ramp(1056 + 366)); // 120 ms of look-ahead are 1,056 samples; the first frame has 367
  t.equal(live(timeline.slot(ms(0))).samples, undefined, 'one sample short of a frame');
  timeline.feed('a', ramp(1));
  const slot = live(timeline.slot(ms(0)));
  t.equal(slot.samples?.length, 367);
  t.strictSame(names(slot), ['utterance-start']);
  t.equal(slot.at, 0);
  timeline.commit();
  timeline.feed('a', ramp(8800));
  for (let n = 1; n < 12; n++) {
    timeline.commit();
    live(timeline.slot(ms(0)));
  }
  const later = live(timeline.slot(ms(0)));
  t.equal(later.at, timeline.ptsOf(later.frame) - ms(300));
});

t.test('a short utterance starts as soon as all of it is there', async (t) => {
  const timeline = make();
  timeline.say('a', 'hi');
  timeline.feed('a', ramp(7));
  t.equal(live(timeline.slot(ms(0))).samples, undefined);
  timeline.finish('a');
  const slot = live(timeline.slot(ms(0)));
  t.strictSame(Array.from(slot.samples?.subarray(0, 8) ?? []), [1, 2, 3, 4, 5, 6, 7, 0]);
  t.strictSame(names(slot), ['utterance-start', 'utterance-end']);
});

t.test('a start never lies before the clock', async (t) => {
  const timeline = make();
  timeline.say('a', 'late');
  timeline.feed('a', ramp(5000));
  const now = ms(100);
  let slot = live(timeline.slot(now));
  while (slot.samples === undefined) {
    timeline.commit();
    slot = live(timeline.slot(now));
  }
  t.equal(slot.frame, timeline.frameAtOrAfter(now));
});

t.test('silence that never catches up with the clock keeps nobody silent for ever', async (t) => {
  const timeline = make();
  timeline.say('a', 'hello');
  timeline.feed('a', ramp(8800));
  // A full queue behind us lets a frame go in 1/24 s, each 150 ms late.
  const late = (n: number) => (timeline.ptsOf(n) + ms(150)) as Ns;
  let frame = 0;
  while (live(timeline.slot(late(frame))).samples === undefined) {
    timeline.commit();
    frame++;
  }
  t.equal(frame, 24, 'a second');
  timeline.cut(frame);
  timeline.say('b', 'again');
  timeline.feed('b', ramp(8800));
  t.equal(live(timeline.slot(late(frame))).samples, undefined, 'and the next waits again');
});

t.test('a proposal that was not committed is made again', async (t) => {
  const timeline = make('offline');
  timeline.say('a', 'x');
  timeline.feed('a', ramp(2000));
  const first = live(timeline.slot(undefined));
  const again = live(timeline.slot(undefined));
  t.strictSame(first, again);
});

t.test('an engine that falls behind makes a pause and the starting rule begins again', async (t) => {
  const timeline = make();
  timeline.say('a', 'slow');
  timeline.feed('a', ramp(1423));
  for (let n = 0; n < 3; n++) {
    t.ok(live(timeline.slot(ms(0))).samples, `frame ${n}`);
    timeline.commit();
  }
  const pause = live(timeline.slot(ms(0)));
  t.equal(pause.samples, undefined);
  t.strictSame(names(pause), ['utterance-pause']);
  t.equal(pause.at, timeline.ptsOf(3) - ms(120), 'it waits until the mouth needs it');
  timeline.commit();
  timeline.feed('a', ramp(100));
  t.equal(live(timeline.slot(ms(167))).samples, undefined, 'not enough in hand yet');
  timeline.commit();
  timeline.finish('a');
  t.strictSame(names(live(timeline.slot(ms(170)))), ['utterance-resume']);
});

t.test('whatever goes in comes out, at the sample, in any pieces', async () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 900 }), { maxLength: 12 }), (sizes) => {
      const timeline = make('offline');
      timeline.say('a', 'x');
      let total = 0;
      for (const size of sizes) {
        timeline.feed('a', ramp(size, total + 1));
        total += size;
      }
      timeline.finish('a');
      const slots = drain(timeline);
      const out = slots.flatMap(({ samples }) => Array.from(samples ?? []));
      for (let i = 0; i < total; i++) if (out[i] !== i + 1) return false;
      return (
        out.slice(total).every((sample) => sample === 0) && out.length === timeline.sampleOf(slots.length)
      );
    }),
  );
});

t.test('a mark leaves with the frame that holds its sample, and carries its exact time', async (t) => {
  const timeline = make('offline');
  timeline.say('a', 'x');
  timeline.feed('a', ramp(1000), [
    { name: 'word', fields: { text: 'one' }, sample: 10 },
    { name: 'word', fields: { text: 'two' }, sample: 400 },
  ]);
  timeline.finish('a');
  const slots = drain(timeline);
  const words = slots.flatMap(({ frame, marks }) =>
    marks.filter(({ name }) => name === 'word').map(({ fields }) => [frame, fields['pts']]),
  );
  t.strictSame(words, [
    [0, Math.round((10 * 1e9) / 8800)],
    [1, Math.round((400 * 1e9) / 8800)],
  ]);
});

t.test('a cut forgets all speech, goes back, and knows how much was heard', async (t) => {
  const timeline = make();
  timeline.say('a', 'x');
  timeline.say('b', 'y');
  timeline.feed('a', ramp(8800));
  for (let n = 0; n < 6; n++) {
    live(timeline.slot(ms(0)));
    timeline.commit();
  }
  t.strictSame(timeline.heard(ms(50)), { id: 'a', samples: 440, over: false });
  t.strictSame(
    timeline.cut(2).map(({ id, runs }) => [id, runs]),
    [
      ['a', [{ frame: 0, offset: 0, samples: timeline.sampleOf(6) }]],
      ['b', []],
    ],
  );
  t.strictSame(
    timeline.heard(ms(50)),
    { id: 'a', samples: 440, over: true },
    'also afterwards, and it is over',
  );
  t.equal(timeline.frame, 2);
  t.equal(timeline.pending, 0);
  timeline.feed('a', ramp(10));
  t.equal(live(timeline.slot(ms(90))).samples, undefined, 'late samples of a cut utterance are ignored');
});

t.test('who has heard all of an utterance has nothing more to lose by a cut', async (t) => {
  const timeline = make();
  timeline.say('a', 'x');
  timeline.feed('a', ramp(1000));
  timeline.finish('a');
  let end = 0;
  while (end === 0) {
    const { marks } = live(timeline.slot(ms(0)));
    timeline.commit();
    end = Number(marks.find(({ name }) => name === 'utterance-end')?.fields['pts'] ?? 0);
  }
  t.match(timeline.heard((end - 1e6) as Ns), { id: 'a', over: false }, 'though all has left');
  t.strictSame(timeline.heard(end as Ns), { id: 'a', samples: 1000, over: true });
  timeline.cut(1);
  t.match(timeline.heard((end - 1e6) as Ns), { id: 'a', over: true }, 'a second cut ends nothing');
});

t.test('offline starves rather than invents silence, and says when nothing is left', async (t) => {
  const timeline = make('offline');
  t.equal(timeline.slot(undefined), 'empty');
  timeline.say('a', 'x');
  t.equal(timeline.slot(undefined), 'starved');
  timeline.feed('a', ramp(5));
  timeline.finish('a');
  t.equal(drain(timeline).length, 1);
  t.equal(timeline.slot(undefined), 'empty');
});

t.test('a schedule puts every stretch where it was', async (t) => {
  const timeline = make('schedule');
  const [s0, s2] = [timeline.sampleOf(2), timeline.sampleOf(4)];
  timeline.say('a', 'x', [
    { frame: 2, offset: 0, samples: s2 - s0 },
    { frame: 6, offset: s2 - s0, samples: 100 },
  ]);
  timeline.feed('a', ramp(s2 - s0 + 100));
  timeline.finish('a');
  const slots = drain(timeline);
  t.strictSame(
    slots.map(({ samples }) => samples !== undefined),
    [false, false, true, true, false, false, true],
  );
  t.strictSame(slots.map(names), [
    [],
    [],
    ['utterance-start'],
    [],
    ['utterance-pause'],
    [],
    ['utterance-resume', 'utterance-end'],
  ]);
});

t.test('a schedule that was cut has silence up to the cut, whatever was in hand', async (t) => {
  const timeline = make('schedule');
  const one = timeline.sampleOf(3) - timeline.sampleOf(2);
  timeline.say('a', 'x', [{ frame: 2, offset: 0, samples: one }]);
  timeline.feed('a', ramp(5000));
  timeline.lastUntil(6);
  const slots = Array.from({ length: 6 }, () => {
    const slot = live(timeline.slot(undefined));
    timeline.commit();
    return slot;
  });
  t.strictSame(
    slots.map(({ samples }) => samples !== undefined),
    [false, false, true, false, false, false],
    'the voice had paused and never went on',
  );
  timeline.cut(4);
  t.strictSame(
    drain(timeline).map(({ frame }) => frame),
    [4, 5],
  );
});

t.test('the counter does not drift in a day', async (t) => {
  const timeline = make('live', { rate: 44100, fps: { num: 30000, den: 1001 } });
  const n = Math.round((86400 * 30000) / 1001);
  t.equal(timeline.sampleOf(n), Math.round((n * 44100 * 1001) / 30000));
  t.equal(timeline.frameAtOrAfter(timeline.ptsOf(n)), n);
});

t.test('a clip is queued like an utterance, and its marks are others', async (t) => {
  const timeline = make();
  timeline.say('c', 'wave', undefined, 'clip');
  timeline.say('a', 'hello');
  timeline.feed('c', ramp(2000));
  timeline.finish('c');
  const marks = () => {
    const slot = live(timeline.slot(ms(0)));
    timeline.commit();
    return slot.marks;
  };
  t.strictSame(marks(), [{ name: 'clip', fields: { id: 'c', name: 'wave', pts: 0, counter: 0 } }]);
  for (let n = 1; n < 5; n++) t.strictSame(marks(), []);
  t.strictSame(marks(), [{ name: 'clip', fields: { id: 'c', name: '', pts: Math.round(2000e9 / 8800) } }]);
  t.match(timeline.lastEnded, { kind: 'clip', runs: [{ frame: 0, offset: 0, samples: 2000 }] });
});

t.test('a clip that has nothing to play leaves no marks', async (t) => {
  const timeline = make('offline');
  timeline.say('c', 'wave', undefined, 'clip');
  timeline.finish('c');
  t.strictSame(drain(timeline).flatMap(names), []);
});
