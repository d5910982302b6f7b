/**
 * A real, headless Chromium as a viewer, with its measurements. Used by tests, by lab graphs and by the benchmarks.
 *
 *   const browser = await Chromium.launch();
 *   const viewer = await browser.view(async (offer) => (await sink.offer(offer)).sdp);
 *   await viewer.settle(10);
 *   console.log(skewOf(await viewer.skews(60), bias));
 *   await browser.close();
 */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import type { VideoCodec } from '../../../src/webrtc/codecs.js';
import { PAGE, type PageEvents } from './page.js';
import { pair, quantile } from './skew.js';

/** Where Debian puts it; `CHROMIUM` in the environment names another. */
export const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
/** Tests that need a browser are skipped where there is none. */
export const hasChromium = existsSync(CHROMIUM);

/** The page has no business on any network: without these it looks up Google's hosts at every start. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--autoplay-policy=no-user-gesture-required',
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
];

/** What a page says about its connection; `video` and `audio` are its inbound-rtp statistics. */
export interface ViewerStats {
  connection: string;
  /** From the start of the page's script to `connected`, and to the first frame on screen. ms */
  connectMs: number | undefined;
  firstFrameMs: number | undefined;
  /** Of which: gathering its candidates, and waiting for the answer. ms */
  gatherMs: number;
  answerMs: number;
  /** Frames shown so far. */
  frames: number;
  /** Peak audio level of the last 100 ms, 0..1. */
  level: number;
  messages: string[];
  video?: Record<string, number | string | undefined>;
  audio?: Record<string, number | string | undefined>;
}

/** Answers a page's offer. */
export type Answerer = (offer: string) => Promise<string>;

export class Chromium {
  readonly #context: BrowserContext;
  readonly #profile: string;
  readonly #server: Server;
  readonly #url: string;
  #opening: Promise<unknown> = Promise.resolve();

  private constructor(context: BrowserContext, profile: string, server: Server) {
    this.#context = context;
    this.#profile = profile;
    this.#server = server;
    this.#url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  }

  /** Starts a browser with an empty profile of its own. */
  static async launch(flags: string[] = []): Promise<Chromium> {
    const profile = await mkdtemp(join(tmpdir(), 'talkgraph-chromium-'));
    // A page on 127.0.0.1 is a secure context, which AudioWorklet asks for; about:blank is not.
    const server = createServer((_, response) => response.setHeader('content-type', 'text/html').end(PAGE));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: CHROMIUM,
      headless: true,
      args: [...FLAGS, ...flags],
      viewport: { width: 800, height: 600 },
    });
    return new Chromium(context, profile, server);
  }

  /** Opens a page and connects it. Resolves when it is connected. */
  async view(
    answer: Answerer,
    options: { codecs?: VideoCodec[]; watch?: boolean } = {},
  ): Promise<ChromiumViewer> {
    const page = await this.page(answer);
    await page.evaluate(`talk.start(${JSON.stringify(options)})`);
    return new ChromiumViewer(page);
  }

  /** A page that is not connected yet, for those who do that themselves: `answer(sdp)` answers its offers. */
  page(answer: Answerer): Promise<Page> {
    // One after the other: of two that are opened at once one may be without its function.
    const opened = this.#opening.then(async () => {
      const page = await this.#context.newPage();
      await page.exposeFunction('answer', answer);
      await page.goto(this.#url);
      await page.waitForFunction('typeof window.answer === "function"');
      return page;
    });
    this.#opening = opened.catch(() => undefined);
    return opened;
  }

  /** A page of any address, for those who test a server of their own. */
  async open(url: string): Promise<Page> {
    const page = await this.#context.newPage();
    await page.goto(url);
    return page;
  }

  /** Kills the browser's processes the hard way, as a crash or a closed laptop would. */
  async kill(): Promise<void> {
    const { stdout } = await promisify(execFile)('pgrep', ['-f', '--', `--user-data-dir=${this.#profile}`]);
    for (const pid of stdout.trim().split('\n').map(Number)) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It went down with its parent.
      }
    }
  }

  /** Ends the browser, its server and its profile, whatever state they are in. */
  async close(): Promise<void> {
    await this.#context.close().catch(() => {});
    this.#server.closeAllConnections();
    this.#server.close();
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

/**
 * What reading a skew in this browser adds by itself: the median skew of a viewer whose sender is known to be exact.
 *
 * A browser's own clocks for picture and sound differ by a constant of the run (about +40 ms: the audio tap, vsync).
 * The exact sender is gst-launch-1.0 through `answer`; that it is exact, our own receiver shows (test/webrtc/sync.ts).
 * @param settle seconds until the browser has synchronised; ten are enough
 */
export async function calibrate(
  browser: Chromium,
  answer: Answerer,
  events = 12,
  settle = 10,
): Promise<number> {
  const viewer = await browser.view(answer);
  try {
    await viewer.settle(settle);
    const pairs = await viewer.skews(events);
    return quantile(
      pairs.map((p) => p.skew),
      0.5,
    );
  } finally {
    await viewer.close();
  }
}

export class ChromiumViewer {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  stats(): Promise<ViewerStats> {
    return this.page.evaluate('talk.stats()');
  }

  /** Lets `seconds` pass in the page. Chromium needs about ten to settle its synchronisation. */
  async settle(seconds: number): Promise<void> {
    await this.page.waitForTimeout(seconds * 1000);
  }

  /** Flashes and beeps since the last call. */
  async events(): Promise<PageEvents> {
    return this.page.evaluate(
      'Object.fromEntries(Object.entries(talk.log).map(([k, v]) => [k, v.splice(0)]))',
    ) as Promise<PageEvents>;
  }

  /**
   * Skews of the next `count` flashes with their beeps, ms, + = audio late. Not corrected: see {@link calibrate}.
   * @throws when they do not come within twice the time that one a second would take
   */
  async skews(count: number): Promise<{ at: number; skew: number }[]> {
    await this.events();
    const seen: PageEvents = { flashes: [], beeps: [], beepArrivals: [] };
    const deadline = performance.now() + 2000 * count + 5000;
    for (;;) {
      await this.settle(1);
      const { flashes, beeps } = await this.events();
      seen.flashes.push(...flashes);
      seen.beeps.push(...beeps);
      const pairs = pair(seen.flashes, seen.beeps);
      if (pairs.length >= count) return pairs.slice(0, count);
      if (performance.now() > deadline) {
        throw new Error(
          `only ${seen.flashes.length} flashes and ${seen.beeps.length} beeps of ${count} came`,
        );
      }
    }
  }

  /** Sends text on the data channel `events`. */
  async send(text: string): Promise<void> {
    await this.page.evaluate(`talk.send(${JSON.stringify(text)})`);
  }

  /** Peak audio levels of `count` tenths of a second. */
  async levels(count: number): Promise<number[]> {
    const levels: number[] = [];
    for (let n = 0; n < count; n++) {
      await this.settle(0.1);
      levels.push((await this.stats()).level);
    }
    return levels;
  }

  /** Frames shown per second, over `seconds`. */
  async frameRate(seconds: number): Promise<number> {
    const count = async () => Number((await this.stats()).video?.['framesDecoded'] ?? 0);
    const [started, from] = [performance.now(), await count()];
    await this.settle(seconds);
    return ((await count()) - from) / ((performance.now() - started) / 1000);
  }

  async close(): Promise<void> {
    await this.page.close();
  }
}
