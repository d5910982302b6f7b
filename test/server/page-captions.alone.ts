/** Captions over the picture: what the face says, and what the user is understood to say. */
import t from 'tap';
import { hasChromium } from '../webrtc/support/chromium.js';
import { begin, openEars, troubles } from './support/page.js';

/** Runs in the page: notes what stands in the face's line. */
const WATCH = `(() => {
  window.shown = [];
  const face = document.querySelector('#captions .face');
  new MutationObserver(() => {
    const words = face.textContent.trim();
    if (words !== '' && words !== shown.at(-1)) shown.push(words);
  }).observe(face, { childList: true });
})()`;
type Shown = { readonly shown: string[] };

t.test('captions', { skip: !hasChromium && 'no chromium' }, async (t) => {
  const { server, ears, browser, close } = await openEars();
  t.teardown(close);

  await t.test('both sides, sentence by sentence, as it is heard', async (t) => {
    const page = await browser.open(ears.url);
    const problems = troubles(page);
    await begin(page);
    await page.evaluate(WATCH);
    const face = page.locator('#captions .face');
    const user = page.locator('#captions .user');
    await ears.tell(
      { status: 'turn', state: 'start' },
      { status: 'transcript', text: 'How are', final: false },
    );
    await user.filter({ hasText: 'How are' }).waitFor();
    t.match(await user.getAttribute('class'), /partial/);
    await page.waitForSelector('#state[data-state=listening]');
    await ears.tell(
      { status: 'turn', state: 'end' },
      { status: 'transcript', text: 'How are you?', final: true },
    );
    await page.waitForSelector('#said li.you:has-text("How are you?")');
    t.notMatch(await user.getAttribute('class'), /partial/);
    await page.waitForSelector('#state[data-state=idle]');

    await page.fill('#text', 'One little sentence. And then another one.');
    await page.click('#speak');
    await page.waitForSelector('#said li.now');
    await page.waitForSelector('#state[data-state=idle]');
    const shown = await page.evaluate(() => (globalThis as unknown as Shown).shown);
    t.match(shown.slice(-2), [/^One little sentence\.$/, /^And then another one\.$/]);
    t.equal(await page.locator('#said li').count(), 2);
    await face.waitFor({ state: 'hidden' });
    t.equal(await user.isVisible(), false, 'what was answered is gone');

    // The user speaks over it: how far it was heard is what stands there.
    await page.fill('#text', 'A long sentence that nobody will hear to its end, however long it takes.');
    await page.click('#speak');
    await page.waitForSelector('#state[data-state=speaking]');
    await ears.tell(
      { status: 'turn', state: 'start' },
      { status: 'interrupted', heard: 700, text: 'A long sentence' },
      { status: 'turn', state: 'nothing', why: 'empty' },
    );
    await face.filter({ hasText: /^A long sentence –$/ }).waitFor();
    const unheard = await page.textContent('#said li:last-child s');
    t.equal(unheard, ' that nobody will hear to its end, however long it takes.');
    t.equal(await page.getAttribute('#captions', 'aria-hidden'), 'true', 'the list is read out, not both');

    const button = page.getByRole('button', { name: 'Captions' });
    await button.click();
    t.equal(await page.isVisible('#captions'), false);
    t.equal(await button.getAttribute('aria-pressed'), 'false');
    t.strictSame(problems, []);
  });

  await t.test('a server that does not listen shows no microphone, and all else works', async (t) => {
    const page = await browser.open(server.url);
    await begin(page);
    t.equal(await page.isVisible('#microphone'), false);
    t.equal(await page.isVisible('#ears'), false);
    t.equal(await page.isVisible('#captioned'), true);
  });
});
