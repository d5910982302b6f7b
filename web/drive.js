// @ts-check
/** One session: its graph as it runs, what can be said to it, and what happens. Without an id it is session 0, which stands from the start. */
import { ask, get, poll, Refused } from './api.js';
import { by, complain, make, put } from './dom.js';
import { Happenings } from './happenings.js';
import { amount, GraphView, ms } from './live.js';
import { shell, sure, whoami } from './shell.js';
import { watch } from './watch.js';
import { say } from './words.js';

const id = new URLSearchParams(location.search).get('id') ?? '0';
const path = `/v1/sessions/${encodeURIComponent(id)}`;
const view = new GraphView(by('graph'));
const text = /** @type {HTMLTextAreaElement} */ (by('text'));
const checked = (/** @type {string} */ name) => /** @type {HTMLInputElement} */ (by(name)).checked;

/** @param {unknown} error */
const failed = (error) => complain('problem', error);
/** Does it, and says what went wrong. @param {() => Promise<unknown>} work */
const doing = (work) => () => {
  complain('problem');
  work().catch(failed);
};

shell('/sessions.html');
const me = whoami();
me.catch(failed);
by('name').textContent = say('Session {id}', { id: id.slice(0, 8) });
document.title = `${by('name').textContent} · talkgraph`;
/** @type {Happenings | undefined} */
let happenings;
const looking = poll(look, 1000);

async function look() {
  try {
    if (happenings === undefined && !(await isThere())) return gone();
    const live = await get(`${path}/levels`);
    if (happenings === undefined) await begin();
    show(live);
  } catch (error) {
    if (!(error instanceof Refused) || error.status !== 404) return failed(error);
    gone();
  }
}

/** Asked of the list, where it may be seen: to ask for what is not there is an error that the browser notes. */
async function isThere() {
  if (!(await me).watches) return true;
  const { sessions } = await get('/v1/sessions');
  return sessions.some((/** @type {{id: string}} */ one) => one.id === id);
}

/** It is there. */
async function begin() {
  happenings = new Happenings(`${path}/events`, gone);
  by('there').hidden = false;
  const { answers } = await get(path);
  by('answer-row').hidden = !answers;
}

/** It never was, or is over: said once, with ways on. */
function gone() {
  looking.stop();
  by('there').hidden = true;
  by('gone').hidden = false;
  by('state').textContent = say('not there');
  put(
    by('gone'),
    id === '0'
      ? say('There is no session 0: one stands from the start with --transport rtmp, rtcpush or virtualcam.')
      : say(
          happenings === undefined
            ? 'There is no session of this name. It may have ended: a session goes with its last viewer.'
            : 'The session has ended.',
        ),
    make('a', { href: '/sessions.html' }, say('All sessions')),
    make('a', { href: '/' }, say('Talk with the face')),
  );
}

/** @param {any} live */
function show(live) {
  const state = live.speaking ? 'speaking' : live.state;
  by('state').dataset['state'] = state;
  by('state').textContent = say(state);
  view.show(live);
  // What is pushed elsewhere, or is a camera, has nobody who joins.
  by('watch').hidden = !live.elements.some(
    (/** @type {{factory: string}} */ one) => one.factory === 'webrtcsink',
  );
  const lost = live.elements.reduce(
    (/** @type {number} */ sum, /** @type {{lost?: number}} */ one) => sum + (one.lost ?? 0),
    0,
  );
  put(
    by('tiles'),
    tile('Playing for', clock(live.seconds)),
    tile('Pictures', live.fps?.toFixed(1), ' /s'),
    tile('Latency', live.latency === null ? undefined : ms(live.latency), ' ms'),
    tile('Skew', live.skew === null ? undefined : ms(live.skew), ' ms'),
    tile('Frames lost', lost),
  );
  audience = live.viewers.length;
  by('viewers-table').hidden = audience === 0;
  put(by('viewers'), ...live.viewers.map(viewer));
}

