/**
 * One talks with the page: Chromium's microphone says a question, and it stands in the captions, is answered aloud, and may interrupt.
 *
 * Recogniser and language model are fakes that speak their protocols; page, connection and graph are real.
 */
import type { Page } from 'playwright-core';
import t from 'tap';
import { says } from '../fakes/fake-openai-chat.js';
import { hasChromium } from '../webrtc/support/chromium.js';
import { Heard } from './support/events.js';
import { harm, MARKUP } from './support/markup.js';
import { begin, hush, openEars, sayUntil, speakUp, troubles, watchCaptions, wishes } from './support/page.js';

t.test('a spoken conversation on the page', { skip: !hasChromium && 'no chromium' }, async (t) => {
  const { server, chat, ears, understand, browser, close } = await openEars();
  t.teardown(close);

  /** A page that has begun, what it tells the ears, and what its session tells. */
  async function begun(t: { teardown(end: () => Promise<void>): void }) {
    const page = await browser.open(server.url);
    t.teardown(() => page.close());
    // The file has a limit; on a busy machine a turn may take the most of it.
    page.setDefaultTimeout(0);
    const [problems, asked] = [troubles(page), wishes(page)];
    await page.context().grantPermissions(['microphone']);
    await begin(page);
    const session = [...server.sessions.list()].at(-1);
    if (session === undefined) throw new Error('no session');
    return { page, problems, asked, session, heard: new Heard(session), shown: await watchCaptions(page) };
  }

  await t.test('asked aloud, answered aloud, interrupted by voice', async (t) => {
    const { page, problems, session, heard, shown } = await begun(t);
    const question = 'What will the weather be like?';
    understand(question);
    chat.answers(async (writer, exchange) => {
      await writer.say('It will be sunny in the morning. ');
      while (exchange.open) {
        await writer.say('And so on, for as long as anybody listens. ');
        await new Promise((resolve) => setTimeout(resolve, 1000));
      }
    });
    const listening = page.waitForSelector('#state[data-state=listening]');
    const understood = (words: string) =>
      page.waitForSelector(`#said li.you:has-text(${JSON.stringify(words)})`);
    await sayUntil(page, listening);
    await understood(question);
    await page.waitForSelector('#said li.now:has-text("It will be sunny in the morning.")');
    await page.locator('#captions .face').filter({ hasText: 'And so on' }).waitFor();
    await shoot(page, 'answer');
    const { face, user } = await shown();
    t.equal(user[0]?.partial, true, 'it stands there while it is said');
    t.ok(user.every(({ words }) => question.startsWith(words)));
    t.hasStrict(user.at(-1), { words: question, partial: false });
    t.match(face[0]?.words, /^It will be sunny in the morning\./);

    await page.waitForSelector('#state[data-state=speaking]');
    const { closed } = chat.last;
    // A recogniser is somebody else's server: what it understands is as foreign as what is typed.
    const strange = `And the sea? ${MARKUP}`;
    const seen = await browser.open(new URL(`/session.html?id=${session.id}`, server.url).href);
    t.teardown(() => seen.close());
    seen.setDefaultTimeout(0);
    await seen.waitForSelector('.node');
    understand(strange);
    chat.answers(says('The sea is calm. ', 'Nobody swims.'));
    await hush(page);
    t.equal(await page.textContent('#hearing'), 'microphone off');
    await sayUntil(page, heard.next('interrupted'));
    await closed;
    await understood(strange);
    await page.waitForSelector('#said li:has-text("The sea is calm. Nobody swims.")');
    await page.waitForSelector('#state[data-state=idle]');
    t.equal((await shown()).user.at(-1)?.words, strange);
    t.strictSame(await harm(page), [], 'the captions, and the list of what was said');
    await seen
      .locator(`#events li:has-text("transcript.final"):has-text(${JSON.stringify(MARKUP)})`)
      .waitFor();
    t.strictSame(await harm(seen), [], 'what happens in a session');
    const roles = chat.last.asked.messages.map(({ role }) => role);
    t.same(roles.slice(-3), ['user', 'assistant', 'user']);
    t.ok((await page.locator('#said s').count()) > 0, 'what nobody heard is struck out');
    t.strictSame(problems, []);
  });

  await t.test('who may not interrupt waits, and hears the voice that was picked meanwhile', async (t) => {
    const { page, problems, session, heard } = await begun(t);
    await page.uncheck('#bargein');
    await page.getByLabel('Voice', { exact: true }).selectOption('flite/rms');
    await page.check('#mode input[value=echo]');
    const often = 'however often somebody speaks, '.repeat(6);
    await page.fill('#text', `This is said to its end, ${often}and that is all.`);
    await page.click('#speak');
    await page.waitForSelector('#state[data-state=speaking]');
    understand('May I say something?');
    chat.answers(says('Please do.'));
    await sayUntil(page, page.waitForSelector('#said li.you:has-text("May I say something?")'));
    await page.waitForSelector('#said li:has-text("Please do.")');
    const types = heard.all.map(({ type }) => type);
    t.notOk(types.includes('interrupted'));
    t.ok(types.indexOf('turn') < types.indexOf('speech.end'), 'it was said over the face');
    t.equal(session.hear({}).bargeIn, 'off');
    t.equal(session.voice, 'flite/rms');
    t.strictSame(problems, []);
  });

  await t.test('hold to talk: what is said counts while it is held', async (t) => {
    const { page, problems, asked, session } = await begun(t);
    const before = ears.sessions.length;
    await page.check('#hold');
    t.equal(await page.isDisabled('#bargein'), true, 'the button takes the turn in any case');
    await speakUp(page);
    await page.waitForSelector('#microphone[data-state=quiet]');
    await hush(page);
    t.equal(session.hear({}).turns, 'push-to-talk');
    understand('I hold it.');
    chat.answers(says('So you do.'));
    await page.click('#microphone');
    await page.waitForSelector('#microphone[data-state=quiet]');
    await page.hover('#talk');
    await page.mouse.down();
    await page.waitForSelector('#talk[aria-pressed=true]');
    await page.locator('#captions .user').filter({ hasText: 'I hold' }).waitFor();
    await shoot(page, 'hold');
    await page.mouse.up();
    await page.waitForSelector('#said li.you:has-text("I hold it.")');
    await page.waitForSelector('#said li:has-text("So you do.")');
    t.equal(ears.sessions.length, before + 1, 'one press is one turn');
    await page.waitForSelector('#state[data-state=idle]');
    const back = page.waitForResponse(/\/ears$/);
    await page.uncheck('#hold');
    t.match(await (await back).json(), { turns: 'auto' });
    t.strictSame(asked, [
      { turns: 'push-to-talk', button: false },
      { button: true },
      { button: false },
      { turns: 'auto' },
    ]);
    t.strictSame(problems, []);
  });
});

/** With SHOT=PATH what it looks like, on a desk and on a phone. */
async function shoot(page: Page, name: string): Promise<void> {
  const path = process.env['SHOT'];
  if (path === undefined) return;
  const size = page.viewportSize() ?? { width: 800, height: 600 };
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.screenshot({ path: `${path}-${name}-desktop.png` });
  await page.setViewportSize({ width: 390, height: 844 });
  await page.screenshot({ path: `${path}-${name}-phone.png` });
  await page.setViewportSize(size);
}
