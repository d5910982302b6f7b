/** The page where the user is heard: microphone, hold to talk, and captions of both sides. */
import t from 'tap';
import { closeSharedPool } from '../../src/inference/index.js';
import { closeVoices } from '../../src/voice/index.js';
import { FakeEars } from '../fakes/fake-ears.js';
import { Chromium, hasChromium } from '../webrtc/support/chromium.js';
import { serverOf } from './support/server.js';

if (!hasChromium) t.bailout('no chromium');
const server = await serverOf(5);
const ears = await FakeEars.open(server.url);
const browser = await Chromium.launch(['--use-fake-device-for-media-stream']);
t.teardown(async () => {
  await browser.close();
  await ears.close();
  await server.close();
  await closeVoices();
  await closeSharedPool();
});

/** What the page's functions find; they run there. */
type Shown = {
  document: { getElementById(id: string): { style: { transform: string } } };
};

/** A page that has begun, and what went wrong in it. */
async function begun(t: { teardown(end: () => Promise<void>): void }, url = ears.url) {
  ears.asked.length = 0;
  const page = await browser.open(url);
  t.teardown(() => page.close());
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    if (/Content Security Policy/.test(message.text())) problems.push(message.text());
  });
  await page.context().grantPermissions(['microphone']);
  await page.click('#start');
  await page.waitForSelector('#state[data-state=idle]');
  return { page, problems };
}

t.test('the microphone is off, asked for when pressed, and shows how loud it is', async (t) => {
  const { page, problems } = await begun(t);
  t.match(ears.offers[0], /m=audio[\s\S]*a=sendrecv/, 'room for a microphone is offered before there is one');
  const button = page.getByRole('button', { name: 'Microphone' });
  t.equal(await button.getAttribute('aria-pressed'), 'false');
  t.equal(await page.textContent('#hearing'), 'microphone off');
  await button.focus();
  await page.keyboard.press('Enter');
  await page.waitForSelector('#microphone[data-state=on][aria-pressed=true]');
  t.equal(await page.textContent('#hearing'), 'microphone on');
  // The browser's own device beeps once a second.
  await page.waitForFunction(() => {
    const { transform } = (globalThis as unknown as Shown).document.getElementById('level').style;
    return Number(/scale\((.*)\)/.exec(transform)?.[1]) > 1.2;
  });
  await page.click('#mute');
  await page.waitForSelector('#microphone[data-state=quiet]');
  t.equal(await page.textContent('#hearing'), 'microphone muted');
  t.equal(await page.getAttribute('#mute', 'aria-pressed'), 'true');
  await page.click('#mute');
  await page.waitForSelector('#microphone[data-state=on]');
  await button.click();
  await page.waitForSelector('#microphone[data-state=off][aria-pressed=false]');
  t.equal(await page.isVisible('#mute'), false);
  t.strictSame(problems, []);

  // Another presenter is another connection; the end of it lets the microphone go.
  await button.click();
  await page.waitForSelector('#microphone[data-state=on]');
  await page.click('#presenters label:has(input[value=drawn])');
  await page.waitForSelector('#state[data-state=connecting]');
  await page.waitForSelector('#state[data-state=idle]');
  t.equal(await page.getAttribute('#microphone', 'data-state'), 'on');
  for (const session of server.sessions.list()) await session.close('over');
  await page.waitForSelector('#state[data-state=failed]');
  t.equal(await page.textContent('#hearing'), '');
  t.equal(await page.isVisible('#microphone'), false);
});

t.test('hold to talk: the space bar, the button, and a switch for the voice', async (t) => {
  const { page, problems } = await begun(t);
  await page.click('#microphone');
  await page.waitForSelector('#microphone[data-state=on]');
  await page.check('#hold');
  await page.waitForSelector('#microphone[data-state=quiet]');
  t.equal(await page.isVisible('#mute'), false);
  // The box was clicked: the space bar talks, and does not untick it.
  await page.keyboard.down('Space');
  await page.waitForSelector('#talk[aria-pressed=true]');
  await page.waitForSelector('#microphone[data-state=on]');
  await page.keyboard.up('Space');
  await page.waitForSelector('#talk[aria-pressed=false]');
  t.ok(await page.isChecked('#hold'));
  // Where one writes, it is a blank; on what was reached by keyboard it presses.
  await page.fill('#text', '');
  await page.keyboard.press('Space');
  t.equal(await page.inputValue('#text'), ' ');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Space');
  t.notOk(await page.isChecked('#interrupt'));
  await page.hover('#talk');
  await page.mouse.down();
  await page.waitForSelector('#talk[aria-pressed=true]');
  await page.mouse.up();
  await page.waitForSelector('#talk[aria-pressed=false]');
  await page.focus('#talk');
  await page.keyboard.press('Space');
  await page.uncheck('#bargein');
  await page.check('#bargein');
  const button = [{ button: true }, { button: false }];
  const wanted = [...button, ...button, ...button, { bargeIn: 'off' }, { bargeIn: 'voice' }];
  await ears.wishes(wanted.length);
  t.strictSame(ears.asked, wanted);
  t.strictSame(problems, []);
});

t.test('captions: both sides, sentence by sentence, as it is heard', async (t) => {
  const { page, problems } = await begun(t);
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
  await face.filter({ hasText: /^One little sentence\.\s*$/ }).waitFor();
  await face.filter({ hasText: /^\s*And then another one\.$/ }).waitFor();
  await page.waitForSelector('#state[data-state=idle]');
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

t.test('a server that does not listen shows no microphone, and all else works', async (t) => {
  const { page } = await begun(t, server.url);
  t.equal(await page.isVisible('#microphone'), false);
  t.equal(await page.isVisible('#ears'), false);
  t.equal(await page.isVisible('#captioned'), true);
});

t.test('a microphone that is refused is told, with what to do', async (t) => {
  const { page, problems } = await begun(t);
  // None at all, rather than none yet: the browser asks nobody.
  await page.context().clearPermissions();
  await page.context().grantPermissions([]);
  await page.click('#microphone');
  await page.waitForSelector('#microphone[data-state=denied][aria-pressed=false]');
  t.match(await page.textContent('#hearing'), /blocked: allow it/);
  await page.context().grantPermissions(['microphone']);
  await page.click('#microphone');
  await page.waitForSelector('#microphone[data-state=on]');
  t.strictSame(problems, []);
});
