/**
 * Are voice and face together in Chromium? Beeps and flashes through the whole face path (graphs/lab/sync.yaml), and as
 * the zero of the scale the same through gst-launch-1.0, which our own receiver shows to be exact.
 *
 * By content: what the page draws and plays, not what any statistics claim.
 */
import { openGraph } from '../../src/graph/open.js';
import { Peer } from '../../src/webrtc/peer.js';
import { PortPool } from '../../src/webrtc/ports.js';
import type { ViewerSink } from '../../src/webrtc/viewers.js';
import { Chromium, calibrate, hasChromium } from '../webrtc/support/chromium.js';
import { contentOf, skewsOf } from '../webrtc/support/content.js';
import { startGstSender } from '../webrtc/support/gst-sender.js';
import { Receiver } from '../webrtc/support/receiver.js';
import { type Skew, skewOf } from '../webrtc/support/skew.js';
import { prepare, viewersOf, wait } from './support/face.js';
import { progress, report } from './support/report.js';

const EVENTS = 60;
/** Events for the zero of the scale: a single one is only good to a frame of the display. */
const CALIBRATION = 24;
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
    return await calibrate(browser, join, CALIBRATION);
  } finally {
    await peer?.close();
    await sender.stop();
  }
}

if (!hasChromium) throw new Error('this bench needs Chromium: "npm run setup -- --tests"');
const avatar = await prepare();
const browser = await Chromium.launch();
try {
  progress('calibrating');
  const zero = await bias(browser);
  progress(`the browser's own ${zero.toFixed(1)} ms; ${EVENTS} flashes through the face`);
  const text = `0:0.2 ${'1000:0.08 0:0.92 '.repeat(EVENTS + 2 * SETTLE_S)}`.trim();
  const { pipeline, ends } = await openGraph('graphs/lab/sync.yaml', { text });
  pipeline.on('error', (error) => {
    throw error;
  });
  await pipeline.play();
  const sink = viewersOf(ends.out);
  const viewer = await browser.view(async (offer) => (await sink.answer(offer)).sdp);
  await viewer.settle(SETTLE_S);
  const skew = skewOf(await viewer.skews(EVENTS), zero);
  await viewer.close();
  progress('our own receiver, 20 s');
  const own = await received(sink);
  await pipeline.close();
  report([
    {
      what: 'Chromium, voice against face, median',
      unit: 'ms',
      n: skew.n,
      value: skew.median,
      budgets: [
        { of: 'value', max: 15 },
        { of: 'value', min: -15 },
      ],
      note: `+ is voice late; from ${skew.min.toFixed(1)} to ${skew.max.toFixed(1)}; the browser's own ${zero.toFixed(1)} ms are taken off`,
    },
    { what: 'Chromium, distance from the median, p99', unit: 'ms', n: skew.n, value: skew.p99 },
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
