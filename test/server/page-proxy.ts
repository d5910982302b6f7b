/** Pages behind a proxy that answers itself: people read a sentence, not what a parser thinks of its HTML. */
import type { Page } from 'playwright-core';
import t from 'tap';
import { hasChromium } from '../webrtc/support/chromium.js';
import { browserFor } from './support/browser.js';
import { serverOf } from './support/server.js';

/** As nginx says it. */
const html = (what: string) =>
  `<html>\r\n<head><title>${what}</title></head>\r\n<body><center><h1>${what}</h1></center><hr><center>nginx</center></body></html>`;

t.test('a proxy answers', { skip: !hasChromium && 'no chromium' }, async (t) => {
  const server = await serverOf(1, { avatar: 'drawn' });
  const browser = await browserFor(t, server);
  const page = await browser.open('about:blank');
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  const says = (path: string, status: number, what: string) =>
    page.route(path, (route) =>
      route.fulfill({ status, contentType: 'text/html', body: html(`${status} ${what}`) }),
    );
  const told = async (on: Page) => {
    const problem = on.locator('#problem');
    await problem.waitFor();
    return problem.textContent();
  };
  const away = /^The server does not answer, says what stands before it \(502( Bad Gateway)?\)\.$/;

  // A page to sign in to a network is an answer as well.
  for (const list of ['**/avatars', '**/v1/voices']) await says(list, 200, 'Welcome');
  await says('**/offer', 502, 'Bad Gateway');
  await page.goto(server.url);
  await page.click('#start');
  t.match(await told(page), away);
  t.equal(await page.getAttribute('#state', 'data-state'), 'failed');
  await page.unroute('**/offer');
  await page.route('**/offer', (route) => route.abort());
  await page.click('#start');
  await page.locator('#problem:text-is("The server does not answer.")').waitFor();

  await says('**/v1/sessions', 502, 'Bad Gateway');
  await page.goto(`${server.url}/sessions.html`);
  t.match(await told(page), away);

  await page.unroute('**/avatars');
  await says('**/api/avatar/task', 413, 'Request Entity Too Large');
  await page.goto(`${server.url}/avatars.html`);
  await page.setInputFiles('#file', { name: 'me.mp4', mimeType: 'video/mp4', buffer: Buffer.alloc(100) });
  await page.fill('[name=avatar_id]', 'me');
  await page.click('#make');
  t.match(await told(page), /^That is more than what stands before the server lets through \(413/);
  t.same(problems, []);
});
