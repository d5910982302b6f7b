/** The page where a language model answers: a question is typed, and the face says the answer. */
import t from 'tap';
import { closeSharedPool } from '../../src/inference/index.js';
import { usualGraph } from '../../src/session/graphs.js';
import { closeVoices } from '../../src/voice/index.js';
import { FakeChat, says } from '../fakes/fake-openai-chat.js';
import { Chromium, hasChromium } from '../webrtc/support/chromium.js';
import { serverOf } from './support/server.js';

t.test(
  'a stranger asks, reads and hears the answer, and may still have things said as they are',
  { skip: !hasChromium && 'no chromium' },
  async (t) => {
    const fake = await FakeChat.open(
      says('It is **Paris**. ', 'More than two million people', ' live there.'),
    );
    const server = await serverOf(1, {}, usualGraph({ url: fake.url, model: 'fake-1' }));
    const browser = await Chromium.launch();
    t.teardown(async () => {
      await browser.close();
      await server.close();
      await fake.close();
      await closeVoices();
      await closeSharedPool();
    });
    const page = await browser.open(server.url);
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.message));
    t.equal(await page.isVisible('#mode'), false, 'nobody knows yet');
    await page.click('#start');
    await page.waitForSelector('#state[data-state=idle]');
    t.equal(await page.isVisible('#mode'), true);
    t.equal(await page.textContent('#wish'), 'What would you like to know?');

    await page.fill('#text', 'What is the capital of France?');
    await page.click('#speak:has-text("Ask")');
    await page.waitForSelector('#said li.now:has-text("live there.")');
    if (process.env['SHOT']) await page.screenshot({ path: process.env['SHOT'] });
    t.same(await page.locator('#said li').allTextContents(), [
      'What is the capital of France?',
      'It is Paris. More than two million people live there.',
    ]);
    await page.waitForSelector('#state[data-state=idle]');

    await page.check('#mode input[value=echo]');
    t.equal(await page.textContent('#wish'), 'What shall I say?');
    await page.fill('#text', 'Good day.');
    await page.click('#speak:has-text("Speak")');
    await page.waitForSelector('#said li:nth-child(3):has-text("Good day.")');
    t.equal(fake.exchanges.length, 1);
    await page.waitForSelector('#state[data-state=idle]');

    fake.answers((writer) => writer.refuse(401, 'no'));
    await page.check('#mode input[value=chat]');
    await page.click('#speak');
    await page.waitForSelector('#problem:has-text("refuses the language model")');
    t.strictSame(problems, []);
  },
);
