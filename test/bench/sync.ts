/**
 * Are voice and face together at the end of every output, how late is that end, and where does the time go? `talkgraph bench sync`.
 *
 * Beeps and flashes through the whole face path (graphs/lab/sync.yaml), one session with all outputs at once: Chromium, a receiver of
 * our own, RTMP through nginx as a player gets it, WHIP to aiortc, MP4 and Matroska. By content: what is drawn and played, not what
 * any statistics claim.
 *
 * Chromium itself lets a pair of streams be 30 ms apart before it mends anything, and each page settles elsewhere in there, with a
 * sender that is exact as well. So in turn pages see the session and such a sender (gst-launch-1.0, which our receiver shows to be
 * exact), and the median of the latter is the zero of the scale in this run.
 */
import { openGraph } from '../../src/graph/open.js';
import { hasAiortc } from '../support/foreign.js';
import { Lab, type Meter, type Pair, type Taken, TONES } from '../support/outputs/meter.js';
import { ChromiumMeter, ReceiverMeter } from '../support/outputs/players.js';
import { RecordingMeter } from '../support/outputs/recording.js';
import { RtmpMeter, WhipMeter } from '../support/outputs/servers.js';
import { Chromium, hasChromium } from '../webrtc/support/chromium.js';
import { quantile, skewOf } from '../webrtc/support/skew.js';
import { prepare, wait } from './support/face.js';
import { percentile, progress, type Row, report } from './support/report.js';
import { traced } from './support/traced.js';
import { zeroOf } from './support/zero.js';

/** Pages that see the exact sender, and as many that see ours. */
const PAGES = 5;
/** Seconds a page is watched for, one event each: a single one is only good to a frame of the display. */
const EVENTS = 12;
const SETTLE_S = 12;
const TRACED_S = 10;
/** ms that the median may be off, and a single event from the median at most; DESIGN's table. */
const GOALS: Readonly<Record<string, { median: number; p99?: number }>> = {
  chromium: { median: 15 },
  receiver: { median: 5, p99: 15 },
  rtmp: { median: 10, p99: 10 },
  mp4: { median: 10, p99: 10 },
  mkv: { median: 10, p99: 10 },
};

/** Pages in turn; what they see of ours has the median of what they see of the exact sender taken off. */
async function chromium(lab: Lab): Promise<Taken> {
  const zeros: number[] = [];
  const seen: Taken[] = [];
  for (let page = 1; page <= PAGES; page++) {
    const browser = await Chromium.launch();
    zeros.push(await zeroOf(browser, EVENTS, SETTLE_S));
    const meter = new ChromiumMeter(lab, async () => browser);
    await meter.begin();
    await wait(SETTLE_S * 1000);
    await meter.take();
    await wait(EVENTS * 1000);
    seen.push(await meter.take());
    await meter.end();
    const ours = quantile(seen.at(-1)?.pairs.map(({ skew }) => skew) ?? [], 0.5);
    progress(
      `page ${page} of ${PAGES}: the exact sender ${zeros.at(-1)?.toFixed(1)} ms, ours ${ours.toFixed(1)} ms`,
    );
  }
  const zero = quantile(zeros, 0.5);
  const pairs = seen.flatMap((one): Pair[] => one.pairs.map(({ at, skew }) => ({ at, skew: skew - zero })));
  return { pairs, latencies: seen.flatMap(({ latencies }) => latencies) };
}

const avatar = await prepare();
const elements = await traced(TRACED_S);
const lab = new Lab(await openGraph('graphs/lab/sync.yaml', { text: TONES }));
await lab.pipeline.play();
const meters: Meter[] = [
  new ReceiverMeter(lab),
  new RtmpMeter(lab),
  new RecordingMeter(lab, 'mp4'),
  new RecordingMeter(lab, 'mkv'),
  ...(hasAiortc ? [new WhipMeter(lab)] : []),
];
for (const meter of meters) {
  await meter.begin();
  progress(`${meter.name} is connected`);
}
const found: (readonly [name: string, taken: Taken])[] = [];
if (hasChromium) found.push(['chromium', await chromium(lab)]);
else await wait(PAGES * EVENTS * 1000);
for (const meter of meters) {
  found.push([meter.name, await meter.take()]);
  await meter.end();
}
await lab.pipeline.close();
avatar.close();
if (lab.errors.length > 0) throw new Error(lab.errors.join(' '));

const outputs = found.map(([output, { pairs }]) => ({ output, ...skewOf(pairs) }));
const latency = found.flatMap(([output, { latencies }]) =>
  latencies.length === 0
    ? []
    : [{ output, median: quantile(latencies, 0.5), p99: quantile(latencies, 0.99), n: latencies.length }],
);
const rows: Row[] = [
  ...outputs.flatMap(({ output, n, median, min, max, p99 }): Row[] => {
    const { median: most, p99: furthest } = GOALS[output] ?? {};
    const within =
      most === undefined
        ? []
        : [
            { of: 'value' as const, max: most },
            { of: 'value' as const, min: -most },
          ];
    return [
      {
        what: `${output}, voice against face, median`,
        unit: 'ms',
        n,
        value: median,
        budgets: within,
        note: `+ is voice late; from ${min.toFixed(2)} to ${max.toFixed(2)}`,
      },
      {
        what: `${output}, distance from the median, p99`,
        unit: 'ms',
        n,
        value: p99,
        ...(furthest !== undefined && { budgets: [{ of: 'value' as const, max: furthest }] }),
      },
    ];
  }),
  ...found.flatMap(([output, { latencies }]): Row[] =>
    latencies.length === 0
      ? []
      : [
          {
            what: `${output}, from the moment of a picture to ${output === 'chromium' ? 'the screen' : 'its player'}`,
            unit: 'ms',
            n: latencies.length,
            p50: percentile(latencies, 0.5),
            p95: percentile(latencies, 0.95),
            p99: percentile(latencies, 0.99),
          },
        ],
  ),
];
report(rows, { outputs, latency, elements });
