import t from 'tap';
import { Ladder, type Rung, rungsOf } from '../../src/webrtc/ladder.js';
import { ModelLine } from './support/line.js';

const BITRATE = 1_500_000;

/** A session on virtual time: its viewers, each with a line, and what the ladder says. */
class Session {
  readonly ladder = new Ladder(BITRATE);
  readonly rates: Record<Rung, number> = { ordinary: BITRATE, low: rungsOf(BITRATE).low?.ceiling ?? 0 };
  /** `second viewer rung` */
  readonly moves: string[] = [];
  /** Per second: the ordinary rate, and per viewer the fraction lost. */
  readonly told: number[] = [];
  readonly lost = new Map<string, number[]>();
  second = 0;
  readonly #lines: Map<string, ModelLine>;

  constructor(lines: Record<string, ModelLine>) {
    this.#lines = new Map(Object.entries(lines));
  }

  /** @param demand what the picture needs, bit/s: an avatar that only breathes takes little */
  run(seconds: number, demand = Number.POSITIVE_INFINITY): this {
    for (let n = 0; n < seconds; n++) {
      this.second++;
      for (const [viewer, line] of this.#lines) {
        const rung = this.ladder.rung(viewer);
        const report = line.second(Math.min(this.rates[rung], rung === 'low' ? demand / 3 : demand));
        this.lost.set(viewer, [...(this.lost.get(viewer) ?? []), report.loss ?? 0]);
        this.ladder.report(viewer, report);
      }
      const { moves, rates } = this.ladder.step();
      for (const [rung, rate] of rates) this.rates[rung] = rate;
      for (const { viewer, rung } of moves) this.moves.push(`${this.second} ${viewer} ${rung}`);
      this.told.push(this.rates.ordinary);
    }
    return this;
  }
}

t.test('a clean line keeps the full bitrate, also when the picture wakes up', async (t) => {
  const session = new Session({ a: new ModelLine() }).run(20, 100_000).run(60);
  t.same(session.moves, []);
  t.ok(session.told.every((rate) => rate === BITRATE));
});

t.test('3 % random loss changes nothing', async (t) => {
  const session = new Session({ a: new ModelLine({ loss: 0.03 }) }).run(120);
  t.same(session.moves, []);
  t.ok(session.told.every((rate) => rate === BITRATE));
});

t.test('10 % random loss is found out to be no bottleneck', async (t) => {
  const session = new Session({ a: new ModelLine({ loss: 0.1 }), b: new ModelLine() }).run(120);
  t.same(session.moves, []);
  const full = session.told.filter((rate) => rate === BITRATE).length;
  t.ok(full > 110, `${full} of 120 s at the full bitrate`);
});

t.test(
  'behind 300 kbit/s a viewer moves down within three seconds; the others lose little, and that soon',
  async (t) => {
    for (const queue of [20, 100, 1000]) {
      const session = new Session({ a: new ModelLine({ capacity: 300_000, queue }), b: new ModelLine() }).run(
        60,
      );
      const [first = ''] = session.moves;
      t.match(first, /^\d+ a low$/);
      t.ok(Number.parseInt(first, 10) <= (queue > 500 ? 6 : 3), `queue of ${queue} ms: ${session.moves}`);
      t.ok(Math.min(...session.told) >= BITRATE / 2, 'the others never have less than half');
      const lowered = session.told.filter((rate) => rate < BITRATE).length;
      t.ok(lowered <= 12, `${lowered} s of 60 with less than all`);
      t.equal(session.told.at(-1), BITRATE);
      const late = session.lost.get('a')?.slice(8) ?? [];
      const troubled = late.filter((loss) => loss > 0.1).length;
      // A queue this short shows itself by loss alone, of which a tenth is borne.
      t.ok(
        troubled <= (queue < 50 ? 16 : 12),
        `${troubled} troubled seconds of ${late.length} on the low rung, trials included`,
      );
      t.ok(session.rates.low <= 345_000, `${session.rates.low} bit/s`);
    }
  },
);

t.test('a speaking avatar, that needs less than it may have, is judged by what it sends', async (t) => {
  const slow = new Session({ a: new ModelLine({ capacity: 300_000 }) }).run(30, 550_000);
  t.match(slow.moves[0], / a low$/);
  const enough = new Session({ a: new ModelLine({ capacity: 700_000 }) }).run(60, 550_000);
  t.same(enough.moves, []);
});

