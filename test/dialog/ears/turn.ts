import t from 'tap';
import {
  type TurnDecision,
  type TurnInput,
  type TurnSettings,
  Turns,
} from '../../../src/dialog/ears/turn.js';
import fc from '../../support/fastcheck.js';

const S = 1e9;
const speech = (s: number): TurnInput => ({
  type: 'speech',
  pts: s * S,
  from: (s - 0.2) * S,
  at: (s + 0.064) * S,
});
const silence = (s: number): TurnInput => ({ type: 'silence', pts: s * S, at: (s + 0.25) * S });
const advance = (s: number): TurnInput => ({ type: 'advance', at: s * S });
const saying = (s: number, text: string): TurnInput => ({ type: 'saying', text, at: s * S });
const partial = (s: number, text: string): TurnInput => ({ type: 'partial', text, at: s * S });
const final = (s: number, turn: number, text: string): TurnInput => ({
  type: 'final',
  turn,
  text,
  at: s * S,
});
const button = (s: number, down: boolean): TurnInput => ({ type: 'button', down, at: s * S });

const run = (inputs: readonly TurnInput[], settings: Partial<TurnSettings> = {}): TurnDecision[] => {
  const turns = new Turns(settings);
  return inputs.flatMap((one) => turns.take(one));
};
const names = (decisions: readonly TurnDecision[]) => decisions.map(({ type }) => type);

t.test('a question in silence is a turn, which ends after the delay', async (t) => {
  const decisions = run([
    speech(1),
    silence(2),
    advance(2.5),
    advance(2.61),
    final(3, 1, 'What time is it?'),
  ]);
  t.same(decisions, [
    { type: 'turn-start', turn: 1, from: 0.8 * S, at: 1.064 * S },
    { type: 'turn-end', turn: 1, from: 0.8 * S, to: 2 * S, at: 2.61 * S },
    { type: 'said', turn: 1, text: 'What time is it?', at: 3 * S },
  ]);
});

t.test('a pause for thought is not the end', async (t) => {
  const inputs = [speech(1), silence(2), advance(2.5), speech(2.52), silence(4), advance(4.5)];
  t.same(names(run(inputs)), ['turn-start']);
  t.match(run([...inputs, advance(4.7)])[1], { type: 'turn-end', from: 0.8 * S, to: 4 * S });
});

t.test(
  'a pause that may be the end is told where that is wanted, with when it would be; and who goes on',
  async (t) => {
    const turns = new Turns({ pauses: true });
    const inputs = [speech(1), silence(2), advance(2.5), speech(2.52), silence(4), advance(4.7)];
    const decisions = inputs.flatMap((one) => turns.take(one));
    t.same(names(decisions), ['turn-start', 'pause', 'goes-on', 'pause', 'turn-end']);
    t.match(decisions[1], { turn: 1, due: 2.6 * S, at: 2.25 * S });
    t.same(names(run([speech(1), silence(1.1)], { pauses: true })), ['turn-start'], 'a cough is none');
    t.same(names(run([speech(1), silence(2)], { pauses: true, endDelay: 200 })), ['turn-start', 'turn-end']);
    const pressed = new Turns({ pauses: true });
    for (const one of [speech(1), silence(2)]) pressed.take(one);
    t.ok(pressed.wants('What time is it?'));
    t.notOk(pressed.wants(' '));
    t.match(pressed.set({ mode: 'push-to-talk' }, 2.3 * S), [{ type: 'goes-on', turn: 1 }]);
  },
);

t.test('the end of a turn is noticed by the next speech, too', async (t) => {
  t.same(names(run([speech(1), silence(2), speech(5)])), ['turn-start', 'turn-end', 'turn-start']);
});

t.test('a voice over ours takes the turn at once, and once', async (t) => {
  const inputs = [
    saying(0.5, 'Once upon a time'),
    speech(1),
    partial(1.5, 'no stop that'),
    advance(2),
    silence(2.5),
  ];
  const decisions = run(inputs);
  t.same(names(decisions), ['turn-start', 'barge-in']);
  t.match(decisions[1], { turn: 1, at: 1.064 * S });
});

