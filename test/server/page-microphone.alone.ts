/** The page's microphone: its button, mute, hold to talk, and what the session hears of it. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import t from 'tap';
import type { Mark } from '../../src/graph/events.js';
import { PACKAGE } from '../../src/graph/find.js';
import { hasChromium } from '../webrtc/support/chromium.js';
import { begin, openEars, troubles, wishes } from './support/page.js';

/** What the page's functions find; they run there. */
type Shown = {
  document: { getElementById(id: string): { style: { transform: string } } };
};

/** Resolves when the server is told that the button was let go. */
const letGo = (page: Page) =>
  page.waitForRequest((request) => /\/ears$/.test(request.url()) && request.postDataJSON().button === false);

t.test('the microphone', { skip: !hasChromium && 'no chromium' }, async (t) => {
  /** The usual graph, and somebody who tells how loud the viewer is. */
  const graph = join(t.testdir(), 'hearing.yaml');
  await writeFile(
    graph,
    `parameters: { asr: { type: string, default: '' }, asr-url: { type: string, default: '' }, jitter: { type: int, default: 60 } }
include: [${join(PACKAGE, 'graphs/webrtc.yaml')}, ${join(PACKAGE, 'graphs/parts/answer.yaml')}]
elements:
  mic: { factory: webrtcsrc, peer: web, latency: $jitter }
  ears: { factory: asrfilter, engine: $asr, url: $asr-url }
  ask: { factory: textsrc }
  turns: { factory: funnel }
links:
  - mic. ! level interval=100000000 ! audioconvert ! audioresample ! audio/x-raw,rate=16000,channels=1 ! vadfilter ! ears.
  - ask. ! turns.
  - ears. ! turns.
  - turns. ! llm. ! say.text
ends: { in: say, ask: ask, ears: ears, out: web }
`,
  );
  const { server, understand, browser, close } = await openEars({ graph, again: 500 });
  understand('Mm-hm.');
  t.teardown(close);

  /** Resolves when the youngest session's graph hears something so loud, dB of full scale. */
  function hears(loud: (peak: number) => boolean): Promise<void> {
    const session = [...server.sessions.list()].at(-1);
    return new Promise((resolve) => {
      const listen = ({ name, fields }: Mark) => {
        if (name !== 'level' || ![fields['peak']].flat().some((peak) => loud(Number(peak)))) return;
        session?.pipeline?.off('mark', listen);
        resolve();
      };
      session?.pipeline?.on('mark', listen);
    });
  }

  /** A page that has begun, and what went wrong in it. */
  async function begun(t: { teardown(end: () => Promise<void>): void }) {
    const page = await browser.open(server.url);
    t.teardown(() => page.close());
    const [problems, asked, offers] = [troubles(page), wishes(page), [] as string[]];
    page.on('request', (request) => {
      if (request.url().endsWith('/offer')) offers.push(String(request.postDataJSON().sdp));
    });
    await page.context().grantPermissions(['microphone']);
    await begin(page);
    return { page, problems, asked, offers };
  }

  await t.test('the microphone is off, asked for when pressed, and shows how loud it is', async (t) => {
    const { page, problems, offers } = await begun(t);
    t.match(offers[0], /m=audio[\s\S]*a=sendrecv/, 'room for a microphone is offered before there is one');
    const button = page.getByRole('button', { name: 'Microphone' });
    t.equal(await button.getAttribute('aria-pressed'), 'false');
    t.equal(await page.textContent('#hearing'), 'microphone off');
    await button.focus();
    await page.keyboard.press('Enter');
    await page.waitForSelector('#microphone[data-state=on][aria-pressed=true]');
    t.equal(await page.textContent('#hearing'), 'microphone on');
    // Somebody speaks into it, again and again.
    await page.waitForFunction(() => {
      const { transform } = (globalThis as unknown as Shown).document.getElementById('level').style;
      return Number(/scale\((.*)\)/.exec(transform)?.[1]) > 1.2;
    });
    // Without a new offer the session hears it.
    await hears((peak) => peak > -30);
    await page.click('#mute');
    await page.waitForSelector('#microphone[data-state=quiet]');
    t.equal(await page.textContent('#hearing'), 'microphone muted');
    t.equal(await page.getAttribute('#mute', 'aria-pressed'), 'true');
    await hears((peak) => peak < -90);
    await page.click('#mute');
    await page.waitForSelector('#microphone[data-state=on]');
    await button.click();
    await page.waitForSelector('#microphone[data-state=off][aria-pressed=false]');
    t.equal(await page.isVisible('#mute'), false);
    t.strictSame(problems, []);

    // Another presenter is another connection; the end of it lets the microphone go.
    await button.click();
    await page.waitForSelector('#microphone[data-state=on]');
    await page.click('#presenters label:has(input[value=max])');
    await page.waitForSelector('#state[data-state=connecting]');
    await page.waitForSelector('#state[data-state=idle]');
    t.equal(await page.getAttribute('#microphone', 'data-state'), 'on');
    for (const session of server.sessions.list()) await session.close('over');
    await page.waitForSelector('#state[data-state=failed]');
    t.equal(await page.textContent('#hearing'), '');
    t.equal(await page.isVisible('#microphone'), false);
  });

  await t.test('hold to talk: the space bar, the button, and a switch for the voice', async (t) => {
    const { page, problems, asked } = await begun(t);
    await page.click('#microphone');
    await page.waitForSelector('#microphone[data-state=on]');
    await page.check('#hold');
    await page.waitForSelector('#microphone[data-state=quiet]');
    t.equal(await page.isVisible('#mute'), false);
    // The box was clicked: the space bar talks, and does not untick it.
    await page.keyboard.down('Space');
    await page.waitForSelector('#talk[aria-pressed=true]');
    await page.waitForSelector('#microphone[data-state=on]');
    let told = letGo(page);
    await page.keyboard.up('Space');
    await page.waitForSelector('#talk[aria-pressed=false]');
    await told;
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
    told = letGo(page);
    await page.mouse.up();
    await page.waitForSelector('#talk[aria-pressed=false]');
    await told;
    await page.focus('#talk');
    told = letGo(page);
    await page.keyboard.press('Space');
    await told;
    await page.uncheck('#hold');
    await page.uncheck('#bargein');
    // Not what unticking is still answered.
    const back = page.waitForResponse(
      (response) => /\/ears$/.test(response.url()) && response.request().postDataJSON().bargeIn === 'voice',
    );
    await page.check('#bargein');
    t.strictSame(await (await back).json(), { bargeIn: 'voice', turns: 'auto' });
    const button = [{ button: true }, { button: false }];
    t.strictSame(asked, [
      { turns: 'push-to-talk', button: false },
      ...[...button, ...button, ...button],
      { turns: 'auto' },
      { bargeIn: 'off' },
      { bargeIn: 'voice' },
    ]);
    t.strictSame(problems, []);
  });

  await t.test('a microphone that is refused is told, with what to do', async (t) => {
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
});
