/**
 * Are voice and face together in Chromium? Beeps and flashes through the whole face path (graphs/lab/sync.yaml), and as
 * the zero of the scale the same through gst-launch-1.0, which our own receiver shows to be exact.
 *
 * By content: what the page draws and plays, not what any statistics claim. Chromium itself lets a pair of streams be 30 ms
 * apart before it mends anything, and each page settles elsewhere in there, with a sender that is exact as well. So both
 * are seen by several pages in turn, and the medians of those are compared.
 */
import { openGraph } from '../../src/graph/open.js';
import { Peer } from '../../src/webrtc/peer.js';
import { PortPool } from '../../src/webrtc/ports.js';
import type { ViewerSink } from '../../src/webrtc/viewers.js';
import { Chromium, calibrate, hasChromium } from '../webrtc/support/chromium.js';
import { contentOf, skewsOf } from '../webrtc/support/content.js';
import { startGstSender } from '../webrtc/support/gst-sender.js';
import { Receiver } from '../webrtc/support/receiver.js';
import { quantile, type Skew, skewOf } from '../webrtc/support/skew.js';
import { prepare, viewersOf, wait } from './support/face.js';
import { progress, report } from './support/report.js';

/** Pages that see the exact sender, and as many that see ours. */
const PAGES = 5;
/** Events a page is watched for: a single one is only good to a frame of the display. */
const EVENTS = 12;
const SETTLE_S = 12;

/** The same without a browser: packets placed on the sender's clock by its reports. */
async function received(sink: ViewerSink): Promise<Skew> {
  const receiver = new Receiver({});
  await receiver.accept((await sink.answer(await receiver.offer())).sdp);
  await receiver.connected();
  await wait(20_000);
  const skew = skewOf(skewsOf(await contentOf(receiver, 'H264')));
  await receiver.close();
  return skew;
}

/** What this browser reads of a sender that is exact. ms */
async function bias(browser: Chromium): Promise<number> {
  let peer: Peer | undefined;
  const sender = await startGstSender({
    codec: 'H264',
    onPacket: (kind, packet) => peer?.write(kind, packet),
  });
  try {
    const join = async (offer: string) => {
      const answer = await Peer.answer(offer, {
        ports: new PortPool(),
        clock: sender.clock,
        codecs: ['H264'],
      });
      peer = answer.peer;
      return answer.sdp;
    };
    return await calibrate(browser, join, EVENTS, SETTLE_S);
  } finally {
    await peer?.close();
    await sender.stop();
  }
}

/** What a page of its own sees of our sender, nothing taken off. */
async function seen(browser: Chromium, sink: ViewerSink): Promise<Skew> {
  const viewer = await browser.view(async (offer) => (await sink.answer(offer)).sdp);
  try {
    await viewer.settle(SETTLE_S);
    return skewOf(await viewer.skews(EVENTS));
  } finally {
    await viewer.close();
  }
}

const fixed = (ms: number) => ms.toFixed(1);

if (!hasChromium) throw new Error('this bench needs Chromium: "npm run setup -- --tests"');
const avatar = await prepare();
const browser = await Chromium.launch();
try {
  const text = `0:0.2 ${'1000:0.08 0:0.92 '.repeat(4 * PAGES * (EVENTS + SETTLE_S))}`.trim();
  const { pipeline, ends } = await openGraph('graphs/lab/sync.yaml', { text });
  pipeline.on('error', (error) => {
    throw error;
  });
  await pipeline.play();
  const sink = viewersOf(ends.out);
  const zeros: number[] = [];
  const pages: Skew[] = [];
  for (let page = 1; page <= PAGES; page++) {
    zeros.push(await bias(browser));
    pages.push(await seen(browser, sink));
    const [zero, ours] = [zeros.at(-1)!, pages.at(-1)!.median];
    progress(`page ${page} of ${PAGES}: the exact sender ${zero.toFixed(1)} ms, ours ${ours.toFixed(1)} ms`);
  }
  const zero = quantile(zeros, 0.5);
  const medians = pages.map(({ median }) => median - zero);
  progress('our own receiver, 20 s');
  const own = await received(sink);
  await pipeline.close();
  report([
    {
      what: 'Chromium, voice against face, median',
      unit: 'ms',
      n: PAGES * EVENTS,
      value: quantile(medians, 0.5),
      budgets: [
        { of: 'value', max: 15 },
        { of: 'value', min: -15 },
      ],
      note: `+ is voice late; ${PAGES} pages, from ${fixed(Math.min(...medians))} to ${fixed(Math.max(...medians))}; of an exact sender they see ${fixed(zero)} (from ${fixed(Math.min(...zeros))} to ${fixed(Math.max(...zeros))}), taken off`,
    },
    {
      what: "Chromium, distance from a page's median, p99",
      unit: 'ms',
      n: PAGES * EVENTS,
      value: Math.max(...pages.map(({ p99 }) => p99)),
    },
    {
      what: 'our receiver, voice against face, median',
      unit: 'ms',
      n: own.n,
      value: own.median,
      budgets: [
        { of: 'value', max: 5 },
        { of: 'value', min: -5 },
      ],
      note: `from ${own.min.toFixed(2)} to ${own.max.toFixed(2)}`,
    },
    {
      what: 'our receiver, distance from the median, p99',
      unit: 'ms',
      n: own.n,
      value: own.p99,
      budgets: [{ of: 'value', max: 15 }],
    },
  ]);
} finally {
  avatar.close();
  await browser.close();
}
