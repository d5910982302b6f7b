// @ts-check
/** How the user is heard: the microphone's button, mute, hold to talk, and whether a voice interrupts. */
import { Microphone } from './microphone.js';
import { say } from './words.js';

/** @template {HTMLElement} T @param {string} id @returns {T} */
const by = (id) => /** @type {T} */ (document.getElementById(id));

/** @type {Readonly<Record<import('./microphone.js').MicrophoneState, string>>} */
const STATES = {
  off: 'microphone off',
  asking: 'asking for the microphone',
  on: 'microphone on',
  denied: 'microphone blocked: allow it beside the address of this page, then press again',
  missing: 'no microphone was found: plug one in, then press again',
  insecure: 'the microphone needs a page from localhost or over https',
  gone: 'the microphone has gone',
};

/** What writes keeps its space bar; on all else it is for talking, unless it was reached by keyboard. */
const WRITES = 'textarea, select, input:not([type=checkbox], [type=radio])';
const PRESSED = 'button, input, summary, a';

/** ms after which the last word that was said has come to where it is heard: what is told overtakes what is spoken. */
const UNDERWAY = 250;

export class Ears {
  #microphone = new Microphone();
  #button = /** @type {HTMLButtonElement} */ (by('microphone'));
  #mute = /** @type {HTMLButtonElement} */ (by('mute'));
  #talk = /** @type {HTMLButtonElement} */ (by('talk'));
  #hold = /** @type {HTMLInputElement} */ (by('hold'));
  #bargeIn = /** @type {HTMLInputElement} */ (by('bargein'));
  /** @type {import('./session.js').Session | undefined} */
  #session;
  /** @type {(error: unknown) => void} */
  #complain;
  #muted = false;
  /** What the user has chosen here; all else is as the server has it. @type {import('./session.js').EarWishes} */
  #wishes = {};
  /** What interrupts where a voice may. @type {'voice' | 'words'} */
  #over = 'voice';
  /** The button to talk, or the space bar, is down. */
  #held = false;
  /** It was let go, and the server is yet to be told. @type {ReturnType<typeof setTimeout> | undefined} */
  #lettingGo;
  /** What was last touched was touched by a pointer. */
  #pointed = false;
  /** What the server is told comes in the order it happened. */
  #told = Promise.resolve();

