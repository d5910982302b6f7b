/** What somebody may write who wants to run in others' pages or to break them, and whether it did. */
import type { Page } from 'playwright-core';

/** Each closes whatever it may stand in, and would say so by a variable. */
export const MARKUP = '<img src=x onerror="hacked=1">"></textarea></script><script>hacked=1</script>';
/** From there on to the left, until somebody ends it; and 10,000 letters in which no line can be broken. */
export const HOSTILE = `${MARKUP} \u202e\u2067 ${'la'.repeat(5000)}`;

/**
 * Runs in the page. A text that turns the direction must not reach what stands beside it; what is written in a field, and underlined there, may
 * turn itself, and each text of a drawing stands alone.
 */
const FOUND = `(() => {
  const found = [];
  if (typeof hacked !== 'undefined') found.push('it ran');
  for (const made of document.querySelectorAll('img[src="x"], [onerror], script:not([src])'))
    found.push('it became ' + made.outerHTML.slice(0, 99));
  const wide = document.documentElement.scrollWidth;
  if (wide > innerWidth) found.push(wide + ' px wide on ' + innerWidth);
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = texts.nextNode(); text !== null; text = texts.nextNode()) {
    if (!/[\\u202e\\u2067]/.test(text.data) || text.parentElement.closest('textarea, .marks, svg')) continue;
    for (let at = text, kept = false; !kept; at = at.parentElement) {
      const around = at.parentElement;
      if (around.textContent.trim() !== at.textContent.trim()) {
        found.push('it turns its neighbours in ' + around.outerHTML.slice(0, 99));
        break;
      }
      const { display, unicodeBidi } = getComputedStyle(around);
      kept = display !== 'inline' || unicodeBidi !== 'normal';
    }
  }
  return found;
})()`;

/** What it did to a page, on a phone and on a desk: nothing. The page is left as wide as it was. */
export async function harm(page: Page): Promise<string[]> {
  const found: string[] = [];
  const before = page.viewportSize();
  for (const width of [360, 1280]) {
    await page.setViewportSize({ width, height: 740 });
    found.push(...((await page.evaluate(FOUND)) as string[]).map((one) => `${width}: ${one}`));
  }
  if (before !== null) await page.setViewportSize(before);
  return found;
}
