// @ts-check
/** Asks for the server's token; the page that was wanted is loaded when it is right. */
import { say, translate } from './words.js';

const form = /** @type {HTMLFormElement} */ (document.getElementById('form'));
const token = /** @type {HTMLInputElement} */ (document.getElementById('token'));
const problem = /** @type {HTMLElement} */ (document.getElementById('problem'));

translate(document.body);
token.focus();
form.addEventListener('submit', async (event) => {
  event.preventDefault();
  problem.hidden = true;
  const reply = await fetch('/v1/token', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token: token.value.trim() }),
  }).catch(() => undefined);
  if (reply?.ok) return location.reload();
  problem.hidden = false;
  problem.textContent = say(
    reply === undefined || reply.status >= 500
      ? 'The server does not answer.'
      : reply.status === 429
        ? 'Too many wrong tokens: try again in a minute.'
        : 'This is not a token of this server.',
  );
  token.select();
});
