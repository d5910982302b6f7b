/** The page in a real Chromium, on a server that hears, has answers, and speaks them. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { waveFile } from '../../../src/dialog/ears/wave.js';
import { closeSharedPool } from '../../../src/inference/index.js';
import { usualGraph } from '../../../src/session/graphs.js';
import { closeVoices } from '../../../src/voice/index.js';
import { FakeFunasr } from '../../fakes/fake-funasr.js';
import { FakeChat } from '../../fakes/fake-openai-chat.js';
import { atLevel, toInt16 } from '../../support/noises.js';
import { spoken } from '../../support/spoken.js';
import { Chromium } from '../../webrtc/support/chromium.js';
import { serverOf } from './server.js';

const RATE = 48_000;
/** What is said into the microphone; what is understood of it is the recogniser's affair, and so the test's. */
const SAID = 'What will the weather be like?';

/**
 * A server with the graph of a conversation, the drawn presenter, who is the cheapest, and a browser into whose microphone
 * somebody speaks.
 * @param again ms between one time that it is said and the next; once each time the microphone is opened where it is left out
 * @param graph another graph file, with the parameters of the usual one
 */
export async function openEars({ again, graph }: { again?: number; graph?: string } = {}) {
  const [chat, ears] = [await FakeChat.open(), await FakeFunasr.start({ words: [] })];
  const usual = usualGraph({ url: chat.url, model: 'fake-1' }, { engine: 'funasr', url: ears.url });
  // Browser and server share a busy machine.
  const parameters = { ...usual.parameters, jitter: 600, rate: 'quarter' };
  const server = await serverOf(5, { avatar: 'drawn' }, { graph: graph ?? usual.graph, parameters });
  const folder = await mkdtemp(join(tmpdir(), 'talkgraph-page-'));
  const file = join(folder, 'said.wav');
  const sound = atLevel(await spoken(SAID, 'rms', RATE), -20);
  const pause = (ms: number) => new Float32Array((ms * RATE) / 1000);
  const all = [...pause(500), ...sound, ...pause(again ?? 2000)];
  await writeFile(file, waveFile(toInt16(Float32Array.from(all)), RATE));
  const browser = await Chromium.launch([
    '--use-fake-device-for-media-stream',
    `--use-file-for-fake-audio-capture=${file}${again === undefined ? '%noloop' : ''}`,
  ]);
  return {
    server,
    chat,
    ears,
    browser,
    /** What is understood of what is said from now on. */
    understand(words: string): void {
      ears.script = { words: words.split(' ') };
    },
    async close(): Promise<void> {
      await browser.close();
      await server.close();
      await Promise.all([chat.close(), ears.close(), closeVoices(), closeSharedPool()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** What goes wrong in a page, and against its content policy, from now on. */
export function troubles(page: Page): string[] {
  const found: string[] = [];
  page.on('pageerror', (error) => found.push(error.message));
  page.on('console', (message) => {
    if (/Content Security Policy/.test(message.text())) found.push(message.text());
  });
  return found;
}

/** What a page asks of its session's ears, in order, without what it asks for nothing. */
export function wishes(page: Page): unknown[] {
  const asked: unknown[] = [];
  page.on('request', (request) => {
    if (!/\/v1\/sessions\/[^/]+\/ears$/.test(request.url())) return;
    const wish = request.postDataJSON() as object;
    if (Object.keys(wish).length > 0) asked.push(wish);
  });
  return asked;
}

/** One line of captions, in the moment it was put there. */
export interface Line {
  readonly words: string;
  /** More of it was to come. */
  readonly partial: boolean;
}

/** Notes all captions from now on; resolves with what gives them. */
export async function watchCaptions(page: Page): Promise<() => Promise<Record<'face' | 'user', Line[]>>> {
  await page.evaluate(WATCH);
  return () => page.evaluate('captioned') as Promise<Record<'face' | 'user', Line[]>>;
}

/** Runs in the page. */
const WATCH = `(() => {
  window.captioned = { face: [], user: [] };
  for (const [who, lines] of Object.entries(window.captioned)) {
    const place = document.querySelector('#captions .' + who);
    new MutationObserver(() => {
      const line = { words: place.textContent.trim(), partial: place.classList.contains('partial') };
      if (line.words === '') return;
      // The same words again are those that are final now.
      if (line.words === lines.at(-1)?.words) lines.pop();
      lines.push(line);
    }).observe(place, { childList: true });
  }
})()`;

/** Presses Start, and waits until the face is there. */
export async function begin(page: Page): Promise<void> {
  await page.click('#start');
  await page.waitForSelector('#state[data-state=idle]');
}

/** Opens the microphone: what is in the file is said. */
export async function speakUp(page: Page): Promise<void> {
  await page.click('#microphone[data-state=off]');
  await page.waitForSelector('#microphone[data-state=on], #microphone[data-state=quiet]');
}

/** Closes it. */
export async function hush(page: Page): Promise<void> {
  await page.click('#microphone[aria-pressed=true]');
  await page.waitForSelector('#microphone[data-state=off]');
}

/** Has it said, and again where nobody has heard it: on a busy machine most packets may come too late. The microphone stays open. */
export async function sayUntil<T>(page: Page, told: Promise<T>): Promise<T> {
  for (;;) {
    await speakUp(page);
    const done = await Promise.race([
      told.then((value) => ({ value })),
      sleep(10_000, undefined, { ref: false }),
    ]);
    if (done !== undefined) return done.value;
    await hush(page);
  }
}
