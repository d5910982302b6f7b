// @ts-check
/** Graphs: looked at, changed, run, and seen as they run. */
import { ask, get, poll, Refused } from './api.js';
import { by, complain, make, put } from './dom.js';
import { Editor } from './editor.js';
import { GraphView } from './live.js';
import { shell, sure, whoami } from './shell.js';
import { watch } from './watch.js';
import { say } from './words.js';

/** ms of quiet after which what is written is looked at. */
const PAUSE = 350;

/**
 * @typedef {{name: string, type: string, blurb?: string, default?: string | number | boolean | null, values?: string[]}} Parameter
 * @typedef {{name: string, blurb: string, parameters: Parameter[]}} Known
 */

const editor = new Editor(by('editor'));
const view = new GraphView(by('graph'));
const which = /** @type {HTMLSelectElement} */ (by('which'));
/** @type {Known[]} */
let graphs = [];
/** The text as the server has it. */
let original = '';
let mayEdit = false;
let wrong = 0;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
/** The session that runs: what it is looked at with, and how it ends. @type {{id: string, looking: {stop(): void}, unwatch?: () => void} | undefined} */
let running;

/** @param {unknown} error */
const failed = (error) => complain('problem', error);

shell('/graphs.html');
start().catch((error) => {
  const closed = error instanceof Refused && error.status === 403;
  failed(
    closed
      ? say('This page needs the token of whoever runs this server. Sign out, and in again with that one.')
      : error,
  );
  by('verdict').textContent = '';
});

async function start() {
  const me = await whoami();
  mayEdit = me.edits;
  graphs = (await get('/v1/graphs')).graphs;
  which.replaceChildren(...graphs.map(({ name }) => new Option(name, name)));
  const wanted = new URLSearchParams(location.search).get('graph');
  which.value = graphs.some(({ name }) => name === wanted)
    ? String(wanted)
    : ((graphs.find(({ name }) => name === 'webrtc') ?? graphs[0])?.name ?? '');
  await open();
}

async function open() {
  const known = graphs.find(({ name }) => name === which.value);
  if (known === undefined) return;
  original = (await get(`/v1/graphs/${encodeURIComponent(known.name)}`)).text;
  by('blurb').textContent = known.blurb;
  by('parameters').replaceChildren(
    ...known.parameters.filter(({ name }) => ['avatar', 'voice', 'model'].includes(name)).map(field),
  );
  editor.text = original;
}

/** @param {Parameter} parameter */
function field({ name, blurb, default: usual, values }) {
  const input =
    values === undefined
      ? make('input', { name, placeholder: String(usual ?? ''), autocomplete: 'off' })
      : make(
          'select',
          { name },
          ...values.map((value) => new Option(value, value, value === usual, value === usual)),
        );
  return make('label', { title: blurb }, name, input);
}

which.addEventListener('change', () => open().catch(failed));
editor.addEventListener('change', () => {
  clearTimeout(timer);
  settle();
  timer = setTimeout(() => check().catch(failed), PAUSE);
});

/** What can be pressed now. */
function settle() {
  const changed = editor.text !== original;
  by('closed').hidden = !changed || mayEdit;
  /** @type {HTMLButtonElement} */ (by('reset')).disabled = !changed;
  /** @type {HTMLButtonElement} */ (by('run')).disabled =
    wrong > 0 || (changed && !mayEdit) || running !== undefined;
}

async function check() {
  const { text } = editor;
  const { problems, elements, links } = await ask('POST', '/v1/graphs/check', { text });
  if (text !== editor.text) return;
  wrong = problems.length;
  editor.mark(problems);
  by('verdict').textContent =
    wrong === 0 ? say('Nothing is wrong with it.') : say('{count} to put right', { count: wrong });
  put(by('problems'), ...problems.map(complaint));
  if (running === undefined && elements.length > 0) view.show({ elements, links });
  settle();
}

/** @param {import('./editor.js').Problem} problem @param {number} n */
function complaint({ message, file, line, column }, n) {
  const place = line === undefined ? '' : `${file === undefined ? '' : `${file}:`}${line}:${column}`;
  return make(
    'li',
    {},
    make(
      'button',
      { type: 'button', 'data-problem': n, 'data-line': line, 'data-column': column },
      make('b', {}, place),
      make('bdi', {}, message),
    ),
  );
}

by('problems').addEventListener('click', (event) => {
  const button = event.target instanceof Element ? event.target.closest('button') : null;
  if (button?.dataset['line'])
    editor.go({
      message: '',
      line: Number(button.dataset['line']),
      column: Number(button.dataset['column']),
    });
});
by('reset').addEventListener('click', async () => {
  if (await sure(say('Forget what you changed?'), say('Forget it'))) editor.text = original;
});
by('save').addEventListener('click', () => {
  const link = make('a', {
    href: URL.createObjectURL(new Blob([editor.text], { type: 'application/yaml' })),
    download: `${which.value}.yaml`,
  });
  link.click();
  URL.revokeObjectURL(link.href);
});
by('run-form').addEventListener('submit', (event) => {
  event.preventDefault();
  run().catch(failed);
});
by('stop').addEventListener('click', () => end().catch(failed));
by('say-form').addEventListener('submit', (event) => {
  event.preventDefault();
  const words = /** @type {HTMLInputElement} */ (by('words'));
  if (running === undefined || words.value.trim() === '') return;
  ask('POST', `/v1/sessions/${running.id}/say`, { text: words.value, interrupt: true }).then(
    () => words.select(),
    failed,
  );
});

async function run() {
  complain('problem');
  const button = /** @type {HTMLButtonElement} */ (by('run'));
  button.disabled = true;
  button.textContent = say('starting');
  try {
    const given = [...new FormData(/** @type {HTMLFormElement} */ (by('run-form')))].filter(
      ([, value]) => value !== '',
    );
    const changed = editor.text !== original;
    const what = changed ? { text: editor.text } : { graph: which.value };
    const { id } = await ask('POST', '/v1/sessions', { ...what, parameters: Object.fromEntries(given) });
    running = { id, looking: poll(look, 1000) };
    by('open').setAttribute('href', `/session.html?id=${encodeURIComponent(id)}`);
    by('running').hidden = by('say-form').hidden = false;
    // A graph that ends elsewhere than with viewers is seen as a drawing alone.
    running.unwatch = await watch(id, /** @type {HTMLVideoElement} */ (by('face'))).catch(() => undefined);
    by('watching').hidden = running?.unwatch === undefined;
  } finally {
    button.textContent = say('Run');
    settle();
  }
}

async function look() {
  const mine = running;
  if (mine === undefined) return;
  try {
    view.show(await get(`/v1/sessions/${mine.id}/levels`));
  } catch (error) {
    if (!(error instanceof Refused) || error.status !== 404) return failed(error);
    failed(say('The session has ended.'));
    over();
  }
}

async function end() {
  const id = running?.id;
  over();
  if (id !== undefined) await ask('DELETE', `/v1/sessions/${id}`);
}

/** Nothing runs any more. */
function over() {
  running?.looking.stop();
  running?.unwatch?.();
  running = undefined;
  /** @type {HTMLVideoElement} */ (by('face')).srcObject = null;
  by('running').hidden = by('say-form').hidden = by('watching').hidden = true;
  settle();
  check().catch(failed);
}

addEventListener('pagehide', () => {
  const id = running?.id;
  // Whoever leaves leaves nothing running.
  if (id !== undefined)
    void fetch(`/v1/sessions/${id}`, { method: 'DELETE', keepalive: true }).catch(() => undefined);
});
