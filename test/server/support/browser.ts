import type { Test } from 'tap';
import { closeSharedPool } from '../../../src/inference/index.js';
import { closeVoices } from '../../../src/voice/index.js';
import { Chromium } from '../../webrtc/support/chromium.js';

/** A browser for the pages of a server. Behind the test both are closed, and what sessions share. */
export async function browserFor(t: Test, server: { close(): Promise<unknown> }): Promise<Chromium> {
  const browser = await Chromium.launch();
  t.teardown(async () => {
    await browser.close();
    await server.close();
    await closeVoices();
    await closeSharedPool();
  });
  return browser;
}
