// @ts-check
/** What all pages have: the way to the others, language, light or dark, and out. */
import { ask } from './api.js';
import { make } from './dom.js';
import { language, say, translate } from './words.js';

const PAGES = /** @type {const} */ ([
  ['/', 'Talk'],
  ['/sessions.html', 'Dashboard'],
  ['/avatars.html', 'Avatars'],
  ['/graphs.html', 'Graphs'],
  ['/api.html', 'API'],
]);

/**
 * @typedef {object} Me
 * @property {'anybody' | 'key' | 'admin' | 'session'} kind
 * @property {string} name
 * @property {boolean} watches
 * @property {boolean} edits
 */

/** Draws the head of the page and puts its words into the reader's language. @param {string} here the address of this page, as in the list */
export function shell(here) {
  translate(document.body);
  const title = PAGES.find(([address]) => address === here)?.[1];
  if (title !== undefined) document.title = `${say(title)} · talkgraph`;
  const links = PAGES.map(([address, name]) =>
    make('a', { href: address, 'aria-current': address === here ? 'page' : undefined }, say(name)),
  );
  const head = make(
    'header',
    { class: 'head' },
    make('a', { class: 'skip', href: '#main' }, say('Skip to the content')),
    make(
      'a',
      { class: 'brand', href: '/' },
      make('img', { src: '/mark.svg', alt: '', width: 26, height: 26 }),
      'talkgraph',
    ),
    make('nav', { 'aria-label': say('Pages') }, ...links),
    make('div', { class: 'tools' }, languages(), themes()),
  );
  document.body.prepend(head);
  head.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
}

function languages() {
  const other = language === 'zh' ? 'en' : 'zh';
  const name = other === 'zh' ? '中文' : 'English';
  return make(
    'button',
    {
      type: 'button',
      class: 'plain',
      lang: other,
      click: () => {
        localStorage.setItem('talkgraph-language', other);
        location.reload();
      },
    },
    name,
  );
}

function themes() {
  const dark = () => {
    const { theme } = document.documentElement.dataset;
    return theme === undefined ? matchMedia('(prefers-color-scheme: dark)').matches : theme === 'dark';
  };
  const button = make('button', {
    type: 'button',
    class: 'plain',
    click: () => {
      const next = dark() ? 'light' : 'dark';
      document.documentElement.dataset['theme'] = next;
      localStorage.setItem('talkgraph-theme', next);
      name();
    },
  });
  const name = () => {
    button.textContent = dark() ? '☀' : '☾';
    button.setAttribute('aria-label', say(dark() ? 'Light colours' : 'Dark colours'));
  };
  name();
  return button;
}

/** Who looks at this page. Where tokens are needed there is a way out. @returns {Promise<Me>} */
export async function whoami() {
  const me = /** @type {Me} */ (await ask('GET', '/v1/me'));
  if (me.kind !== 'anybody') {
    const out = make('button', { type: 'button', class: 'plain', click: signOut }, say('Sign out'));
    document.querySelector('.tools')?.append(out);
  }
  return me;
}

async function signOut() {
  await ask('DELETE', '/v1/token');
  location.assign('/');
}

/**
 * Asks whether it is meant. @param {string} question @param {string} yes what the button says that does it @returns {Promise<boolean>}
 */
export function sure(question, yes) {
  return new Promise((resolve) => {
    const no = make('button', { type: 'submit', value: 'no' }, say('Cancel'));
    const dialog = make(
      'dialog',
      { 'aria-labelledby': 'question' },
      make(
        'form',
        { method: 'dialog' },
        make('p', { id: 'question' }, question),
        make(
          'div',
          { class: 'row' },
          no,
          make('button', { type: 'submit', value: 'yes', class: 'danger' }, yes),
        ),
      ),
    );
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue === 'yes');
    });
    document.body.append(dialog);
    dialog.showModal();
    // What destroys is never what Enter does.
    no.focus();
  });
}
