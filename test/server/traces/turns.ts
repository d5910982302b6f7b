/** A turn read off what a graph posts, with times that are known to the millisecond. */
import t from 'tap';
import type { Span } from '../../../src/server/traces/span.js';
import { Turns } from '../../../src/server/traces/turns.js';

/** ms since 1970 at which the graph began to play. */
const ZERO = 1_700_000_000_000;

/** Posts marks at ms of the graph's running time; returns the traces that came of it. */
function read(...posted: [at: number, name: string, fields: Record<string, unknown>][]) {
  const traces: Span[][] = [];
  const turns = new Turns('s', (trace) => traces.push(trace));
  for (const [at, name, fields] of posted) turns.posted({ name, fields }, ZERO + at, at * 1e6);
  turns.close(ZERO + 99_000);
  return traces.map((trace) =>
    Object.fromEntries(
      trace.map(({ name, begin, end, ...rest }) => [name, { begin: begin - ZERO, end: end - ZERO, ...rest }]),
    ),
  );
}

const ms = (time: number) => time * 1e6;
const spoken = [
  [1300, 'turn-start', { turn: 3, pts: ms(1000) }],
  [2900, 'turn-end', { turn: 3, pts: ms(1000), end: ms(2200) }],
  [3050, 'transcript.final', { turn: 3, id: 'a', text: 'Secret' }],
  [3051, 'answer-asked', { id: 'a' }],
  [3300, 'answer-begun', { id: 'a' }],
  [3500, 'voice-begun', { id: 'a', engine: 'flite', ms: 77 }],
  [3540, 'mouth-begun', { id: 'a' }],
  [3555, 'utterance-start', { id: 'a', text: 'Secret' }],
] satisfies [number, string, Record<string, unknown>][];

t.test('somebody speaks and is answered: each part with the time it took', async (t) => {
  const [trace = {}, more] = read(
    ...spoken,
    [3700, 'tool', { id: 'a', name: 'weather', status: 'called' }],
    [4000, 'answer-ended', { id: 'a', reason: 'stop', said: true }],
    [5000, 'utterance-end', { id: 'a' }],
  );
  t.equal(more, undefined);
  const times = Object.entries(trace).map(([name, { begin, end }]) => [name, begin, end]);
  t.same(times, [
    ['turn', 1000, 5000],
    ['listen', 1000, 2200],
    ['decide', 2200, 2900],
    ['asr', 2900, 3050],
    ['llm', 3051, 4000],
    ['tts', 3423, 3500],
    ['mouth', 3500, 3540],
    ['speech', 3555, 5000],
  ]);
  // From the end of the question to the first sound of the answer.
  t.match(trace['turn']?.attributes, { 'talkgraph.from': 'voice', 'talkgraph.first_sound_ms': 1355 });
  t.match(trace['llm']?.events, [{ name: 'first token' }, { name: 'tool called' }]);
  t.notMatch(JSON.stringify(trace), /Secret/);
});

t.test('a draft that was heard too early and taken back is spoken from when it is said again', async (t) => {
  const [trace = {}] = read(
    [1300, 'turn-start', { turn: 1, pts: ms(1000) }],
    [2000, 'answer-asked', { id: 'a' }],
    [2400, 'utterance-start', { id: 'a' }],
    [2900, 'turn-end', { turn: 1, pts: ms(1000), end: ms(2200) }],
    [2950, 'transcript.final', { turn: 1, id: 'a' }],
    [3000, 'utterance-start', { id: 'a' }],
    [4000, 'utterance-end', { id: 'a' }],
  );
  t.match(trace, {
    speech: { begin: 3000, end: 4000 },
    turn: { attributes: { 'talkgraph.first_sound_ms': 800 } },
  });
});

t.test('a barge-in ends a turn where silence begins, and what had not ended says so', async (t) => {
  const [trace = {}] = read(
    ...spoken,
    [4000, 'barge-in', { turn: 4, cut: 'x' }],
    [4031, 'interrupted', { id: 'a', 'heard-ms': 440, heard: 'Secret' }],
  );
  t.match(trace['cut'], { begin: 4000, end: 4031 });
  t.match(trace['speech']?.attributes, { 'talkgraph.cut': true, 'talkgraph.heard_ms': 440 });
  t.match(trace['llm'], { end: 4031, attributes: { 'talkgraph.unfinished': true } });
  t.notMatch(JSON.stringify(trace), /Secret/);
});

t.test(
  'what was not understood is a turn that failed; a cough, and a draft that was dropped, are none',
  async (t) => {
    const [failed, ...more] = read(
      [1300, 'turn-start', { turn: 1, pts: ms(1000) }],
      [1400, 'turn-nothing', { turn: 1 }],
      [2300, 'turn-start', { turn: 2, pts: ms(2000) }],
      [2900, 'turn-end', { turn: 2, pts: ms(2000), end: ms(2500) }],
      [3000, 'asr-failed', { turn: 2, code: 'resource/unreachable', again: true }],
      [9000, 'asr-failed', { turn: 2, code: 'resource/unreachable', again: false }],
      [9100, 'answer-asked', { id: 'draft' }],
      [9200, 'answer-ended', { id: 'draft', reason: 'cut', said: false }],
    );
    t.match(failed?.['asr'], { begin: 2900, end: 9000, error: 'resource/unreachable' });
    t.match(failed?.['turn'], { begin: 2000, end: 9000, error: 'resource/unreachable' });
    t.same(more, []);
  },
);

t.test('turns that nobody hears the end of are forgotten, the oldest first', async (t) => {
  const asked = Array.from({ length: 70 }, (_, n): [number, string, object] => [
    n,
    'answer-asked',
    { id: `${n}` },
  ]);
  const traces = read(
    ...(asked as [number, string, Record<string, unknown>][]),
    [100, 'answer-failed', { id: '0', code: 'stream/failed' }],
    [101, 'answer-failed', { id: '69', code: 'stream/failed' }],
  );
  t.match(traces, [{ turn: { attributes: { 'talkgraph.utterance': '69' } } }]);
});
