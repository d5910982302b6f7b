// @ts-check
/** The dashboard: who is there, how they fare, the inference they share, and the log. */
import { ask, get, poll, Refused } from './api.js';
import { by, complain, make, put } from './dom.js';
import { ms } from './live.js';
import { LogView } from './log.js';
import { shell, sure, whoami } from './shell.js';
import { say } from './words.js';

/** ms between two looks. */
const EVERY = 2000;
/** Sessions whose graphs are looked at; those beyond are listed. */
const LOOKED = 16;

/**
 * @typedef {{id: string, state: string, graph: string, avatar: string | null, voice: string | null, speaking: boolean}} Listed
 * @typedef {import('./live.js').Graph & {fps: number | null, latency: number | null, skew: number | null, viewers: unknown[], seconds: number}} Live
 */

shell('/sessions.html');
const log = new LogView();
const looking = poll(look, EVERY);
whoami().catch((error) => complain('problem', error));

async function look() {
  try {
    const [{ sessions, limit }, pool] = await Promise.all([get('/v1/sessions'), get('/v1/pool'), log.more()]);
    const lives = await Promise.all(sessions.slice(0, LOOKED).map(live));
    show(sessions, limit, lives);
    showPool(pool);
    complain('problem');
    by('when').textContent = say('as of {time}', { time: new Date().toLocaleTimeString() });
  } catch (error) {
    const closed = error instanceof Refused && error.status === 403;
    complain(
      'problem',
      closed
        ? say('This page needs the token of whoever runs this server. Sign out, and in again with that one.')
        : error,
    );
    by('when').textContent = say('not connected');
    if (closed) looking.stop();
  }
}

/** One that ends meanwhile has nothing to show. @param {Listed} session @returns {Promise<Live | undefined>} */
const live = ({ id }) => get(`/v1/sessions/${encodeURIComponent(id)}/levels`).catch(() => undefined);

/** @param {readonly Listed[]} sessions @param {number} limit @param {readonly (Live | undefined)[]} lives */
function show(sessions, limit, lives) {
  by('none').hidden = sessions.length > 0;
  by('table').hidden = sessions.length === 0;
  put(by('sessions'), ...sessions.map((session, n) => row(session, lives[n])));
  const speaking = sessions.filter((one) => one.speaking).length;
  const rates = lives.flatMap((one) => one?.fps ?? []);
  const latest = lives.flatMap((one) => one?.skew ?? []).sort((a, b) => Math.abs(b) - Math.abs(a))[0];
  put(
    by('tiles'),
    tile('Sessions', sessions.length, ` / ${limit}`),
    tile('Speaking', speaking),
    tile(
      'Slowest picture',
      rates.length === 0 ? '–' : Math.min(...rates).toFixed(1),
      rates.length === 0 ? '' : ' /s',
    ),
    tile('Largest skew', latest === undefined ? '–' : ms(latest), latest === undefined ? '' : ' ms'),
  );
}

/** @param {string} name @param {string | number} value @param {string} [unit] */
const tile = (name, value, unit) =>
  make(
    'div',
    {},
    make('dt', {}, say(name)),
    make('dd', {}, value, unit ? make('small', {}, unit) : undefined),
  );

/** @param {Listed} session @param {Live | undefined} live */
function row({ id, state, avatar, voice, speaking, graph }, live) {
  /** @param {string} name @param {string} [kind] @param {...(Node | string)} children */
  const cell = (name, kind, ...children) => make('td', { 'data-name': say(name), class: kind }, ...children);
  const shown = speaking ? 'speaking' : state;
  const fullest = Math.max(
    0,
    ...(live?.elements ?? []).flatMap(({ levels = [] }) => levels.map(({ full }) => full)),
  );
  const address = `/session.html?id=${encodeURIComponent(id)}`;
  return make(
    'tr',
    {},
    cell('Session', undefined, make('a', { href: address, class: 'mono' }, id.slice(0, 8))),
    cell('State', undefined, make('span', { class: 'state', 'data-state': shown }, say(shown))),
    cell('Face', undefined, avatar ?? say('default')),
    cell('Voice', undefined, voice ?? graph),
    cell('Pictures', 'number', live?.fps == null ? '–' : `${live.fps.toFixed(1)}/s`),
    cell('Latency', 'number', live?.latency == null ? '–' : `${ms(live.latency)} ms`),
    cell('Skew', 'number', live?.skew == null ? '–' : `${ms(live.skew)} ms`),
    cell(
      'Queues',
      undefined,
      make('meter', {
        value: fullest,
        max: 1,
        'aria-label': say('{percent} % full', { percent: Math.round(fullest * 100) }),
      }),
    ),
    cell('Viewers', 'number', live === undefined ? '–' : String(live.viewers.length)),
    make(
      'td',
      {},
      make(
        'button',
        {
          type: 'button',
          class: 'small',
          'data-end': id,
          'aria-label': say('End session {id}', { id: id.slice(0, 8) }),
        },
        say('End'),
      ),
    ),
  );
}

// One listener: rows come and go.
by('sessions').addEventListener('click', (event) => {
  const id = event.target instanceof HTMLElement ? event.target.dataset['end'] : undefined;
  if (id !== undefined) end(id).catch((error) => complain('problem', error));
});

/** @param {string} id */
async function end(id) {
  if (
    !(await sure(
      say('End this session? Whoever watches it loses picture and sound.'),
      say('End the session'),
    ))
  )
    return;
  await ask('DELETE', `/v1/sessions/${encodeURIComponent(id)}`);
  await looking.now();
}

/**
 * @typedef {object} Pool
 * @property {{busy: boolean, served: number}[]} threads
 * @property {number} waiting
 * @property {number} done
 * @property {number} batches
 * @property {number} expired
 * @property {number} refused
 * @property {{name: string, provider: string, reason: string, users: number, median: number, p99: number, rows: number}[]} models
 */

/** @param {Pool} pool */
function showPool({ threads, waiting, done, batches, expired, refused, models }) {
  const busy = threads.filter((one) => one.busy).length;
  by('threads').textContent = say('{busy} of {threads} threads at work', { busy, threads: threads.length });
  put(
    by('pool'),
    tile('Waiting', waiting),
    tile('Inferred', done.toLocaleString()),
    tile('In one batch', batches === 0 ? '–' : (done / batches).toFixed(1)),
    tile('Too late', expired + refused),
  );
  by('no-models').hidden = models.length > 0;
  by('models-table').hidden = models.length === 0;
  put(by('models'), ...models.map(model));
}

/** @param {Pool['models'][number]} model */
function model({ name, provider, reason, users, median, p99, rows }) {
  /** @param {string} name @param {string} value @param {string} [kind] */
  const cell = (name, value, kind) => make('td', { 'data-name': say(name), class: kind }, value);
  return make(
    'tr',
    { title: reason },
    cell('Model', name),
    cell('Runs on', provider.toUpperCase()),
    cell('One row', `${median.toFixed(1)} / ${p99.toFixed(1)} ms`, 'number'),
    cell('Rows', `${Math.round(rows)}/s`, 'number'),
    cell('In use', String(users), 'number'),
  );
}
