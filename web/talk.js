// @ts-check
/** The page: start, the face, a text box, a microphone, interrupt, and what the connection measures. */
import { Captions } from './captions.js';
import { Ears } from './ears.js';
import { numbers } from './numbers.js';
import { presenters } from './presenters.js';
import { Recorder } from './record.js';
import { Said } from './said.js';
import { Session } from './session.js';
import { shell, whoami } from './shell.js';
import { voices } from './voices.js';
import { say } from './words.js';

/** @template {HTMLElement} T @param {string} id @returns {T} */
const by = (id) => /** @type {T} */ (document.getElementById(id));
const video = /** @type {HTMLVideoElement} */ (by('face'));
const start = /** @type {HTMLButtonElement} */ (by('start'));
const speak = /** @type {HTMLButtonElement} */ (by('speak'));
const cut = /** @type {HTMLButtonElement} */ (by('cut'));
const text = /** @type {HTMLTextAreaElement} */ (by('text'));
const interrupt = /** @type {HTMLInputElement} */ (by('interrupt'));
const captioned = /** @type {HTMLButtonElement} */ (by('captioned'));
const mode = /** @type {HTMLFieldSetElement} */ (by('mode'));
const said = new Said(by('said'));
const captions = new Captions(by('captions'));
const ears = new Ears(complain);
const recorder = new Recorder(complain);

/** @type {Session | undefined} */
let session;
/** Who speaks; the server's choice when nobody was asked. @type {string | undefined} */
let chosen;
/** ENGINE/NAME; empty: the server's choice. */
let voice = '';
/** Time (ms, performance clock) the text was sent whose first sound is awaited. */
let asked = /** @type {number | undefined} */ (undefined);
/** The face is heard. */
let speaking = false;
/** The user speaks. */
let hearing = false;

/** @param {number} width @param {number} height */
function shape(width, height) {
  if (width > 0 && height > 0) video.parentElement?.style.setProperty('--shape', String(width / height));
}
video.addEventListener('resize', () => shape(video.videoWidth, video.videoHeight));

/** @param {string} state @param {string} [words] */
function show(state, words = state) {
  by('state').dataset['state'] = state;
  by('state').textContent = say(words);
}

/** @param {unknown} error */
function complain(error) {
  by('problem').textContent = error instanceof Error ? error.message : String(error);
  by('problem').hidden = false;
}

/** @param {boolean} open */
function enable(open) {
  speak.disabled = cut.disabled = !open;
  start.hidden = open;
  by('controls').hidden = !open;
}

/** What becomes of what is typed. @returns {'echo' | 'chat'} */
function type() {
  const chosen = /** @type {HTMLInputElement | null} */ (mode.querySelector(':checked'));
  return !mode.hidden && chosen?.value === 'chat' ? 'chat' : 'echo';
}

function name() {
  const chat = type() === 'chat';
  by('wish').textContent = say(chat ? 'What would you like to know?' : 'What shall I say?');
  speak.textContent = say(chat ? 'Ask' : 'Speak');
}
mode.addEventListener('change', name);

/** @typedef {{status?: string, text?: string, message?: string, final?: boolean, state?: string}} Told */

/** Nothing is awaited: who speaks is what there is to show. */
function rest() {
  show(hearing ? 'listening' : speaking ? 'speaking' : 'idle');
}

/** What a session tells of the face. @param {Told} event */
function happened({ status, text: words = '', message }) {
  if (status === 'start') {
    speaking = true;
    show('speaking');
    if (words !== '') said.add(words, 'now');
    captions.says(words);
    if (asked !== undefined) by('latency').textContent = `${Math.round(performance.now() - asked)} ms`;
    asked = undefined;
  } else if (status === 'sentence') {
    said.more(words);
    captions.says(words);
  } else if (status === 'end') {
    speaking = false;
    rest();
    said.over();
    captions.silent();
  } else if (status === 'interrupted') {
    speaking = false;
    rest();
    const heard = words === '' ? undefined : words;
    said.cut(heard);
    captions.cut(heard);
  } else if (status === 'error' || status === 'warning') {
    complain(message);
    // Nobody thinks any more.
    if (status === 'error') rest();
  }
}

