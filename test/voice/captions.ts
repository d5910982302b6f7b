import t from 'tap';
import { Captions, type Cue, vttCue } from '../../src/voice/captions.js';
import fc from '../support/fastcheck.js';

const S = 1e9;
/** Marks of a sentence whose words last so long each, from `at` on. */
const words = (captions: Captions, text: string, at: number, each: number): Cue[] => [
  ...captions.mark('sentence', { text, pts: at * S }),
  ...text.split(' ').flatMap((word, n) => {
    const pts = (at + n * each) * S;
    const cues = captions.advance(pts);
    return [
      ...cues,
      ...captions.mark('word', { text: word.replace(/[,.!?]$/, ''), pts, duration: each * S }),
    ];
  }),
];
const shown = (cues: readonly Cue[]) =>
  cues.map(({ pts, duration, text }) => [Math.round(pts / 1e6), Math.round((pts + duration) / 1e6), text]);

t.test('a sentence is a cue, from its first sound to the next', async (t) => {
  const captions = new Captions();
  captions.advance(0);
  const cues = [
    ...captions.mark('utterance-start', { pts: 0.52 * S }),
    ...words(captions, 'Hello there.', 0.52, 0.4),
    ...words(captions, 'How are you?', 1.5, 0.3),
    ...captions.mark('utterance-end', { pts: 2.48 * S }),
    ...captions.finish(3 * S),
  ];
  t.same(shown(cues), [
    [0, 520, ''],
    [520, 1500, 'Hello there.'],
    [1500, 2480, 'How are you?'],
    [2480, 3000, ''],
  ]);
});

t.test('a long sentence comes in pieces that end at words, signs included', async (t) => {
  const captions = new Captions();
  const text = 'One, two, three, four, five, six, seven, eight.';
  const cues = [...words(captions, text, 0, 0.7), ...captions.mark('utterance-end', { pts: 5.6 * S })];
  t.same(shown(cues), [
    [0, 2800, 'One, two, three, four,'],
    [2800, 5600, 'five, six, seven, eight.'],
  ]);
});

t.test('of a sentence without words all stays, told again and again', async (t) => {
  const captions = new Captions();
  captions.mark('sentence', { text: 'Nobody says\nwhere we are.', pts: S });
  const cues = [
    ...captions.advance(2 * S),
    ...captions.advance(4.2 * S),
    ...captions.mark('utterance-end', { pts: 5 * S }),
  ];
  t.same(shown(cues), [
    [1000, 4200, 'Nobody says where we are.'],
    [4200, 5000, 'Nobody says where we are.'],
  ]);
});

t.test('a cut leaves of a cue what was heard, and nothing of what would have followed', async (t) => {
  const captions = new Captions();
  const cues = words(captions, 'Alpha bravo charlie delta', 1, 0.5);
  // In the second half of "charlie".
  cues.push(...captions.cut(2.4 * S), ...captions.advance(2.4 * S));
  cues.push(...captions.mark('word', { text: 'echo', pts: 3 * S, duration: S / 2 }));
  cues.push(...captions.mark('sentence', { text: 'Never heard.', pts: 3.5 * S }));
  cues.push(...captions.mark('utterance-start', { pts: 4 * S }), ...words(captions, 'Yes.', 4, 0.5));
  cues.push(...captions.mark('utterance-end', { pts: 4.5 * S }));
  t.same(
    shown(cues).filter(([, , text]) => text !== ''),
    [
      [1000, 2400, 'Alpha bravo charlie'],
      [4000, 4500, 'Yes.'],
    ],
  );
});

t.test('a replayed cut is told of before it takes place', async (t) => {
  const captions = new Captions();
  captions.cut(1.6 * S);
  const cues = [...words(captions, 'Alpha bravo charlie delta', 0, 0.5), ...captions.finish(3 * S)];
  t.same(shown(cues)[0], [0, 1600, 'Alpha bravo charlie']);
});

t.test(
  'whatever is marked: cues follow each other without a hole, none is longer than it may be',
  async () => {
    const steps = fc.array(
      fc.record({
        wait: fc.integer({ min: 0, max: 1500 }),
        what: fc.constantFrom('sentence', 'word', 'utterance-start', 'utterance-end', 'cut', 'sound'),
      }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(steps, (list) => {
        const captions = new Captions();
        const cues = captions.advance(0);
        let now = 0;
        for (const { wait, what } of list) {
          // Sound comes in frames of 40 ms.
          for (const end = now + wait * 1e6; now < end; now = Math.min(end, now + 40e6))
            cues.push(...captions.advance(now));
          if (what === 'cut') cues.push(...captions.cut(Math.max(0, now - 60e6)));
          else if (what !== 'sound')
            cues.push(
              ...captions.mark(what, {
                text: what === 'word' ? 'so' : 'so and so on',
                pts: now,
                duration: 2e8,
              }),
            );
        }
        cues.push(...captions.finish(now));
        let at = 0;
        for (const { pts, duration } of cues) {
          if (pts !== at || duration <= 0 || duration > 3.05e9) return false;
          at = pts + duration;
        }
        return at === now;
      }),
    );
  },
);

t.test('what is written cannot be taken for anything but text', async (t) => {
  t.equal(
    vttCue({ pts: 3_661_002e6, duration: 1500e6, text: 'a <b> & c --> d\n\nNOTE x' }, 1e9),
    '01:01:00.002 --> 01:01:01.502\na &lt;b&gt; &amp; c --&gt; d NOTE x\n\n',
  );
  t.equal(vttCue({ pts: 0, duration: 1e9, text: ' ' }, 0), '');
});
