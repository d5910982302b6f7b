/**
 * What those who watch notice of an attack: nothing.
 *
 * A server as `talkgraph serve` makes it speaks to a viewer of our own in another process, and is attacked from a third one: each kind
 * of attack for a while, as ten addresses may by the limits, and nothing for as long before and behind them. What the viewer gets
 * is compared with what it got while it was quiet: on a machine that does something else besides, both are worse.
 *
 *   npm run bench -- attack            or: node dist/test/bench/attack.js [SECONDS of each [KIND]]
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { serverOf } from '../server/support/server.js';
import { ATTACKS, Attack, type AttackKind, type Tries } from './support/attackers.js';
import { type Arrival, Audience, type Followed } from './support/audience.js';
import { prepare, SIZE, wait } from './support/face.js';
import { percentile, progress, type Row, report } from './support/report.js';

const SECONDS = Number(process.argv[2] ?? 10);
const kinds = process.argv[3] === undefined ? ATTACKS : [process.argv[3] as AttackKind];
const TOKEN = 'sesame';
const TEXT =
  'They knock at every door and shake every window, and I speak on as if nobody were there. '.repeat(6);
/** RTP ticks of a picture, of 10 ms of sound; ms of a picture. */
const [PICTURE, SOUND, PICTURE_MS] = [3600, 480, 40];
/** ms between two cuts, and for which the sound is looked at behind each. */
const [CUT_EVERY_MS, CUT_MS] = [1500, 400];
/** Bytes of a packet with sound; of silence Opus sends three, once it has heard so much of it (its DTX). */
const [SOUNDING, HANGOVER_MS] = [30, 200];

const avatar = await prepare();
const server = await serverOf(1, { token: TOKEN }, { graph: 'webrtc.yaml', parameters: { ...SIZE } });
const headers = { authorization: `Bearer ${TOKEN}` };
const audience = Audience.begin(async (sdp) => {
  const { body } = await server.post('/offer', { sdp, type: 'offer' }, headers);
  return String(body['sdp']);
});
await audience.grow(1);
const [session] = server.sessions.list();
if (session === undefined) throw new Error('the session is not there');
const loop = monitorEventLoopDelay({ resolution: 1 });

interface Part {
  /** ms between the ends of two pictures. */
  readonly gaps: readonly number[];
  readonly pictures: number;
  readonly missed: number;
  readonly sound: number;
  readonly silent: number;
  /** ms from a cut to the last packet with a voice in it. */
  readonly cuts: readonly number[];
  /** ms by which the event loop was late. */
  readonly loop: number;
  readonly tries: Tries;
}

/** Of what should have come between the first and the last: how much did not. */
function missing(arrivals: readonly Arrival[], ticks: number): number {
  const [first, last] = [arrivals[0]?.rtp ?? 0, arrivals.at(-1)?.rtp ?? 0];
  return Math.round(((last - first) >>> 0) / ticks) + 1 - new Set(arrivals.map(({ rtp }) => rtp)).size;
}

function cutLatency(cut: number, { sound }: Followed): number {
  const loud = sound.filter(({ at, bytes }) => at > cut && at < cut + CUT_MS && bytes > SOUNDING);
  return Math.max(0, (loud.at(-1)?.at ?? cut) - cut - HANGOVER_MS);
}

async function part(kind?: AttackKind): Promise<Part> {
  const target = { url: server.url, token: TOKEN, session: session?.id ?? '' };
  const attack = kind === undefined ? undefined : new Attack({ ...target, kind });
  await attack?.begun();
  await wait(1000);
  loop.reset();
  loop.enable();
  const following = audience.follow(SECONDS);
  const cuts: number[] = [];
  for (let at = 0; at + CUT_EVERY_MS <= SECONDS * 1000; at += CUT_EVERY_MS) {
    session?.say({ text: TEXT });
    await wait(CUT_EVERY_MS - CUT_MS);
    cuts.push(performance.timeOrigin + performance.now());
    session?.cut();
    await wait(CUT_MS);
  }
  const followed = await following;
  loop.disable();
  const tries = (await attack?.end()) ?? {};
  const { pictures, sound } = followed;
  return {
    gaps: pictures.slice(1).map(({ at }, n) => at - (pictures[n]?.at ?? 0)),
    pictures: pictures.length,
    missed: missing(pictures, PICTURE),
    sound: sound.length,
    silent: missing(sound, SOUND),
    cuts: cuts.map((cut) => cutLatency(cut, followed)),
    loop: loop.percentile(99) / 1e6,
    tries,
  };
}

function tell(name: string, { gaps, pictures, missed, silent, sound, cuts, loop, tries }: Part): void {
  const ms = (value: number) => value.toFixed(1);
  const late = gaps.filter((gap) => gap > 2 * PICTURE_MS).length;
  progress(
    `${name}: ${missed} of ${pictures} pictures missed, ${late} late, gap p99 ${ms(percentile(gaps, 0.99))} ms; ${silent} of ${sound} sounds missed; cut p50 ${ms(percentile(cuts, 0.5))}, at most ${ms(Math.max(...cuts))} ms; event loop p99 ${ms(loop)} ms; ${JSON.stringify(tries)}`,
  );
}

const quiet: Part[] = [];
const attacked = new Map<AttackKind, Part>();
const calm = async () => {
  const found = await part();
  tell('quiet', found);
  quiet.push(found);
};
await part();
await calm();
for (const kind of kinds) {
  const found = await part(kind);
  tell(kind, found);
  attacked.set(kind, found);
  // What it left is over before the next one begins.
  await wait(2000);
}
await calm();
audience.end();
avatar.close();

const usual = percentile(
  quiet.flatMap(({ gaps }) => gaps),
  0.99,
);
const rows = [['nobody attacks', quiet[1]] as const, ...attacked].flatMap(([name, found]): Row[] => {
  if (found === undefined) return [];
  const p99 = percentile(found.gaps, 0.99);
  return [
    {
      what: `${name}: between two pictures`,
      unit: 'ms',
      n: found.gaps.length,
      p50: percentile(found.gaps, 0.5),
      p95: percentile(found.gaps, 0.95),
      p99,
      budgets: [{ of: 'p99', max: usual + PICTURE_MS }],
      ratio: { than: 'p99 while it is quiet', value: p99 / usual },
      note: Object.entries(found.tries)
        .map(([what, times]) => `${times} x ${what}`)
        .join(', '),
    },
    {
      what: `${name}: pictures and pieces of sound missed`,
      unit: '',
      n: found.pictures + found.sound,
      value: found.missed + found.silent,
      budgets: [{ of: 'value', max: 0 }],
    },
    {
      what: `${name}: cut until the viewer has the last of the voice`,
      unit: 'ms',
      n: found.cuts.length,
      p50: percentile(found.cuts, 0.5),
      p95: percentile(found.cuts, 0.95),
      p99: percentile(found.cuts, 0.99),
    },
    { what: `${name}: event loop late, p99`, unit: 'ms', n: 1, value: found.loop },
  ];
});
report(rows);
