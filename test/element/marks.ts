import t from 'tap';
import { Marks } from '../../src/element/marks.js';

function bench(now: number, latency = 0) {
  const told: string[] = [];
  const clock = { runningTime: () => now as number | undefined, pipelineLatency: latency };
  return {
    told,
    clock,
    marks: new Marks(clock, (name, fields) => told.push(`${name} ${fields['id'] ?? ''}`)),
  };
}

t.test('tells at once what has no time, what is over, and what comes while nothing runs', async (t) => {
  const { told, marks, clock } = bench(5e9, 100e6);
  marks.add('a', { id: 1 });
  marks.add('b', { id: 1, pts: 4.9e9 });
  clock.runningTime = () => undefined;
  marks.add('c', { id: 1, pts: 99e9 });
  t.same(told, ['a 1', 'b 1', 'c 1']);
});

t.test('tells a mark of two branches once', async (t) => {
  const { told, marks } = bench(5e9);
  for (const id of [1, 1, 2, 1]) marks.add('word', { id, pts: 1e9 });
  t.same(told, ['word 1', 'word 2']);
});

t.test('waits for the moment plus the latency, unless it was cut', (t) => {
  const { told, marks, clock } = bench(0, 20e6);
  marks.add('soon', { id: 1, pts: 10e6 });
  marks.add('cut', { id: 1, pts: 40e6 });
  marks.cut(30e6, 1);
  t.same(told, []);
  clock.runningTime = () => 30e6;
  setTimeout(() => {
    t.same(told, ['soon 1']);
    marks.add('late', { id: 1, pts: 1e9 });
    marks.clear();
    marks.add('soon', { id: 1 });
    t.same(told, ['soon 1', 'soon 1'], 'cleared, it has forgotten what it saw');
    t.end();
  }, 120);
});

t.test('a cut that the slower branch tells of again leaves alone what was said since', async (t) => {
  const { told, marks, clock } = bench(0);
  marks.add('old', { id: 1, pts: 60e6 });
  marks.cut(40e6, 1);
  marks.add('new', { id: 2, pts: 50e6 });
  marks.cut(40e6, 1);
  clock.runningTime = () => 70e6;
  marks.add('end', { id: 2, pts: 65e6 });
  t.same(told, ['new 2', 'end 2']);
  marks.add('old', { id: 3, pts: 90e6 });
  marks.cut(80e6, 2);
  clock.runningTime = () => 99e6;
  marks.add('next', { id: 4, pts: 95e6 });
  t.same(told.slice(2), ['next 4']);
});

t.test('two cuts that the slower branch tells of late leave alone what was said since', async (t) => {
  const { told, marks, clock } = bench(0);
  marks.cut(40e6, 1);
  marks.cut(42e6, 2);
  marks.add('utterance-start', { id: 1, pts: 80e6 });
  for (const epoch of [1, 2]) {
    marks.cut(40e6, epoch);
    marks.add('utterance-start', { id: 1, pts: 80e6 });
  }
  clock.runningTime = () => 90e6;
  marks.add('word', { id: 1, pts: 85e6 });
  t.same(told, ['utterance-start 1', 'word 1']);
});

t.test('tells nothing early, though timers may be', async (t) => {
  const { told, marks, clock } = bench(0);
  let now = 0;
  // Whenever it is asked a tenth of a millisecond has gone by, however long a timer took.
  clock.runningTime = () => (now += 1e5);
  marks.add('start', { id: 1, pts: 5e5 });
  while (told.length === 0) await new Promise((resolve) => setImmediate(resolve));
  t.equal(now, 5e5);
});

t.test('of what a cut ends, what was heard is told all the same', async (t) => {
  const { told, marks, clock } = bench(0, 10e6);
  for (const at of [20, 30, 40, 50]) marks.add('word', { id: at, pts: at * 1e6 });
  clock.runningTime = () => 45e6;
  marks.event({
    name: 'talkgraph/epoch',
    fields: { epoch: 1, pts: 20e6, heard: 35e6 },
    upstream: false,
    pad: 'sink',
    oob: false,
  });
  clock.runningTime = () => 65e6;
  marks.add('end', { id: 1, pts: 50e6 });
  t.same(told, ['word 20', 'word 30', 'end 1']);
});

t.test('tells in the order of the times, though timers come late and not in order', async (t) => {
  const { told, marks, clock } = bench(0);
  marks.add('end', { id: 1, pts: 20e6 });
  marks.add('word', { id: 1, pts: 10e6 });
  marks.add('sentence', { id: 2, pts: 20e6 });
  marks.add('later', { id: 2, pts: 60e9 });
  clock.runningTime = () => 30e6;
  marks.add('word', { id: 2, pts: 20e6 });
  t.same(told, ['word 1', 'end 1', 'sentence 2', 'word 2']);
  marks.clear();
});

t.test('remembers and holds back only so many', async (t) => {
  const { told, marks } = bench(0);
  for (let id = 0; id < 2000; id++) marks.add('word', { id, pts: 60e9 });
  t.equal(told.length, 2000 - 1024, 'past its limit marks are told early');
  marks.clear();
});
