/** The page for everybody: by keyboard and screen reader, in the dark and on a phone, in the reader's language. */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import t from 'tap';
import { PACKAGE } from '../../src/graph/find.js';
import { Chromium, hasChromium } from '../webrtc/support/chromium.js';
import { begin, openEars, sayUntil } from './support/page.js';
import { serverOf } from './support/server.js';

const skip = { skip: !hasChromium && 'no chromium' };
/** axe-core, as text: it is put into the page. */
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RUN = `axe.run().then(({ violations }) => violations.flatMap(({ id, nodes }) =>
  nodes.map(({ html, failureSummary }) => [id, html.slice(0, 200), failureSummary].join(': '))))`;
type Wide = { document: { documentElement: { scrollWidth: number } } };

t.test('nothing is found by axe, and nothing is wider than a phone', skip, async (t) => {
  const { server, chat, understand, browser, close } = await openEars();
  t.teardown(close);
  const page = await browser.open(server.url);
  await page.context().grantPermissions(['microphone']);
  await page.waitForSelector('#voices:visible');
  await page.waitForSelector('#presenters:visible');
  const look = async (name: string) => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.evaluate(AXE);
      t.strictSame(await page.evaluate(RUN), [], `${name}, ${colorScheme}`);
    }
  };
  await look('before it begins');
  await begin(page);
  understand('And who are you, if I may ask?');
  chat.answers((writer) => writer.refuse(401, 'no'));
  await sayUntil(page, page.waitForSelector('#said li.you'));
  await page.waitForSelector('#problem:visible');
  const [session] = server.sessions.list();
  session?.say({
    text: `It is long, so that there is time to look, ${'and longer, '.repeat(60)}and no more.`,
  });
  await page.waitForSelector('#state[data-state=speaking]');
  await page.check('#hold');
  await look('all of it');
  await page.setViewportSize({ width: 320, height: 640 });
  const width = await page.evaluate(
    () => (globalThis as unknown as Wide).document.documentElement.scrollWidth,
  );
  t.equal(width, 320);
});

t.test('reads Chinese to those who do', skip, async (t) => {
  const server = await serverOf(1);
  const browser = await Chromium.launch(['--lang=zh-CN', '--accept-lang=zh-CN']);
  t.teardown(async () => {
    await browser.close();
    await server.close();
  });
  const page = await browser.open(server.url);
  await page.waitForSelector('#voices:visible');
  t.equal(await page.getAttribute('html', 'lang'), 'zh-CN');
  t.equal(await page.textContent('#start'), '开始');
  t.equal(await page.getAttribute('#microphone', 'aria-label'), '麦克风');
  t.equal(await page.textContent('#voice option:checked'), '服务器默认');
  const left = await page.locator('main').evaluate((main: { innerText: string }) => main.innerText);
  t.notMatch(left, /\b(Start|Speak|Voice|interrupt|connected|frames)\b/);
});

t.test('every word of a language stands in the page', async (t) => {
  const web = join(PACKAGE, 'web');
  const read = (name: string) => readFileSync(join(web, name), 'utf8');
  const pages = readdirSync(web).filter((name) => /\.(html|js)$/.test(name) && !name.startsWith('words'));
  const text = pages.map(read).join('\n');
  const keys = [...read('words-zh.js').matchAll(/^ {2}(?:'([^']+)'|"([^"]+)"|(\w+)):/gm)];
  t.ok(keys.length > 40, `${keys.length} words`);
  for (const [, ...names] of keys) {
    const word = names.find((one) => one !== undefined) ?? '';
    t.ok(text.includes(word), word);
  }
});
