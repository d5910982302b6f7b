// @ts-check
/** The API to try out: a form for each route of the OpenAPI document. */
import { get } from './api.js';
import { by, complain, make } from './dom.js';
import { example, rows } from './schema.js';
import { shell, sure, whoami } from './shell.js';
import { say } from './words.js';

/** Characters of an answer that are shown. */
const SHOWN = 20_000;

/**
 * @typedef {import('./schema.js').Schema} Schema
 * @typedef {{name: string, in: 'path' | 'query', required?: boolean, schema?: Schema}} Parameter
 * @typedef {object} Operation
 * @property {string} summary
 * @property {Parameter[]} [parameters]
 * @property {{content: Record<string, {schema: Schema}>}} [requestBody]
 * @property {Record<string, {content?: Record<string, unknown>}>} responses
 */

shell('/api.html');
whoami().catch((error) => complain('problem', error));
get('/v1/openapi.json').then(show, (error) => complain('problem', error));

/** @param {{paths: Record<string, Record<string, Operation>>}} document */
function show({ paths }) {
  const routes = Object.entries(paths).flatMap(([path, verbs]) =>
    Object.entries(verbs).map(([verb, operation]) => ({ path, verb, operation })),
  );
  const names = new Set(routes.map(({ path }) => path.split('/')[2] ?? ''));
  for (const name of names) {
    const all = routes.filter(({ path }) => path.split('/')[2] === name);
    by('routes').append(
      make(
        'section',
        { 'aria-label': name },
        make('h2', {}, name),
        ...all.map(({ path, verb, operation }) => route(path, verb, operation)),
      ),
    );
  }
  by('filter').addEventListener('input', filter);
}

function filter() {
  const wanted = /** @type {HTMLInputElement} */ (by('filter')).value.trim().toLowerCase();
  let any = false;
  for (const section of by('routes').children) {
    let found = false;
    for (const one of section.querySelectorAll('details.route')) {
      const fits = (one.querySelector('summary')?.textContent ?? '').toLowerCase().includes(wanted);
      /** @type {HTMLElement} */ (one).hidden = !fits;
      found ||= fits;
    }
    /** @type {HTMLElement} */ (section).hidden = !found;
    any ||= found;
  }
  by('none').hidden = any;
}

/** @param {string} path @param {string} verb @param {Operation} operation */
function route(path, verb, operation) {
  const details = make(
    'details',
    { class: 'route' },
    make(
      'summary',
      {},
      make('span', { class: `verb ${verb}` }, verb.toUpperCase()),
      make('code', {}, path),
      make('span', {}, operation.summary),
    ),
  );
  // The form is made when somebody looks: there are dozens.
  details.addEventListener('toggle', () => {
    if (details.open && details.querySelector('form') === null) details.append(form(path, verb, operation));
  });
  return details;
}

/** @param {string} path @param {string} verb @param {Operation} operation */
function form(path, verb, { parameters = [], requestBody, responses }) {
  const schema = Object.values(requestBody?.content ?? {})[0]?.schema;
  const body =
    schema === undefined
      ? undefined
      : make('textarea', {
          rows: Math.min(14, JSON.stringify(example(schema), null, 2).split('\n').length + 1),
          spellcheck: 'false',
        });
  if (body !== undefined) body.value = JSON.stringify(example(schema ?? {}), null, 2);
  const inputs = parameters.map((parameter) => ({
    parameter,
    input: make('input', { required: parameter.required, autocomplete: 'off' }),
  }));
  const answer = make('div', { 'aria-live': 'polite' });
  const stream =
    Object.values(responses).some(({ content = {} }) => 'text/event-stream' in content) || '101' in responses;
  const send = make(
    'button',
    { type: 'submit', class: verb === 'delete' ? 'danger' : 'primary', disabled: stream },
    say('Send'),
  );
  const place = make(
    'form',
    {},
    parameters.length > 0 &&
      make(
        'div',
        { class: 'fields-grid' },
        ...inputs.map(({ parameter, input }) => make('label', {}, parameter.name, input)),
      ),
    body && make('label', { class: 'field' }, say('Body'), body),
    schema && make('details', {}, make('summary', {}, say('What may stand in it')), table(schema)),
    stream && make('p', { class: 'note' }, say('It streams: use the client of the package, or curl.')),
    make('div', { class: 'row' }, send),
    answer,
  );
  place.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (verb === 'delete' && !(await sure(say('This deletes. Send it?'), say('Send')))) return;
    send.disabled = true;
    await tell(answer, verb.toUpperCase(), address(path, inputs), body?.value);
    send.disabled = false;
  });
  return place;
}

/** @param {string} path @param {readonly {parameter: Parameter, input: HTMLInputElement}[]} inputs */
function address(path, inputs) {
  let whole = path;
  const query = new URLSearchParams();
  for (const { parameter, input } of inputs) {
    if (parameter.in === 'path')
      whole = whole.replace(`{${parameter.name}}`, encodeURIComponent(input.value));
    else if (input.value !== '') query.set(parameter.name, input.value);
  }
  return query.size > 0 ? `${whole}?${query}` : whole;
}

/** @param {HTMLElement} place @param {string} verb @param {string} path @param {string} [body] */
async function tell(place, verb, path, body) {
  const began = performance.now();
  try {
    const reply = await fetch(path, {
      method: verb,
      ...(body === undefined ? {} : { body, headers: { 'content-type': 'application/json' } }),
    });
    const type = reply.headers.get('content-type') ?? '';
    const took = `${reply.status} ${reply.statusText} · ${Math.round(performance.now() - began)} ms`;
    place.replaceChildren(
      make(
        'p',
        { class: 'note' },
        make('span', { class: 'state', 'data-state': reply.ok ? 'running' : 'error' }, took),
      ),
      await shown(reply, type),
    );
  } catch (error) {
    place.replaceChildren(make('p', { class: 'problem' }, String(error)));
  }
}

/** @param {Response} reply @param {string} type */
async function shown(reply, type) {
  if (/^(audio|video|image)\//.test(type)) {
    const source = URL.createObjectURL(await reply.blob());
    const kind = /** @type {'audio' | 'video'} */ (type.split('/')[0]);
    return type.startsWith('image/')
      ? make('img', { src: source, alt: '' })
      : make(kind, { src: source, controls: true });
  }
  const text = await reply.text();
  const tidy = type.includes('json') && text !== '' ? JSON.stringify(JSON.parse(text), null, 2) : text;
  return make(
    'pre',
    { class: 'said', tabindex: '0' },
    tidy.length > SHOWN ? `${tidy.slice(0, SHOWN)}…` : tidy || say('nothing'),
  );
}

/** @param {Schema} schema */
const table = (schema) =>
  make(
    'table',
    { class: 'schema' },
    make(
      'thead',
      {},
      make('tr', {}, ...['Name', 'Kind', 'Meaning'].map((word) => make('th', { scope: 'col' }, say(word)))),
    ),
    make(
      'tbody',
      {},
      ...rows(schema).map(({ name, kind, meaning }) =>
        make(
          'tr',
          {},
          make('td', { 'data-name': say('Name') }, make('code', {}, name)),
          make('td', { 'data-name': say('Kind') }, kind),
          make('td', { 'data-name': say('Meaning') }, meaning),
        ),
      ),
    ),
  );
