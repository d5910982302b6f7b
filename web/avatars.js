// @ts-check
/** Who can speak here: pictures, a report on each, and new ones made of videos and photos. */
import { ask, get, poll } from './api.js';
import { by, complain, make, put } from './dom.js';
import { shell, sure, whoami } from './shell.js';
import { send } from './upload.js';
import { say } from './words.js';

/** ms between two looks at what is in the making. */
const EVERY = 2000;

/**
 * @typedef {{id: string, name: string, width: number, height: number, background: string}} Avatar
 * @typedef {{kind?: string, level?: string, from?: number, to?: number, text?: string}} Finding
 * @typedef {{task_id: string, avatar_id: string, model_type: string, status: string, progress: number, error_msg: string | null, start_time: number, duration: number | null, findings: Finding[]}} Task
 */

/** @param {unknown} error */
const failed = (error) => complain('problem', error);
const form = /** @type {HTMLFormElement} */ (by('form'));
const file = /** @type {HTMLInputElement} */ (by('file'));
/** Tasks that were completed when the faces were last read. */
let made = -1;

shell('/avatars.html');
const me = whoami();
me.catch(failed);
const looking = poll(look, EVERY);

async function look() {
  try {
    const { tasks } = /** @type {{tasks: Task[]}} */ ((await get('/api/avatar/tasks')).data);
    by('no-tasks').hidden = tasks.length > 0;
    put(by('tasks'), ...tasks.slice(0, 20).map(task));
    const done = tasks.filter(({ status }) => status === 'completed').length;
    if (done === made) return;
    made = done;
    await faces();
  } catch (error) {
    failed(error);
  }
}

async function faces() {
  const { avatars, preset } = /** @type {{avatars: Avatar[], preset: string | null}} */ (
    (await get('/avatars')).data
  );
  by('count').textContent = say('{count} here', { count: avatars.length });
  by('none').hidden = avatars.length > 0;
  by('avatars').replaceChildren(...avatars.map((avatar) => face(avatar, avatar.id === preset)));
}

/** @param {Avatar} avatar @param {boolean} usual the server's choice */
function face({ id, name, width, height, background }, usual) {
  const picture = make('img', {
    src: `/avatars/${encodeURIComponent(id)}/picture`,
    alt: '',
    width,
    height,
    loading: 'lazy',
  });
  picture.style.background = background;
  const report = make('ul', { class: 'report', 'aria-live': 'polite' });
  const check = make('button', { type: 'button', class: 'small' }, say('Check'));
  check.addEventListener('click', () => void examine(id, check, report));
  check.setAttribute('aria-label', `${say('Check')}: ${name}`);
  return make(
    'li',
    {},
    picture,
    make(
      'div',
      { class: 'about' },
      make(
        'div',
        {},
        make('h2', {}, name),
        make(
          'p',
          { class: 'note' },
          `${id} · ${width} × ${height}${usual ? ` · ${say("the server's choice")}` : ''}`,
        ),
      ),
      make(
        'div',
        { class: 'row' },
        make(
          'a',
          {
            class: 'button small primary',
            href: `/?avatar=${encodeURIComponent(id)}`,
            'aria-label': `${say('Talk')}: ${name}`,
          },
          say('Talk'),
        ),
        check,
      ),
      report,
    ),
  );
}

/** All pictures are looked at, which takes its time. @param {string} id @param {HTMLButtonElement} button @param {HTMLElement} place */
async function examine(id, button, place) {
  button.disabled = true;
  button.textContent = say('checking');
  try {
    const { findings } = await get(`/v1/avatars/${encodeURIComponent(id)}/report`);
    const lines = /** @type {{severity: string, text: string}[]} */ (findings);
    place.replaceChildren(
      ...(lines.length === 0
        ? [make('li', {}, say('Nothing is wrong with it.'))]
        : lines.map(({ severity, text }) => make('li', { class: severity }, text))),
    );
  } catch (error) {
    place.replaceChildren(
      make('li', { class: 'error' }, error instanceof Error ? error.message : String(error)),
    );
  }
  button.disabled = false;
  button.textContent = say('Check');
}

/** @param {Task} task */
function task({ task_id, avatar_id, model_type, status, progress, error_msg, duration, findings }) {
  const open = status === 'pending' || status === 'running';
  const seconds = duration === null ? '' : ` · ${say('{seconds} s', { seconds: Math.round(duration) })}`;
  return make(
    'li',
    {},
    make(
      'header',
      {},
      make('strong', {}, avatar_id),
      make('span', { class: 'state', 'data-state': status }, `${say(status)}${seconds}`),
      open &&
        make(
          'button',
          {
            type: 'button',
            class: 'small',
            'data-cancel': task_id,
            'aria-label': `${say('Cancel')}: ${avatar_id}`,
          },
          say('Cancel'),
        ),
    ),
    open &&
      make('progress', {
        max: 100,
        value: progress,
        'aria-label': say('{percent} % of {what}', { percent: progress, what: avatar_id }),
      }),
    make('p', { class: 'note' }, model_type),
    error_msg !== null && make('p', { class: 'problem' }, error_msg),
    make('ul', { class: 'report' }, ...findings.map(finding)),
  );
}

/** @param {Finding} found */
function finding({ level = 'warning', from, to, text = '' }) {
  const when = from === undefined || to === undefined ? '' : `${from.toFixed(1)}–${to.toFixed(1)} s: `;
  return make('li', { class: level }, `${when}${text}`);
}

by('tasks').addEventListener('click', (event) => {
  const id = event.target instanceof HTMLElement ? event.target.dataset['cancel'] : undefined;
  if (id !== undefined) cancel(id).catch(failed);
});

/** @param {string} id */
async function cancel(id) {
  if (!(await sure(say('Give up this avatar? What was made of it so far is lost.'), say('Give it up'))))
    return;
  await ask('DELETE', `/api/avatar/task/${encodeURIComponent(id)}`);
  await looking.now();
}

file.addEventListener('change', () => {
  by('chosen').textContent = file.files?.[0]?.name ?? say('Drop a video or a photo here, or choose one');
});
for (const name of ['dragover', 'dragleave', 'drop']) {
  by('drop').addEventListener(name, (event) => {
    event.preventDefault();
    by('drop').classList.toggle('over', name === 'dragover');
    const files = event instanceof DragEvent && name === 'drop' ? event.dataTransfer?.files : undefined;
    if (files === undefined || files.length === 0) return;
    file.files = files;
    file.dispatchEvent(new Event('change'));
  });
}
form.addEventListener('submit', (event) => {
  event.preventDefault();
  submit().catch(failed);
});

async function submit() {
  complain('problem');
  const button = /** @type {HTMLButtonElement} */ (by('make'));
  const bar = /** @type {HTMLProgressElement} */ (by('sending'));
  const fields = new FormData(form);
  const replaces = fields.get('replace') === 'true';
  if (
    replaces &&
    !(await sure(
      say('Put the new one in the place of {id}?', { id: String(fields.get('avatar_id')) }),
      say('Replace'),
    ))
  )
    return;
  button.disabled = true;
  bar.hidden = false;
  try {
    await send('/api/avatar/task', fields, (share) => {
      bar.value = share;
    });
    form.reset();
    file.dispatchEvent(new Event('change'));
  } finally {
    button.disabled = false;
    bar.hidden = true;
  }
  await looking.now();
}
