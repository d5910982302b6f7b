/**
 * From the start of a page's script to its first frame on screen, over loopback in Chromium, with the default avatar.
 *
 * Each connect is a page and a session of its own, and the session is made when the offer comes, as the server does it.
 */
import { openGraph } from '../../src/graph/open.js';
import { Chromium, hasChromium } from '../webrtc/support/chromium.js';
import { prepare, viewersOf } from './support/face.js';
import { progress, report, spread } from './support/report.js';

const TIMES = 20;

if (!hasChromium) throw new Error('this bench needs Chromium: "npm run setup -- --tests"');
// At the size of the graph, as the server keeps it.
const avatar = await prepare({});
const browser = await Chromium.launch();
try {
  progress(`${TIMES} connects`);
  const first: number[] = [];
  const connected: number[] = [];
  const answered: number[] = [];
  for (let i = -1; i < TIMES; i++) {
    let close = async () => {};
    const viewer = await browser.view(
      async (offer) => {
        const { pipeline, ends } = await openGraph('graphs/webrtc.yaml');
        close = () => pipeline.close();
        await pipeline.play();
        return (await viewersOf(ends.out).answer(offer)).sdp;
      },
      { watch: false },
    );
    await viewer.page.waitForFunction('talk.state.firstFrameMs !== undefined');
    const { firstFrameMs, connectMs, answerMs } = await viewer.stats();
    await viewer.close();
    await close();
    // The first of a browser loads code.
    if (i < 0) continue;
    first.push(firstFrameMs ?? Number.NaN);
    connected.push(connectMs ?? Number.NaN);
    answered.push(answerMs);
  }
  report([
    {
      what: 'page connect -> first decoded frame',
      unit: 'ms',
      ...spread(first),
      budgets: [
        { of: 'p50', max: 500 },
        { of: 'p95', max: 900 },
      ],
      note: 'a session is made for each page: graph, model and avatar are in the process, the pipeline is new',
    },
    { what: 'of which until connected', unit: 'ms', ...spread(connected) },
    { what: 'of which waiting for the answer', unit: 'ms', ...spread(answered) },
  ]);
} finally {
  avatar.close();
  await browser.close();
}
