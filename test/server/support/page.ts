/** The page in a real Chromium, on a server that listens. */
import type { Page } from 'playwright-core';
import { closeSharedPool } from '../../../src/inference/index.js';
import type { SessionSettings } from '../../../src/session/session.js';
import { closeVoices } from '../../../src/voice/index.js';
import { FakeEars } from '../../fakes/fake-ears.js';
import { Chromium } from '../../webrtc/support/chromium.js';
import { serverOf } from './server.js';

/** A browser with a microphone that beeps once a second, and a server with ears. The drawn presenter is the cheapest. */
export async function openEars(settings?: SessionSettings) {
  const server = await serverOf(5, { avatar: 'drawn' }, settings);
  const ears = await FakeEars.open(server.url);
  const browser = await Chromium.launch(['--use-fake-device-for-media-stream']);
  return {
    server,
    ears,
    browser,
    async close(): Promise<void> {
      await browser.close();
      await ears.close();
      await server.close();
      await closeVoices();
      await closeSharedPool();
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

/** Presses Start, and waits until the face is there. */
export async function begin(page: Page): Promise<void> {
  await page.click('#start');
  await page.waitForSelector('#state[data-state=idle]');
}