/** @param {string} name @param {string | number | undefined} value unknown where there is none @param {string} [unit] */
const tile = (name, value, unit) =>
  make(
    'div',
    {},
    make('dt', {}, say(name)),
    make('dd', {}, value ?? '–', unit && value !== undefined ? make('small', {}, unit) : undefined),
  );

/** @param {number} seconds */
const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;

/** @param {any} viewer @param {number} n */
function viewer({ state, codec, low, bitrate, loss, rtt }, n) {
  /** @param {string} name @param {Node | string} value @param {string} [kind] */
  const cell = (name, value, kind) => make('td', { 'data-name': say(name), class: kind }, value);
  return make(
    'tr',
    {},
    cell('Viewer', make('span', { class: 'state', 'data-state': state }, String(n + 1))),
    cell('Codec', codec === null ? '–' : low ? `${codec}, ${say('small')}` : codec),
    cell('Sent', amount(bitrate), 'number'),
    cell('Lost', loss === null ? '–' : `${(loss * 100).toFixed(1)} %`, 'number'),
    cell('Round trip', rtt === null ? '–' : `${ms(rtt)} ms`, 'number'),
  );
}

by('form').addEventListener('submit', (event) => {
  event.preventDefault();
  const words = text.value.trim();
  if (words === '') return;
  const how = { interrupt: checked('interrupt'), answer: checked('answer') && !by('answer-row').hidden };
  doing(() => ask('POST', `${path}/say`, { text: words, ...how }).then(() => text.select()))();
});
text.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey))
    /** @type {HTMLFormElement} */ (by('form')).requestSubmit();
  if (event.key === 'Escape') by('cut').click();
});
by('cut').addEventListener(
  'click',
  doing(() => ask('POST', `${path}/cut`)),
);
by('sound-form').addEventListener('submit', (event) => {
  event.preventDefault();
  const form = new FormData();
  const file = /** @type {HTMLInputElement} */ (by('sound-file')).files?.[0];
  if (file === undefined) return;
  form.set('sessionid', id);
  form.set('file', file);
  doing(() => ask('POST', '/humanaudio', form))();
});
by('clip-form').addEventListener('submit', (event) => {
  event.preventDefault();
  const { value } = /** @type {HTMLInputElement} */ (by('clip'));
  if (value !== '') doing(() => ask('POST', `${path}/clip`, { name: value }))();
});
by('end').addEventListener(
  'click',
  doing(async () => {
    if (
      !(await sure(
        say('End this session? Whoever watches it loses picture and sound.'),
        say('End the session'),
      ))
    )
      return;
    await ask('DELETE', path);
    location.assign('/sessions.html');
  }),
);
by('record').addEventListener(
  'click',
  doing(async () => {
    const button = by('record');
    const on = button.getAttribute('aria-pressed') !== 'true';
    await ask('POST', `${path}/record`, { action: on ? 'start' : 'end' });
    button.setAttribute('aria-pressed', String(on));
    button.textContent = say(on ? 'Stop recording' : 'Record');
    by('film').hidden = on;
    by('film').setAttribute('href', `${path}/record`);
    by('film').setAttribute('download', `${id}.mp4`);
  }),
);

/** @type {(() => void) | undefined} */
let unwatch;
/** Those who were there at the last look, this page among them. */
let audience = 0;
const face = /** @type {HTMLVideoElement} */ (by('face'));
by('watch').addEventListener(
  'click',
  doing(async () => {
    if (unwatch === undefined) unwatch = await watch(id, face);
    else {
      const last = say('You are its only viewer: the session ends with you.');
      if (audience <= 1 && !(await sure(last, say('End the session')))) return;
      unwatch();
      unwatch = undefined;
      face.srcObject = null;
    }
    by('watching').hidden = by('sound').hidden = unwatch === undefined;
    by('watch').textContent = say(unwatch === undefined ? 'Watch' : 'Stop watching');
  }),
);
by('sound').addEventListener('click', () => {
  face.muted = !face.muted;
  by('sound').setAttribute('aria-pressed', String(!face.muted));
});
addEventListener('pagehide', () => {
  unwatch?.();
  happenings?.close();
});
