// @ts-check
/**
 * One session with the server: a peer connection that receives, and the requests that drive it.
 *
 * The protocol is LiveTalking's (POST /offer with a complete offer, then /human, /interrupt_talk, the event stream
 * /sse), so this file works against either server; what is below /v1 is used where a server says that it has it.
 */

/** Milliseconds to wait for ICE candidates before offering what is there. */
const GATHERING = 1000;

/** @param {string} path @param {object} body */
async function post(path, body) {
  const response = await fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    keepalive: true,
  });
  if (response.status === 204) return undefined;
  const reply = await response.json();
  // LiveTalking refuses with `msg`, what is below /v1 with problem details.
  if (!response.ok || (reply.code !== undefined && reply.code !== 0))
    throw new Error(reply.msg ?? reply.detail ?? response.statusText);
  return reply;
}

/** @param {RTCPeerConnection} peer */
function gathered(peer) {
  return new Promise((resolve) => {
    if (peer.iceGatheringState === 'complete') return resolve(undefined);
    const timer = setTimeout(resolve, GATHERING);
    peer.addEventListener('icegatheringstatechange', () => {
      if (peer.iceGatheringState !== 'complete') return;
      clearTimeout(timer);
      resolve(undefined);
    });
  });
}

/**
 * What takes the turn from the face, what makes a turn, and whether the button to talk is down.
 * @typedef {{bargeIn?: 'voice' | 'words' | 'off', turns?: 'auto' | 'push-to-talk', button?: boolean}} EarWishes
 */

export class Session extends EventTarget {
  /** @type {RTCPeerConnection | undefined} */
  peer;
  /** @type {EventSource | undefined} */
  #events;
  /** @type {RTCRtpSender | undefined} */
  #microphone;
  /** The voice that was chosen last is set. @type {Promise<unknown>} */
  #voice = Promise.resolve();
  id = '';
  /** A language model answers here. */
  chats = false;
  /** What the user says is heard here. */
  listens = false;

  /**
   * Connects and plays into `video`.
   * @param {HTMLVideoElement} video
   * @param {object} [options] further fields of the offer: avatar, refaudio, …
   */
  async open(video, options = {}) {
    const peer = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    this.peer = peer;
    peer.addTransceiver('video', { direction: 'recvonly' });
    // Nothing is sent until a microphone is put in, and then without a new offer.
    this.#microphone = peer.addTransceiver('audio', { direction: 'sendrecv' }).sender;
    peer.ontrack = ({ streams: [stream] }) => {
      if (stream && video.srcObject !== stream) video.srcObject = stream;
    };
    peer.onconnectionstatechange = () => this.#tell('connection', { state: peer.connectionState });
    await peer.setLocalDescription(await peer.createOffer());
    await gathered(peer);
    const answer = await post('/offer', { ...peer.localDescription?.toJSON(), ...options });
    this.id = answer.sessionid;
    this.chats = answer.chat === true;
    this.listens = answer.listens === true;
    await peer.setRemoteDescription(answer);
    this.#events = new EventSource(`/sse?sessionid=${encodeURIComponent(this.id)}`);
    this.#events.onmessage = ({ data }) => this.#tell('event', JSON.parse(data));
  }

  /**
   * @param {string} text
   * @param {object} how
   * @param {boolean} how.interrupt
   * @param {'echo' | 'chat'} [how.type] said as it is, or answered
   */
  async say(text, { interrupt, type = 'echo' }) {
    await this.#voice;
    return post('/human', { sessionid: this.id, type, text, interrupt });
  }

  /** Speaks in this voice from now on; in the server's choice where it is empty. @param {string} voice ENGINE/NAME */
  speakWith(voice) {
    const told = this.#voice.then(() => post(`/v1/sessions/${encodeURIComponent(this.id)}/voice`, { voice }));
    // What is said next waits for it; refused or not, it is said.
    this.#voice = told.catch(() => undefined);
    return told;
  }

  /** Sends what this track hears; with null nothing. @param {MediaStreamTrack | null} track */
  async hear(track) {
    await this.#microphone?.replaceTrack(track);
  }

  /**
   * Changes how the user is heard, and tells what holds now.
   * @param {EarWishes} change what is left out stays
   * @returns {Promise<EarWishes>}
   */
  ears(change) {
    return post(`/v1/sessions/${encodeURIComponent(this.id)}/ears`, change);
  }

  cut() {
    return post('/interrupt_talk', { sessionid: this.id });
  }

  /** Ends the session; the server notices the closed connection and frees everything. */
  close() {
    this.#events?.close();
    this.peer?.close();
  }

  /** @param {string} name @param {object} detail */
  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