t.test('words may be what it takes, or nothing may', async (t) => {
  const over = [saying(0, 'Once upon a time'), speech(1)];
  const words = { bargeIn: 'words' } as const;
  t.same(names(run([...over, advance(3), partial(3, 'mhm')], words)), ['turn-start']);
  t.same(names(run([...over, partial(2, 'wait'), partial(3, 'wait please')], words)), [
    'turn-start',
    'barge-in',
  ]);
  t.same(names(run([...over, partial(2, 'wait a moment please')], { bargeIn: 'off' })), ['turn-start']);
});

t.test('a cough, a mhm and our own voice give the turn back', async (t) => {
  const over = [saying(0, 'The weather is fine today'), speech(1)];
  const cough = run([...over, silence(1.1), advance(2)]);
  t.match(cough.at(-1), { type: 'nothing', why: 'short', resume: true });
  const rest = [...over, silence(1.6), advance(2.3)];
  t.match(run([...rest, final(3, 1, 'Mm-hm.')]).at(-1), {
    type: 'nothing',
    why: 'backchannel',
    resume: true,
  });
  t.match(run([...rest, final(3, 1, ' ')]).at(-1), { type: 'nothing', why: 'empty', resume: true });
  t.match(run([...rest, final(3, 1, 'weather is fine')]).at(-1), { type: 'nothing', why: 'echo' });
  t.match(run([...rest, final(3, 1, 'and tomorrow?')]).at(-1), { type: 'said' });
  const words = run([...rest, final(3, 1, 'weather is fine')], { bargeIn: 'words' });
  t.match(words.at(-1), { type: 'nothing', resume: false }, 'nothing was taken, nothing comes back');
});

t.test('what is a mhm while we speak is an answer when we are done', async (t) => {
  const inputs = [speech(1), silence(1.5), advance(2.3), final(3, 1, 'Yes.')];
  t.match(run(inputs).at(-1), { type: 'said', text: 'Yes.' });
  const outlasted = [
    saying(0, 'Shall we?'),
    speech(1),
    saying(1.3, ''),
    silence(1.6),
    advance(2.3),
    final(3, 1, 'Yes.'),
  ];
  t.match(run(outlasted, { bargeIn: 'off' }).at(-1), { type: 'said' });
  t.match(
    run([
      saying(0, 'The sky is blue'),
      saying(2, ''),
      speech(3),
      silence(4),
      advance(5),
      final(5, 1, 'the sky is blue'),
    ]).at(-1),
    {
      type: 'said',
    },
  );
});

const likely = (s: number, likely = true): TurnInput => ({ type: 'likely', likely, at: s * S });

t.test('what may become a voice over ours makes us unheard until it is known', async (t) => {
  const over = saying(0.5, 'Once upon a time');
  const ducks = (inputs: readonly TurnInput[], settings: Partial<TurnSettings> = {}) =>
    run(inputs, settings).flatMap((one) => (one.type === 'duck' ? [one.on] : []));
  t.same(run([over, likely(1), likely(1.1, false)]), [
    { type: 'duck', turn: 1, on: true, at: 1 * S },
    { type: 'duck', turn: 1, on: false, at: 1.1 * S },
  ]);
  t.same(names(run([over, likely(0.95), speech(1)])), ['duck', 'turn-start', 'barge-in'], 'the cut ends it');
  t.same(ducks([over, likely(1), saying(1.05, '')]), [true, false], 'who falls silent is not kept so');
  t.same(ducks([likely(1), likely(1.1, false)]), [], 'nobody is talked over');
  t.same(ducks([over, likely(1)], { bargeIn: 'words' }), [], 'a voice takes nothing');
  t.same(ducks([over, likely(1)], { mode: 'push-to-talk' }), []);
  const again = [over, likely(0.95), speech(1), silence(1.2), likely(1.5), speech(1.6)];
  t.same(ducks(again), [true], 'what was cut is silent already');
});

