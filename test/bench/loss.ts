/**
 * What a viewer in Chromium sees and hears over a bad line: a relay of ours between the page and the session loses packets, or
 * carries no more than 300 kbit/s. The line is good for ten seconds, then bad.
 *
 * A second page beside it has a good line all the time: it must not notice.
 *
 * With FEEDBACK=FILE what the page reports is written there, a second at a time, from when it came: test/webrtc/fixtures/feedback.json.
 */
import { writeFile } from 'node:fs/promises';
import { openGraph } from '../../src/graph/open.js';
import type { LinkReport } from '../../src/webrtc/line.js';
import type { ViewerSink } from '../../src/webrtc/viewers.js';
import { Chromium, type ChromiumViewer, hasChromium } from '../webrtc/support/chromium.js';
import { type LineOptions, Relay } from '../webrtc/support/relay.js';
import { prepare, viewersOf } from './support/face.js';
import { progress, type Row, report } from './support/report.js';

const LINES: readonly (readonly [name: string, line: LineOptions])[] = [
  ['3 % loss', { loss: 0.03, delay: 20 }],
  ['10 % loss', { loss: 0.1, delay: 20 }],
  ['300 kbit/s', { rate: 300_000, queue: 200, delay: 20 }],
];
const GOOD: LineOptions = { delay: 20 };
const GOOD_S = 10;
const BAD_S = 40;
/** A picture that stands for longer is a freeze, ms. */
const FREEZE = 500;
/** What pages reported, by the name of their line. */
const reported: Record<string, LinkReport[]> = {};
const TEXT = 'The line between us is not what it was, but you still see me speak, and hear each word I say. ';

/** In the page: when each picture came to the screen, ms of its own clock. */
const WATCH = `
  window.shown = [];
  const video = document.querySelector('video');
  const note = () => { window.shown.push(performance.now()); video.requestVideoFrameCallback(note); };
  video.requestVideoFrameCallback(note);
`;

interface Seen {
  /** Pictures that stood too long: when they began, ms since the line became bad, and for how long. */
  freezes: { at: number; ms: number }[];
  longest: number;
  /** Of the sound, how much was made up. Percent */
  concealed: number;
  /** Both tracks, kbit/s, of the last half of the time. */
  bitrate: number;
  width: number;
}

async function numbers(viewer: ChromiumViewer) {
  const { video, audio } = await viewer.stats();
  const of = (stats: typeof video, name: string) => Number(stats?.[name] ?? 0);
  return {
    bytes: of(video, 'bytesReceived') + of(audio, 'bytesReceived'),
    concealed: of(audio, 'concealedSamples') - of(audio, 'silentConcealedSamples'),
    samples: of(audio, 'totalSamplesReceived'),
    width: of(video, 'frameWidth'),
  };
}

/** Watches a page for the bad time. */
async function watch(viewer: ChromiumViewer): Promise<Seen> {
  const from = Number(await viewer.page.evaluate('performance.now()'));
  const before = await numbers(viewer);
  await viewer.settle(BAD_S / 2);
  const half = await numbers(viewer);
  await viewer.settle(BAD_S / 2);
  const after = await numbers(viewer);
  const shown = (await viewer.page.evaluate('window.shown')) as number[];
  const until = Number(await viewer.page.evaluate('performance.now()'));
  const times = [...shown.filter((at) => at >= from), until];
  const gaps = times.map((at, n) => ({ at: (times[n - 1] ?? from) - from, ms: at - (times[n - 1] ?? from) }));
  return {
    freezes: gaps.filter(({ ms }) => ms > FREEZE),
    longest: Math.max(...gaps.map(({ ms }) => ms)),
    concealed: (100 * (after.concealed - before.concealed)) / Math.max(1, after.samples - before.samples),
    bitrate: ((after.bytes - half.bytes) * 8) / (BAD_S / 2) / 1000,
    width: after.width,
  };
}

async function tried(browser: Chromium, sink: ViewerSink, name: string, bad: LineOptions): Promise<Row[]> {
  const relay = await Relay.open(GOOD);
  const beside = await browser.view(async (offer) => (await sink.answer(offer)).sdp, { watch: false });
  let id = '';
  const viewer = await browser.view(
    async (offer) => {
      const answer = await sink.answer(relay.hidden(offer));
      id = answer.id;
      return relay.between(answer.sdp);
    },
    { watch: false },
  );
  const series: LinkReport[] = [];
  reported[name] = series;
  const recording = setInterval(() => {
    const { loss, estimate, bitrate, shortestRtt } =
      sink.audience().find((one) => one.id === id)?.stats ?? {};
    const rtt = shortestRtt === undefined ? undefined : Math.round(shortestRtt);
    series.push({ loss: loss && Math.round(loss * 1000) / 1000, estimate, sent: bitrate ?? 0, rtt });
  }, 1000);
  try {
    for (const page of [viewer.page, beside.page]) await page.evaluate(WATCH);
    await viewer.settle(GOOD_S);
    relay.line = bad;
    const [seen, other] = await Promise.all([watch(viewer), watch(beside)]);
    const low = sink.audience().find((one) => one.id === id)?.low === true;
    const last = seen.freezes.at(-1);
    return [
      {
        what: `${name}: pictures that stood over ${FREEZE} ms`,
        unit: '',
        n: BAD_S,
        value: seen.freezes.length,
        budgets: [{ of: 'value', max: 0 }],
        note: `the longest stood ${Math.round(seen.longest)} ms; ${low ? 'it was shown the low rendition' : 'it was shown the ordinary rendition'}, ${seen.width} pixels wide, at the end`,
      },
      {
        what: `${name}: until the picture moved for good`,
        unit: 's',
        n: 1,
        value: last === undefined ? 0 : (last.at + last.ms) / 1000,
        budgets: [{ of: 'value', max: 3 }],
      },
      { what: `${name}: sound made up`, unit: '%', n: BAD_S, value: seen.concealed },
      { what: `${name}: in use`, unit: 'kbit/s', n: BAD_S / 2, value: seen.bitrate },
      {
        what: `${name}: the page beside it, pictures that stood`,
        unit: '',
        n: BAD_S,
        value: other.freezes.length,
        budgets: [{ of: 'value', max: 0 }],
      },
    ];
  } finally {
    clearInterval(recording);
    await viewer.close();
    await beside.close();
    relay.close();
  }
}

if (!hasChromium) throw new Error('this bench needs Chromium: "npm run setup -- --tests"');
const avatar = await prepare({});
const browser = await Chromium.launch();
try {
  const { FEEDBACK } = process.env;
  const rows: Row[] = [];
  for (const [name, line] of LINES) {
    const { pipeline, ends } = await openGraph('graphs/webrtc.yaml');
    pipeline.on('error', (error) => {
      throw error;
    });
    // Whether a line is too small shows best where nobody sends less; whether it loses anyhow, where somebody does.
    if (FEEDBACK !== undefined && line.rate !== undefined) ends.out?.set('adapt', false);
    await pipeline.play();
    pipeline.element('say').emit('say', TEXT.repeat(20), null, null);
    progress(`${name}: ${GOOD_S + BAD_S} s`);
    rows.push(...(await tried(browser, viewersOf(ends.out), name, line)));
    await pipeline.close();
  }
  if (FEEDBACK === undefined) report(rows);
  else await writeFile(FEEDBACK, `${JSON.stringify(reported)}\n`);
} finally {
  avatar.close();
  await browser.close();
}
