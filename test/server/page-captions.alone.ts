/** Captions over the picture: what the face says, as it is heard. What the user says has `page-talk`. */
import t from 'tap';
import { hasChromium } from '../webrtc/support/chromium.js';
import { browserFor } from './support/browser.js';
import { Heard } from './support/events.js';
import { begin, troubles, watchCaptions } from './support/page.js';
import { serverOf } from './support/server.js';

t.test('captions', { skip: !hasChromium && 'no chromium' }, async (t) => {
  const server = await serverOf(1, { avatar: 'drawn' });
  const browser = await browserFor(t, server);
  const page = await browser.open(server.url);
  const problems = troubles(page);
  await begin(page);
  const shown = await watchCaptions(page);
  const face = page.locator('#captions .face');

  await page.fill('#text', 'One little sentence. And then another one.');
  await page.click('#speak');
  await page.waitForSelector('#said li.now');
  await page.waitForSelector('#state[data-state=idle]');
  t.match(
    (await shown()).face.map(({ words }) => words).slice(-2),
    [/^One little sentence\.$/, /^And then another one\.$/],
    'sentence by sentence',
  );
  t.equal(await page.locator('#said li').count(), 1);
  await face.waitFor({ state: 'hidden' });

  // How far it was heard is what stands there.
  const [session] = server.sessions.list();
  if (session === undefined) throw new Error('no session');
  const heard = new Heard(session);
  const long = 'A long sentence that nobody will hear to its end, however long it takes.';
  await page.fill('#text', long);
  await page.click('#speak');
  await heard.next('word');
  await heard.next('word');
  await page.click('#cut');
  const { heard: words } = await heard.next('interrupted');
  await page.waitForSelector('#said s');
  t.equal((await shown()).face.at(-1)?.words, `${words.trim()} –`);
  t.match(words, /^A\b/);
  t.equal(await page.textContent('#said li:last-child s'), long.slice(words.trim().length));
  t.equal(await page.getAttribute('#captions', 'aria-hidden'), 'true', 'the list is read out, not both');

  const button = page.getByRole('button', { name: 'Captions' });
  await button.click();
  t.equal(await page.isVisible('#captions'), false);
  t.equal(await button.getAttribute('aria-pressed'), 'false');
  // A server that does not listen shows no microphone.
  t.equal(await page.isVisible('#microphone'), false);
  t.equal(await page.isVisible('#ears'), false);
  t.strictSame(problems, []);
});