t.test('push to talk: the button is the turn, speech is none', async (t) => {
  const ptt = { mode: 'push-to-talk' } as const;
  const inputs = [
    saying(0, 'Once upon'),
    speech(1),
    advance(2),
    button(3, true),
    button(3.1, true),
    silence(4),
    advance(9),
    button(9.5, false),
  ];
  const decisions = run([...inputs, final(10, 1, 'mhm')], ptt);
  t.same(names(decisions), ['turn-start', 'barge-in', 'turn-end', 'said']);
  t.match(decisions[2], { from: 3 * S, to: 9.5 * S });
  t.same(
    names(run([button(1, true), advance(40)], ptt)),
    ['turn-start', 'turn-end'],
    'a stuck one is let go',
  );
});

t.test('who never stops is interrupted by the longest turn, and begins another', async (t) => {
  const decisions = run([speech(1), advance(10.9), advance(11)], { maxTurn: 10_200 });
  t.match(decisions[1], { type: 'turn-end', from: 0.8 * S, to: 11 * S });
});

t.test(
  'whatever happens: turns begin and end once, in time, and only a voice that we talk over is silenced',
  async () => {
    const step = fc.record({
      kind: fc.constantFrom('speech', 'silence', 'partial', 'final', 'say', 'hush', 'down', 'up', 'advance'),
      wait: fc.nat(1500),
      text: fc.constantFrom('', 'mhm', 'wait', 'no wait a moment', 'once upon a time'),
      turn: fc.integer({ min: 1, max: 8 }),
    });
    const settings = fc.record({
      mode: fc.constantFrom('auto' as const, 'push-to-talk' as const),
      bargeIn: fc.constantFrom('voice' as const, 'words' as const, 'off' as const),
      minWords: fc.integer({ min: 1, max: 3 }),
      endDelay: fc.nat(1200),
      minTurn: fc.nat(400),
      maxTurn: fc.integer({ min: 500, max: 6000 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), settings, (steps, set) => {
        const turns = new Turns(set);
        let [at, last, open, said, over] = [0, 0, 0, 0, false];
        const ended = new Map<number, string>();
        for (const { kind, wait, text, turn } of steps) {
          at += wait * 1e6;
          const inputs: Record<string, TurnInput> = {
            speech: { type: 'speech', pts: Math.max(0, at - 96e6), from: Math.max(0, at - 300e6), at },
            silence: { type: 'silence', pts: Math.max(0, at - 250e6), at },
            partial: { type: 'partial', text, at },
            final: { type: 'final', turn, text, at },
            say: { type: 'saying', text: 'once upon a time', at },
            hush: { type: 'saying', text: '', at },
            down: { type: 'button', down: true, at },
            up: { type: 'button', down: false, at },
            advance: { type: 'advance', at },
          };
          const before = over;
          if (kind === 'say') over = true;
          if (kind === 'hush') over = false;
          for (const decision of turns.take(inputs[kind] as TurnInput)) {
            if (decision.at < last) return false;
            last = decision.at;
            const { type } = decision;
            if (type === 'turn-start') {
              if (open !== 0 || decision.turn <= said) return false;
              open = said = decision.turn;
            } else if (type === 'barge-in') {
              if (
                !(over || before) ||
                decision.turn !== open ||
                (set.bargeIn === 'off' && set.mode === 'auto')
              )
                return false;
              if (ended.get(open) === 'barged') return false;
              ended.set(open, 'barged');
            } else if (type === 'turn-end' || (type === 'nothing' && decision.why === 'short')) {
              if (decision.turn !== open) return false;
              if (type === 'turn-end' && decision.to < decision.from) return false;
              if (type === 'nothing' && decision.resume !== (ended.get(open) === 'barged')) return false;
              ended.set(open, type === 'nothing' ? 'done' : 'ended');
              open = 0;
            } else {
              // Words come for turns that have ended, once.
              if (ended.get(decision.turn) !== 'ended') return false;
              ended.set(decision.turn, 'done');
            }
          }
          if ((turns.open ?? 0) !== open) return false;
        }
        return true;
      }),
      { numRuns: 400 },
    );
  },
);
