/**
 * Every page as a person uses it, in a real Chromium: dashboard, a session, avatars, graphs, the API, and the way in; nothing is found by axe, in
 * the dark and in the light, in English and Chinese, and nothing is wider than a phone; what people write is text on all of them.
 *
 * One server and one browser for all: they are the most of what it costs.
 */
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import t from 'tap';
import { waveFile } from '../../src/dialog/ears/wave.js';
import { logger } from '../../src/element/index.js';
import { PACKAGE } from '../../src/graph/find.js';
import { closeSharedPool } from '../../src/inference/index.js';
import { closeVoices } from '../../src/voice/index.js';
import { Chromium, hasChromium } from '../webrtc/support/chromium.js';
import { flows } from './support/chinese.js';
import { HOSTILE, harm, MARKUP } from './support/markup.js';
import { troubles } from './support/page.js';
import { serverOf } from './support/server.js';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RUN = `axe.run().then(({ violations }) => violations.flatMap(({ id, nodes }) =>
  nodes.map(({ html, failureSummary }) => [id, html.slice(0, 200), failureSummary].join(': '))))`;
const PHONE = { width: 360, height: 740 };
const DESK = { width: 1280, height: 860 };

t.test('the pages', { skip: !hasChromium && 'no chromium' }, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'talkgraph-pages-'));
  process.env['TALKGRAPH_RECORDS'] = join(folder, 'record');
  // What is made here is not made among those that come with talkgraph.
  const avatars = join(folder, 'avatars');
  await mkdir(avatars);
  for (const id of ['ava', 'drawn']) await symlink(join(PACKAGE, 'data', 'avatars', id), join(avatars, id));
  process.env['TALKGRAPH_AVATARS'] = avatars;
  // Every fourth mouth is inferred: browser and server share the machine.
  const server = await serverOf(
    4,
    { token: 'sesame', adminToken: 'ali baba', avatar: 'drawn', editGraphs: true },
    { graph: 'webrtc.yaml', parameters: { rate: 'quarter' } },
  );
  const browser = await Chromium.launch();
  t.teardown(async () => {
    await browser.close();
    await server.close();
    await closeVoices();
    await closeSharedPool();
    await rm(folder, { recursive: true, force: true });
  });
  const page = await browser.open('about:blank');
  // The file has a limit; on a busy machine a page may take the most of it.
  page.setDefaultTimeout(0);
  const problems = troubles(page);
  const open = async (path: string) => {
    await page.setViewportSize(DESK);
    await page.goto(new URL(path, server.url).href);
  };
  /**
   * What axe finds, and what is too wide: light on a desk and in the dark on a phone, in Chinese the other way round. Not every page in
   * each of eight ways: of two things that a page may have each meets each of the others.
   */
  const look = async (name: string, zh = false): Promise<string[]> => {
    const found: string[] = [];
    for (const [colorScheme, size] of [
      [zh ? 'dark' : 'light', DESK],
      [zh ? 'light' : 'dark', PHONE],
    ] as const) {
      await page.setViewportSize(size);
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.evaluate(AXE);
      found.push(...((await page.evaluate(RUN)) as string[]).map((one) => `${colorScheme}: ${one}`));
      const wide = Number(await page.evaluate('document.documentElement.scrollWidth'));
      if (wide > size.width) found.push(`${wide} px wide on ${size.width}`);
    }
    await shoot(page, name);
    await page.setViewportSize(DESK);
    return found;
  };
  const session = await server.sessions.create({ avatar: 'drawn' });

  await t.test('a stranger is asked for the token, and is let in where they wanted to go', async (t) => {
    await open('/sessions.html');
    t.strictSame(await look('signin'), []);
    await page.fill('#token', 'open');
    await page.click('button[type=submit]');
    await page.locator('#problem:has-text("This is not a token of this server.")').waitFor();
    await page.fill('#token', 'ali baba');
    await page.click('button[type=submit]');
    await page.locator('h1:has-text("Dashboard")').waitFor();
    t.equal(new URL(page.url()).pathname, '/sessions.html');
    t.equal(new URL(page.url()).search, '', 'no token stands in the address');
  });

  await t.test(
    'the dashboard: who is there, what they share, the log, and an end that is asked about',
    async (t) => {
      const doomed = await server.sessions.create({ avatar: 'drawn' });
      logger({ session: session.id }).warn('a line for the dashboard');
      await page.locator('#sessions tr').nth(1).waitFor();
      await page
        .locator(`#sessions tr:has-text("${session.id.slice(0, 8)}") td:nth-child(5):has-text("/s")`)
        .waitFor();
      await page.locator('#log li:has-text("a line for the dashboard")').waitFor();
      t.match(await page.textContent('#models'), 'tinylip');
      t.match(await page.textContent('#tiles'), '2 / 4');
      t.strictSame(await look('sessions'), []);
      await page.click(`[data-end="${doomed.id}"]`);
      await page.locator('dialog button:has-text("Cancel")').click();
      t.equal(doomed.state, 'running', 'who says no changes nothing');
      await page.click(`[data-end="${doomed.id}"]`);
      await page.locator('dialog button.danger').click();
      await page.locator('#sessions tr').nth(1).waitFor({ state: 'detached' });
      t.equal(doomed.state, 'ended');
    },
  );

  await t.test('a session: its graph with figures, said something, watched, recorded', async (t) => {
    await page.click(`#sessions a:has-text("${session.id.slice(0, 8)}")`);
    await page.locator('.node:has-text("lipsyncfilter")').waitFor();
    await page.locator('.edge.flows text:has-text("/s")').first().waitFor();
    await page.click('#watch');
    await page.locator('#viewers tr').waitFor();
    await page.waitForFunction(pictured);
    await page.click('#record');
    await page.locator('#record[aria-pressed=true]').waitFor();
    await page.fill('#text', 'This is said to a session.');
    await page.press('#text', 'Control+Enter');
    await page.locator('#events li:has-text("sentence"):has-text("This is said to a session.")').waitFor();
    await page.locator('#events li:has-text("speech.end")').waitFor();
    t.strictSame(await look('session'), []);
    const sound = waveFile(new Int16Array(8000).fill(300), 16_000);
    await page.setInputFiles('#sound-file', { name: 'x.wav', mimeType: 'audio/wav', buffer: sound });
    await page.click('#sound-form button');
    await page.locator('#events li:has-text("speech.end")').nth(1).waitFor();
    await page.click('#record');
    await page.locator('#film:visible').waitFor();
    const film = await page.request.get(
      new URL(String(await page.getAttribute('#film', 'href')), server.url).href,
    );
    t.equal(film.headers()['content-type'], 'video/mp4');
    await open('/rtmpapi.html');
    await page.locator('#gone:has-text("There is no session 0")').waitFor();
    t.strictSame(await look('gone'), []);
    const complaints: string[] = [];
    const note = (message: { type(): string; text(): string }) => {
      if (message.type() === 'error') complaints.push(message.text());
    };
    page.on('console', note);
    await open('/session.html?id=nobody');
    await page.locator('#gone:has-text("There is no session of this name.")').waitFor();
    await page.locator('#gone a[href="/"]').waitFor();
    t.ok(await page.locator('#problem').isHidden(), 'nothing went wrong');
    page.off('console', note);
    t.strictSame(complaints, [], 'it asks for nothing that is not there');
    await page.click('#gone a[href="/sessions.html"]');
    await page.locator('h1:has-text("Dashboard")').waitFor();
  });

  await t.test('avatars: faces, a report, and a photo that becomes none, with what is wrong', async (t) => {
    await open('/avatar.html');
    await page.locator('#avatars > li').nth(1).waitFor();
    await page.locator('#avatars li:has-text("Ava, drawn") button').click();
    await page.locator('#avatars li:has-text("Ava, drawn") .report li').first().waitFor();
    await page.setInputFiles('#file', {
      name: 'x.png',
      mimeType: 'image/png',
      buffer: Buffer.from('no picture'),
    });
    await page.fill('[name=avatar_id]', 'x-of-a-test');
    await page.click('#make');
    await page.locator('#tasks li:has-text("x-of-a-test") .problem').waitFor();
    t.strictSame(await look('avatars'), []);
    await page.fill('[name=avatar_id]', 'drawn');
    await page.setInputFiles('#file', {
      name: 'x.png',
      mimeType: 'image/png',
      buffer: Buffer.from('no picture'),
    });
    await page.click('#make');
    await page.locator('#problem:has-text("There is an avatar drawn already")').waitFor();
  });

  await t.test('graphs: mistakes underlined, words completed, run as changed, and seen', async (t) => {
    await open('/graphs.html');
    await page.locator('#verdict:has-text("Nothing is wrong with it.")').waitFor();
    const text = page.locator('#text');
    const original = await text.inputValue();
    await text.fill(original.replace('factory: cutgate', 'factory: cutgait'));
    await page.locator('#problems li:has-text("did you mean \\"cutgate\\"")').waitFor();
    t.equal(await page.isDisabled('#run'), true, 'what is wrong does not run');
    t.equal(await page.textContent('.marks mark'), 'cutgait');
    await page.click('#problems button');
    t.match(await page.evaluate('document.activeElement.id'), 'text');
    t.strictSame(await look('graphs'), []);
    // Written by hand, with the list of what could stand there.
    await text.fill('elements:\n  say: { factory: ttss');
    await text.press('End');
    await text.press('Control+Space');
    await page.locator('#choices [aria-selected=true]:has-text("ttssrc")').waitFor();
    await text.press('Enter');
    await text.pressSequentially(', voi');
    await page.locator('#choices [aria-selected=true]:has-text("voice:")').waitFor();
    await text.press('Tab');
    t.equal(await text.inputValue(), 'elements:\n  say: { factory: ttssrc, voice:');

    await text.fill(original.replace('gate:', 'thegate:').replaceAll('gate.', 'thegate.'));
    await page.locator('#verdict:has-text("Nothing is wrong with it.")').waitFor();
    await page.locator('#parameters input[name=avatar]').fill('drawn');
    const before = server.sessions.size;
    await page.click('#run');
    await page.locator('.node:has-text("thegate")').waitFor();
    await page.waitForFunction(pictured);
    t.equal(server.sessions.size, before + 1);
    await page.click('#stop');
    await page.locator('#running').waitFor({ state: 'hidden' });
    while (server.sessions.size > before) await page.waitForTimeout(20);
    t.match(
      await readFile(join(PACKAGE, 'graphs', 'webrtc.yaml'), 'utf8'),
      'gate: {',
      'the file is as it was',
    );
  });

  await t.test('the API: found by a word, sent, answered', async (t) => {
    await open('/api.html');
    await page.fill('#filter', '/v1/models');
    const route = page.locator('details.route:visible');
    await route.locator('summary').first().click();
    await route.locator('button[type=submit]').click();
    await route.locator('.said:has-text("tinylip")').waitFor();
    t.match(await route.textContent(), /200 OK/);
    t.strictSame(await look('api'), []);
  });

  // The one before has ended with its viewer; this one never has any.
  const lone = await server.sessions.create({ avatar: 'drawn' });

  await t.test(
    'markup in texts, names, ids and answers is text, however long and in whatever direction',
    async (t) => {
      const drawn = await readFile(join(PACKAGE, 'data', 'avatars', 'drawn', 'avatar.yaml'), 'utf8');
      await mkdir(join(avatars, 'marked'));
      await symlink(join(PACKAGE, 'data', 'avatars', 'drawn', 'frames'), join(avatars, 'marked', 'frames'));
      await writeFile(
        join(avatars, 'marked', 'avatar.yaml'),
        drawn.replace(
          /^(name|origin): .*$/gm,
          (_, key: string) => `${key}: ${JSON.stringify(HOSTILE.slice(0, 100))}`,
        ),
      );
      // Longer lines are not shown there.
      logger({ session: lone.id, name: HOSTILE.slice(0, 3000) }).warn(HOSTILE.slice(0, 3000));
      await open('/sessions.html');
      await page
        .locator(`#log li:has-text(${quoted(MARKUP)})`)
        .last()
        .waitFor();
      t.strictSame(await harm(page), [], 'the log');

      const listens = page.waitForResponse((reply) =>
        /event-stream/.test(reply.headers()['content-type'] ?? ''),
      );
      await open(`/session.html?id=${lone.id}`);
      await listens;
      await page.fill('#text', HOSTILE);
      await page.press('#text', 'Control+Enter');
      await page
        .locator(`#events li:has-text(${quoted(MARKUP)})`)
        .first()
        .waitFor();
      lone.cut();
      await page.locator('#events li:has-text("interrupted")').waitFor();
      t.strictSame(await harm(page), [], 'what a session says');
      await open(`/session.html?id=${encodeURIComponent(MARKUP)}`);
      await page.locator('#gone:visible').waitFor();
      t.strictSame(await harm(page), [], 'an id');

      await open('/avatars.html');
      await page
        .locator(`#avatars li:has-text(${quoted(MARKUP)}) button`)
        .first()
        .click();
      await page
        .locator(`#avatars li:has-text(${quoted(MARKUP)}) .report li`)
        .first()
        .waitFor();
      await page.setInputFiles('#file', {
        name: `${MARKUP}.png`,
        mimeType: 'image/png',
        buffer: Buffer.from('x'),
      });
      t.strictSame(await harm(page), [], 'the name of an avatar, and of a file');

      await open('/graphs.html');
      await page.locator('#verdict:has-text("Nothing is wrong with it.")').waitFor();
      await page.locator('#text').fill(`elements:\n  say: { factory: ${JSON.stringify(HOSTILE)} }\n`);
      await page.locator(`#problems li:has-text(${quoted('<img src=x')})`).waitFor();
      t.strictSame(await harm(page), [], 'a graph');

      await open('/api.html');
      await page.fill('#filter', '/v1/voices/preview');
      const route = page.locator('details.route:visible');
      await route.locator('summary').first().click();
      await route.locator('.fields-grid input').fill(MARKUP);
      await route.locator('button[type=submit]').click();
      await route.locator('.said:has-text("<img src=x")').waitFor();
      t.strictSame(await harm(page), [], 'an answer');
    },
  );

  await t.test('in Chinese, by the button, on all of them, used on a phone; and out again', async (t) => {
    await page.click('.tools button[lang=zh]');
    for (const { path, title, ready, use } of flows(lone.id)) {
      await open(path);
      await page.locator(`h1:has-text("${title}"), #start:has-text("${title}")`).waitFor();
      t.match(await page.getAttribute('html', 'lang'), 'zh');
      const left = await page.locator('main h2, main label, main button:visible').allInnerTexts();
      t.notMatch(left.join('\n'), /\b(the|Session|Run|Speak|Name|Make|Log|Inference|Check)\b/, path);
      await page.locator(ready).first().waitFor({ state: 'attached' });
      t.strictSame(await look(`zh-${path.slice(1, 4)}`, true), [], path);
      await page.setViewportSize(PHONE);
      await use(page);
      t.ok(await page.locator('#problem').isHidden(), path);
    }
    await page.click('.tools button[lang=en]');
    await page.locator('.tools button:has-text("Sign out")').click();
    await page.locator('#token').waitFor();
  });

  await t.test('who may not watch is told so', async (t) => {
    await page.fill('#token', 'sesame');
    await page.click('button[type=submit]');
    await page.locator('#start').waitFor();
    await page.goto(new URL('/sessions.html', server.url).href);
    await page.locator('#problem:has-text("token of whoever runs this server")').waitFor();
    t.equal(await page.locator('#sessions tr').count(), 0);
  });

  await t.test('Talk drives its session with that one’s own token, and records it', async (t) => {
    await open('/?avatar=drawn');
    await page.locator('#presenters input[value=drawn]:checked').waitFor({ state: 'attached' });
    await page.click('#start');
    await page.waitForSelector('#state[data-state=idle]');
    const given: string[] = [];
    page.on('request', (request) => {
      // Pictures and lists may still be on their way.
      if (/\/(human|record|interrupt_talk)/.test(request.url()))
        given.push(request.headers()['authorization'] ?? '');
    });
    // As if the server's token were another by now.
    await page.context().clearCookies();
    await page.click('#record');
    await page.locator('#record[aria-pressed=true]').waitFor();
    await page.fill('#text', HOSTILE);
    await page.click('#speak');
    await page.waitForSelector('#state[data-state=speaking]');
    await page.locator(`#said li:has-text(${quoted(MARKUP)})`).waitFor();
    await page.locator('#captions .face:has-text("<img")').waitFor();
    t.strictSame(await harm(page), [], 'captions, and the list of what was said');
    await page.click('#cut');
    await page.waitForSelector('#state[data-state=idle]');
    // Longer than what browsers let a page leave behind it, 64 KiB: as long as the field takes.
    await page.fill('#text', `It takes its time. ${'And so it goes on. '.repeat(6000)}`);
    t.equal((await page.inputValue('#text')).length, 100_000);
    await page.click('#speak');
    await page.locator('#said li.now:has-text("It takes its time.")').waitFor();
    t.ok(await page.locator('#problem').isHidden());
    await page.click('#cut');
    await page.waitForSelector('#state[data-state=idle]');
    await page.click('#record');
    await page.locator('#film:visible').waitFor();
    t.ok(given.length >= 4, `${given.length} requests`);
    for (const one of given) t.match(one, /^Bearer tgs\./);
  });

  t.strictSame(problems, []);
});

/** As a selector has it. */
const quoted = (text: string) => JSON.stringify(text);

/** Runs in the page, whose content policy allows no text to be run: the face is seen. */
const pictured = () => (globalThis as unknown as Shown).document.querySelector('#face').videoWidth === 512;
type Shown = { document: { querySelector(selector: string): { videoWidth: number } } };

/** With SHOT=PATH what it looks like, on a desk and on a phone. */
async function shoot(page: Page, name: string): Promise<void> {
  const path = process.env['SHOT'];
  if (path === undefined) return;
  for (const [kind, size] of Object.entries({ desk: DESK, phone: PHONE })) {
    await page.setViewportSize(size);
    await page.screenshot({ path: `${path}-${name}-${kind}.png`, fullPage: true });
  }
}