/** What a session tells of the user. @param {Told} event */
function heard({ status, text: words = '', final, state }) {
  if (status === 'transcript') {
    captions.hears(words, final === true);
    if (final && words.trim() !== '') said.add(words, 'you');
  } else if (status === 'turn') {
    hearing = state === 'start';
    if (state === 'end' && !speaking && session?.chats) show('thinking');
    else rest();
    if (state === 'nothing') captions.nothing();
  }
}

/** @param {RTCPeerConnectionState} state */
function connection(state) {
  if (state === 'connected') {
    show('idle');
    enable(true);
  } else if (state === 'failed' || state === 'closed' || state === 'disconnected') {
    show('failed', 'connection lost');
    close();
  }
}

async function open() {
  by('problem').hidden = true;
  start.disabled = true;
  show('connecting');
  const mine = new Session();
  session = mine;
  // What an earlier session still tells is not about this one.
  mine.addEventListener('connection', (event) => {
    if (mine === session) connection(/** @type {CustomEvent} */ (event).detail.state);
  });
  mine.addEventListener('event', (event) => {
    if (mine !== session) return;
    happened(/** @type {CustomEvent} */ (event).detail);
    heard(/** @type {CustomEvent} */ (event).detail);
  });
  try {
    const wishes = {
      ...(chosen === undefined ? {} : { avatar: chosen }),
      ...(voice === '' ? {} : { refaudio: voice }),
    };
    const began = voice;
    await mine.open(video, wishes);
    // Chosen while it connected.
    if (voice !== began) mine.speakWith(voice).catch(complain);
    mode.hidden = !mine.chats;
    name();
    ears.attach(mine);
    recorder.attach(mine);
    await video.play();
  } catch (error) {
    if (mine !== session) return;
    complain(error);
    show('failed');
    close();
  }
}

/** Ends the connection; a microphone that is open waits for the next one. */
function leave() {
  session?.close();
  session = undefined;
  recorder.attach();
  speaking = hearing = false;
  video.srcObject = null;
  said.over();
  captions.clear();
  enable(false);
  start.disabled = false;
}

function close() {
  ears.detach();
  leave();
}

shell('/');
// Who is asked may be LiveTalking's server, which knows nobody.
whoami().catch(() => undefined);
numbers(() => session?.peer);
presenters(by('presenters'), ({ id, width, height, background, picture }) => {
  const again = chosen !== undefined && chosen !== id && session !== undefined;
  chosen = id;
  const poster = /** @type {HTMLImageElement} */ (by('poster'));
  poster.src = picture;
  poster.hidden = false;
  poster.style.background = background;
  if (session === undefined) shape(width, height);
  if (!again) return;
  leave();
  open().catch(complain);
}).catch(complain);
voices(by('voices'), (name) => {
  voice = name;
  // One that still connects is told when it has.
  if (session !== undefined && session.id !== '') session.speakWith(voice).catch(complain);
}).catch(complain);
start.addEventListener('click', open);
cut.addEventListener('click', () => session?.cut().catch(complain));
captioned.addEventListener('click', () => {
  const on = captioned.getAttribute('aria-pressed') !== 'true';
  captioned.setAttribute('aria-pressed', String(on));
  captions.show(on);
});
by('form').addEventListener('submit', (event) => {
  event.preventDefault();
  const words = text.value.trim();
  if (!session || words === '') return;
  asked = performance.now();
  by('problem').hidden = true;
  if (type() === 'chat') said.add(words, 'you');
  session.say(words, { interrupt: interrupt.checked, type: type() }).then(() => text.select(), complain);
});
text.addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  /** @type {HTMLFormElement} */ (by('form')).requestSubmit();
});
addEventListener('pagehide', close);
