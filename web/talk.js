// @ts-check
/** The page: start, the face, a text box, interrupt, and what the connection measures. */
import { presenters } from './presenters.js';
import { Session } from './session.js';

/** @template {HTMLElement} T @param {string} id @returns {T} */
const by = (id) => /** @type {T} */ (document.getElementById(id));
const video = /** @type {HTMLVideoElement} */ (by('face'));
const start = /** @type {HTMLButtonElement} */ (by('start'));
const speak = /** @type {HTMLButtonElement} */ (by('speak'));
const cut = /** @type {HTMLButtonElement} */ (by('cut'));
const text = /** @type {HTMLTextAreaElement} */ (by('text'));
const interrupt = /** @type {HTMLInputElement} */ (by('interrupt'));
const said = by('said');
const mode = /** @type {HTMLFieldSetElement} */ (by('mode'));

/** Lines kept in the list of what was said. */
const LINES = 50;

/** @type {Session | undefined} */
let session;
/** Who speaks; the server's choice when nobody was asked. @type {string | undefined} */
let chosen;
/** Time (ms, performance clock) the text was sent whose first sound is awaited. */
let asked = /** @type {number | undefined} */ (undefined);
/** What had come when it was last measured, and when. */
let before = { bytes: 0, at: 0 };

/** @param {number} width @param {number} height */
function shape(width, height) {
  if (width > 0 && height > 0) video.parentElement?.style.setProperty('--shape', String(width / height));
}
video.addEventListener('resize', () => shape(video.videoWidth, video.videoHeight));

/** @param {string} state @param {string} [words] */
function show(state, words = state) {
  by('state').dataset['state'] = state;
  by('state').textContent = words;
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
}

/** What becomes of what is typed. @returns {'echo' | 'chat'} */
function type() {
  const chosen = /** @type {HTMLInputElement | null} */ (mode.querySelector(':checked'));
  return !mode.hidden && chosen?.value === 'chat' ? 'chat' : 'echo';
}

function name() {
  const chat = type() === 'chat';
  by('wish').textContent = chat ? 'What would you like to know?' : 'What shall I say?';
  speak.textContent = chat ? 'Ask' : 'Speak';
}
mode.addEventListener('change', name);

/** @param {string} words @param {string} [by] who says it; the face, where nobody is named */
function line(words, by = 'now') {
  for (const other of said.querySelectorAll('.now')) other.classList.remove('now');
  const item = document.createElement('li');
  item.className = by;
  item.textContent = words;
  said.append(item);
  while (said.children.length > LINES) said.firstElementChild?.remove();
  item.scrollIntoView({ block: 'nearest' });
}

/** @param {{status?: string, text?: string, message?: string}} event */
function happened({ status, text: words, message }) {
  if (status === 'start') {
    show('speaking');
    if (words) line(words);
    if (asked !== undefined) by('latency').textContent = `${Math.round(performance.now() - asked)} ms`;
    asked = undefined;
  } else if (status === 'sentence') {
    const now = said.querySelector('.now');
    if (now && words && !now.textContent?.includes(words.trim())) now.textContent += words;
  } else if (status === 'end') {
    show('idle');
    for (const other of said.querySelectorAll('.now')) other.classList.remove('now');
  } else if (status === 'interrupted') {
    show('idle');
    said.querySelector('.now')?.classList.add('cut');
  } else if (status === 'error' || status === 'warning') {
    complain(message);
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
    if (mine === session) happened(/** @type {CustomEvent} */ (event).detail);
  });
  try {
    await mine.open(video, chosen === undefined ? {} : { avatar: chosen });
    mode.hidden = !mine.chats;
    name();
    await video.play();
  } catch (error) {
    if (mine !== session) return;
    complain(error);
    show('failed');
    close();
  }
}

function close() {
  session?.close();
  session = undefined;
  video.srcObject = null;
  before = { bytes: 0, at: 0 };
  for (const other of said.querySelectorAll('.now')) other.classList.remove('now');
  enable(false);
  start.disabled = false;
}

async function measure() {
  const report = await session?.peer?.getStats();
  report?.forEach((entry) => {
    if (entry.type === 'inbound-rtp' && entry.kind === 'video') {
      by('fps').textContent = `${entry.framesPerSecond ?? 0} /s`;
      const rate = ((entry.bytesReceived - before.bytes) * 8) / (entry.timestamp - before.at);
      if (before.at > 0) by('bitrate').textContent = `${Math.round(rate)} kbit/s`;
      before = { bytes: entry.bytesReceived, at: entry.timestamp };
      by('lost').textContent = `${entry.packetsLost}`;
    }
    if (entry.type === 'candidate-pair' && entry.nominated && entry.currentRoundTripTime !== undefined) {
      by('rtt').textContent = `${Math.round(entry.currentRoundTripTime * 1000)} ms`;
    }
  });
}
setInterval(measure, 1000);

presenters(by('presenters'), ({ id, width, height, background, picture }) => {
  const again = chosen !== undefined && chosen !== id && session !== undefined;
  chosen = id;
  const poster = /** @type {HTMLImageElement} */ (by('poster'));
  poster.src = picture;
  poster.hidden = false;
  poster.style.background = background;
  if (session === undefined) shape(width, height);
  if (!again) return;
  close();
  open().catch(complain);
}).catch(complain);
start.addEventListener('click', open);
cut.addEventListener('click', () => session?.cut().catch(complain));
by('form').addEventListener('submit', (event) => {
  event.preventDefault();
  const words = text.value.trim();
  if (!session || words === '') return;
  asked = performance.now();
  by('problem').hidden = true;
  if (type() === 'chat') line(words, 'you');
  session.say(words, interrupt.checked, type()).then(() => text.select(), complain);
});
text.addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  /** @type {HTMLFormElement} */ (by('form')).requestSubmit();
});
addEventListener('pagehide', close);