  /** @param {(error: unknown) => void} complain */
  constructor(complain) {
    this.#complain = complain;
    this.#microphone.addEventListener('state', () => this.#changed());
    this.#button.addEventListener('click', () => {
      if (this.#microphone.state === 'on') this.#microphone.close();
      else this.#microphone.open().catch(complain);
    });
    this.#mute.addEventListener('click', () => {
      this.#muted = !this.#muted;
      this.#show();
    });
    this.#hold.addEventListener('change', () => {
      const turns = this.#hold.checked ? 'push-to-talk' : 'auto';
      this.#press(false);
      if (this.#lettingGo !== undefined) this.#letGo();
      this.#muted = false;
      this.#wishes = { ...this.#wishes, turns };
      // A turn that speech had begun has no button that ends it.
      this.#tell(turns === 'auto' ? { turns } : { turns, button: false });
      this.#show();
    });
    this.#bargeIn.addEventListener('change', () => {
      const bargeIn = this.#bargeIn.checked ? this.#over : 'off';
      this.#wishes = { ...this.#wishes, bargeIn };
      this.#tell({ bargeIn });
    });
    this.#listen();
    this.#show();
  }

  /** Speaks to this session from now on, if it listens. @param {import('./session.js').Session} session */
  attach(session) {
    this.#session = session.listens ? session : undefined;
    this.#release();
    if (session.listens) this.#tell(this.#wishes);
    else this.#microphone.close();
    this.#send();
    this.#show();
  }

  /** Nobody is there. */
  detach() {
    this.#session = undefined;
    this.#release();
    this.#microphone.close();
    this.#show();
  }

  /** Pointer, keys, and the end of both: whoever looks away holds nothing. */
  #listen() {
    const talk = this.#talk;
    talk.addEventListener('pointerdown', (event) => {
      talk.setPointerCapture(event.pointerId);
      this.#press(true);
    });
    for (const end of ['pointerup', 'pointercancel', 'lostpointercapture'])
      talk.addEventListener(end, () => this.#press(false));
    talk.addEventListener('contextmenu', (event) => event.preventDefault());
    // A screen reader presses and lets go in one: the next press ends it.
    talk.addEventListener('click', ({ detail }) => {
      if (detail === 0) this.#press(!this.#held);
    });
    addEventListener('pointerdown', () => {
      this.#pointed = true;
    });
    addEventListener('keydown', (event) => {
      if (event.code === 'Tab') this.#pointed = false;
      if (event.code !== 'Space' || !this.#takesSpace(event.target)) return;
      event.preventDefault();
      if (!event.repeat) this.#press(true);
    });
    addEventListener('keyup', (event) => {
      if (event.code !== 'Space' || !this.#held) return;
      event.preventDefault();
      this.#press(false);
    });
    addEventListener('blur', () => this.#press(false));
    document.addEventListener('visibilitychange', () => {
      if (document.hidden) this.#press(false);
    });
  }

  /** @param {EventTarget | null} target */
  #takesSpace(target) {
    if (!this.#hold.checked || this.#microphone.state !== 'on') return false;
    if (!(target instanceof Element) || target === this.#talk) return true;
    return target.closest(WRITES) === null && (this.#pointed || target.closest(PRESSED) === null);
  }

  /** @param {boolean} down */
  #press(down) {
    if (this.#held === down || (down && (!this.#hold.checked || this.#microphone.state !== 'on'))) return;
    this.#held = down;
    clearTimeout(this.#lettingGo);
    if (!down) this.#lettingGo = setTimeout(() => this.#letGo(), UNDERWAY);
    // Whoever presses again at once goes on.
    else if (this.#lettingGo === undefined) this.#tell({ button: true });
    else this.#lettingGo = undefined;
    this.#show();
  }

  #letGo() {
    this.#release();
    this.#tell({ button: false });
  }

  /** Nothing is held, nor told. */
  #release() {
    clearTimeout(this.#lettingGo);
    this.#lettingGo = undefined;
    this.#held = false;
  }

  #changed() {
    if (this.#microphone.state === 'on') this.#microphone.meter(by('level'));
    else {
      this.#press(false);
      this.#muted = false;
    }
    this.#send();
    this.#show();
  }

  #send() {
    this.#session?.hear(this.#microphone.track ?? null).catch(this.#complain);
  }

  /** @param {import('./session.js').EarWishes} change */
  #tell(change) {
    const session = this.#session;
    if (session === undefined) return;
    this.#told = this.#told
      .then(() => session.ears(change))
      .then((holds) => {
        if (session === this.#session) this.#learn(holds);
      })
      .catch(this.#complain);
  }

  /** The server may be set otherwise than the page begins. @param {import('./session.js').EarWishes} holds */
  #learn({ bargeIn, turns }) {
    if (this.#wishes.bargeIn === undefined) {
      this.#bargeIn.checked = bargeIn !== 'off';
      if (bargeIn === 'words') this.#over = bargeIn;
    }
    if (this.#wishes.turns === undefined) this.#hold.checked = turns === 'push-to-talk';
    this.#show();
  }

  #show() {
    const { state } = this.#microphone;
    const [on, hold] = [state === 'on', this.#hold.checked];
    this.#microphone.sends = hold ? this.#held : !this.#muted;
    for (const place of [this.#button, by('ears')]) place.hidden = this.#session === undefined;
    this.#button.dataset['state'] = on && !this.#microphone.sends ? 'quiet' : state;
    this.#button.setAttribute('aria-pressed', String(on));
    // The button takes the turn whatever was said here.
    this.#bargeIn.disabled = hold;
    this.#mute.hidden = !on || hold;
    this.#mute.setAttribute('aria-pressed', String(this.#muted));
    this.#talk.hidden = !on || !hold;
    this.#talk.setAttribute('aria-pressed', String(this.#held));
    const words =
      on && this.#muted ? 'microphone muted' : on && hold && !this.#held ? 'hold to talk' : STATES[state];
    by('hearing').textContent = this.#session === undefined ? '' : say(words);
    by('hearing').dataset['state'] = state;
  }
}