t.test('a line that has recovered gets the ordinary picture back and keeps it', async (t) => {
  const line = new ModelLine({ capacity: 300_000 });
  const session = new Session({ a: line, b: new ModelLine() }).run(30);
  line.capacity = Number.POSITIVE_INFINITY;
  const before = session.moves.length;
  session.run(90);
  t.match(session.moves.slice(before), [/ a ordinary$/]);
  t.equal(session.ladder.rung('a'), 'ordinary');
  t.ok(session.told.slice(-30).every((rate) => rate === BITRATE));
});

t.test('each trial that fails is followed by a longer wait, and costs nobody else anything', async (t) => {
  const session = new Session({ a: new ModelLine({ capacity: 300_000 }), b: new ModelLine() }).run(
    300,
    550_000,
  );
  const ups = session.moves
    .filter((move) => move.endsWith('ordinary'))
    .map((move) => Number.parseInt(move, 10));
  t.ok(ups.length >= 3 && ups.length <= 6, `trials at ${ups}`);
  const waits = ups.slice(1).map((at, n) => at - ups[n]!);
  t.ok(
    waits.every((wait, n) => n === 0 || wait > waits[n - 1]! * 1.4),
    `${waits} s between`,
  );
  t.ok(session.told.slice(ups[0]).every((rate) => rate === BITRATE));
});

t.test('a viewer that goes is forgotten, and a bitrate too small to share has one rung', async (t) => {
  const session = new Session({ a: new ModelLine({ capacity: 300_000 }) }).run(8);
  t.equal(session.ladder.rung('a'), 'low');
  session.ladder.forget('a');
  t.equal(session.ladder.rung('a'), 'ordinary');
  t.equal(rungsOf(120_000).low, undefined);
  t.same(rungsOf(1_000_000), {
    ordinary: { ceiling: 1_000_000, floor: 500_000 },
    low: { ceiling: 400_000, floor: 100_000 },
  });
});

t.test(
  'another bitrate leaves viewers where they are, and brings them up where there is no low rung any more',
  async (t) => {
    const session = new Session({ a: new ModelLine({ capacity: 300_000 }) }).run(8);
    session.ladder.bitrate = 2_000_000;
    t.same(session.ladder.step().moves, []);
    session.ladder.bitrate = 100_000;
    t.same(session.ladder.step().moves, [{ viewer: 'a', rung: 'ordinary' }]);
  },
);

t.test('a line that is overrun moves its viewer at once, and makes the low rung lower', async (t) => {
  const ladder = new Ladder(BITRATE);
  const fine = { loss: 0, estimate: 3e6, sent: 1.2e6, rtt: 40 };
  for (const viewer of ['a', 'b']) ladder.report(viewer, fine);
  t.same(ladder.step(), { moves: [], rates: [] });
  const { low } = rungsOf(BITRATE);
  t.same(ladder.overrun('a', 1.2e6, 0.25), {
    moves: [{ viewer: 'a', rung: 'low' }],
    rates: [['low', 180_000]],
  });
  t.ok(180_000 < (low?.ceiling ?? 0));
  t.equal(ladder.rung('b'), 'ordinary', 'the others stay where they are');
  t.same(ladder.overrun('a', 200_000, 0), { moves: [], rates: [['low', low?.floor]] });
});

t.test('an ordinary picture is tried again when the line takes all that the low one may have', async (t) => {
  const line = new ModelLine({ capacity: 300_000 });
  const session = new Session({ a: line }).run(120);
  t.equal(session.moves.length, 1, `${session.moves}`);
  line.capacity = Number.POSITIVE_INFINITY;
  session.run(60);
  t.match(session.moves[1], /^1[2-7]\d a ordinary$/);
});

t.test('what a line was full at is found out ever more seldom', async (t) => {
  const session = new Session({ a: new ModelLine({ capacity: 300_000, queue: 300 }) }).run(600);
  const troubled = (session.lost.get('a') ?? []).flatMap((loss, second) => (loss > 0.02 ? [second] : []));
  const [early, late] = [troubled.filter((at) => at < 300).length, troubled.filter((at) => at >= 300).length];
  t.ok(late <= early / 2, `${early} troubled seconds in five minutes, then ${late}`);
});
