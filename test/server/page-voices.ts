/** The page's choice of a voice: by engine, heard before it is taken, and taken for what is said next. */
import t from 'tap';
import { hasChromium } from '../webrtc/support/chromium.js';
import { browserFor } from './support/browser.js';
import { serverOf } from './support/server.js';

type Played = {
  readonly sound:
    | { readonly duration: number; readonly paused: boolean; readonly currentTime: number }
    | undefined;
};

/** Runs in the page before its own: notes the sound that is played. */
const LISTEN = `(() => {
  const play = HTMLMediaElement.prototype.play;
  HTMLMediaElement.prototype.play = function () {
    if (this instanceof HTMLAudioElement) window.sound = this;
    return play.call(this);
  };
})()`;

t.test('a voice is chosen, heard and used', { skip: !hasChromium && 'no chromium' }, async (t) => {
  const server = await serverOf(1, { voice: 'flite/slt' });
  const browser = await browserFor(t, server);
  const page = await browser.open('about:blank');
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  await page.addInitScript(LISTEN);
  await page.goto(server.url);
  const select = page.getByLabel('Voice', { exact: true });
  await select.waitFor();
  const groups = await page
    .locator('#voice optgroup')
    .evaluateAll((all: { label: string }[]) => all.map(({ label }) => label));
  t.ok(groups.includes('CMU Flite'));
  t.ok(groups.includes('ElevenLabs: not set up'));
  t.notOk(groups.includes('Sound files'), 'no file of the server');
  t.notOk(groups.includes('Tones'), 'nothing that cannot speak');
  t.equal((await page.locator('#voice optgroup:disabled').count()) > 0, true);
  t.equal(await page.textContent('#voice option:checked'), "the server's choice: flite/slt");

  await select.selectOption('flite/awb');
  const button = page.getByRole('button', { name: 'Listen' });
  await button.click();
  await page.waitForFunction(() => Number((globalThis as unknown as Played).sound?.currentTime) > 0);
  const seconds = await page.evaluate(() => (globalThis as unknown as Played).sound?.duration ?? 0);
  t.ok(seconds > 1 && seconds < 4, `${seconds} s are heard`);
  await page.getByRole('button', { name: 'Stop' }).click();
  t.equal(await page.evaluate(() => (globalThis as unknown as Played).sound?.paused), true);
  await button.click();
  await button.waitFor({ state: 'detached' });
  // It ends by itself.
  await button.waitFor();

  await page.route('**/v1/voices/preview*', (route) =>
    route.fulfill({
      status: 503,
      contentType: 'application/problem+json',
      body: JSON.stringify({ status: 503, detail: 'It cannot be heard now.' }),
    }),
  );
  await button.click();
  await page.locator('#voices [role=status]:has-text("It cannot be heard now.")').waitFor();

  const asked: Record<string, unknown>[] = [];
  page.on('request', (request) => {
    if (/\/(offer|voice|human)$/.test(request.url())) asked.push(request.postDataJSON());
  });
  await page.click('#start');
  await page.waitForSelector('#state[data-state=idle]');
  await select.selectOption('flite/rms');
  await page.click('#speak');
  await page.waitForSelector('#state[data-state=speaking]');
  t.match(asked, [{ refaudio: 'flite/awb' }, { voice: 'flite/rms' }, { type: 'echo' }]);
  const [session] = server.sessions.list();
  t.equal(session?.voice, 'flite/rms');
  const back = page.waitForResponse(/\/voice$/);
  await select.selectOption('');
  t.strictSame(await (await back).json(), { voice: 'flite/slt' });
  t.strictSame(problems, []);
});
