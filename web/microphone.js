// @ts-check
/** The user's microphone: asked for when it is wanted, let go when it is not, and how loud it is. */

/** @typedef {'off' | 'asking' | 'on' | 'denied' | 'missing' | 'insecure' | 'gone'} MicrophoneState */

/** dB of full scale that a level of 0 and of 1 stand for. */
const [FLOOR, CEILING] = [-60, -12];
/** How much of a level is left after one picture of the screen: it rises at once and falls slowly. */
const FALL = 0.88;

export class Microphone extends EventTarget {
  /** @type {MicrophoneState} */
  state = 'off';
  /** @type {MediaStreamTrack | undefined} */
  track;
  #sends = false;
  /** Counts who opened and closed it: an answer that comes too late is nobody's. */
  #turn = 0;
  /** @type {AudioContext | undefined} */
  #audio;

  /** Whether it is open and sends what it hears. */
  get sends() {
    return this.state === 'on' && this.#sends;
  }
  set sends(yes) {
    this.#sends = yes;
    if (this.track) this.track.enabled = yes;
  }

  /** Asks for it. What comes of it is `state`; each change is an event `state`. */
  async open() {
    if (this.state === 'asking' || this.state === 'on') return;
    if (navigator.mediaDevices === undefined) return this.#become('insecure');
    const turn = ++this.#turn;
    this.#become('asking');
    try {
      // The page hears what it plays: without that the face would interrupt itself.
      const wishes = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
      const stream = await navigator.mediaDevices.getUserMedia({ audio: wishes });
      const [track] = stream.getAudioTracks();
      if (turn !== this.#turn || track === undefined) {
        for (const one of stream.getTracks()) one.stop();
        return;
      }
      this.track = track;
      track.enabled = this.#sends;
      track.addEventListener('ended', () => {
        if (track === this.track) this.#close('gone');
      });
      this.#become('on');
    } catch (error) {
      if (turn !== this.#turn) return;
      const refused = error instanceof DOMException && /^(NotAllowed|Security)Error$/.test(error.name);
      this.#become(refused ? 'denied' : 'missing');
    }
  }

  close() {
    if (this.state !== 'off') this.#close('off');
  }

  /**
   * Draws its level into `place` for as long as it is open, as the size of it: no picture of the screen costs a layout.
   * @param {HTMLElement} place
   */
  meter(place) {
    const track = this.track;
    if (track === undefined) return;
    const audio = new AudioContext();
    this.#audio = audio;
    // Some browsers begin one asleep.
    audio.resume().catch(() => undefined);
    const tap = new AnalyserNode(audio, { fftSize: 1024 });
    audio.createMediaStreamSource(new MediaStream([track])).connect(tap);
    const wave = new Float32Array(tap.fftSize);
    let level = 0;
    const draw = () => {
      if (track !== this.track) {
        place.style.transform = '';
        return;
      }
      tap.getFloatTimeDomainData(wave);
      let power = 0;
      for (const value of wave) power += value * value;
      const now = (10 * Math.log10(power / wave.length + 1e-12) - FLOOR) / (CEILING - FLOOR);
      level = Math.min(1, Math.max(0, now, level * FALL));
      place.style.transform = `scale(${(1 + level / 2).toFixed(2)})`;
      requestAnimationFrame(draw);
    };
    draw();
  }

  /** @param {MicrophoneState} state */
  #close(state) {
    this.#turn++;
    this.track?.stop();
    this.track = undefined;
    this.#audio?.close().catch(() => undefined);
    this.#audio = undefined;
    this.#become(state);
  }

  /** @param {MicrophoneState} state */
  #become(state) {
    this.state = state;
    this.dispatchEvent(new Event('state'));
  }
}
