// @ts-check
/**
 * One session with the server: a peer connection that receives, and the requests that drive it.
 *
 * The protocol is LiveTalking's (POST /offer with a complete offer, then /human, /interrupt_talk, the event stream
 * /sse), so this file works against either server; what is below /v1 is used where a server says that it has it.
 */

import { reach, read, refusal } from './told.js';

/** Milliseconds to wait for ICE candidates before offering what is there. */
const GATHERING = 1000;

/**
 * Letters of a request that is finished when the page goes: browsers let all of them have 64 KiB together, and fail what is more. What is longer is
 * a text or an offer, which nobody hears who has gone.
 */
const PARTING = 1000;

/** The header that brings a new session's own token, where the server has tokens. */
const TOKEN = 'talkgraph-session-token';

/**
 * @param {string} path @param {object} body
 * @param {string} [token] of the session: it opens that one alone, and as long as it lives
 */
async function post(path, body, token) {
  const json = JSON.stringify(body);
  const response = await reach(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...bearer(token) },
    body: json,
    keepalive: json.length <= PARTING,
  });
  const { told: reply, problem } = read(response, await response.text());
  if (problem !== undefined) throw new Error(problem);
  return { reply, token: response.headers.get(TOKEN) ?? undefined };
}

/** @param {string | undefined} token @returns {Record<string, string>} */
const bearer = (token) => (token === undefined ? {} : { authorization: `Bearer ${token}` });

/**
 * Events as `EventSource` has them, with a token in a header and not in an address, which logs keep.
 * @param {string} path @param {string | undefined} token @param {AbortSignal} signal @param {(data: string) => void} tell
 */
async function listen(path, token, signal, tell) {
  const { body } = await fetch(path, { headers: bearer(token), signal });
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { value, done } = (await reader?.read()) ?? { done: true, value: undefined };
    if (done || value === undefined) return;
    const lines = (rest + value).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.startsWith('data: ')) tell(line.slice(6));
  }
}

/** Servers that help to connect, where the server knows any. @returns {Promise<RTCIceServer[]>} */
export async function helpers() {
  try {
    return (await (await fetch('/v1/ice')).json()).iceServers ?? [];
  } catch {
    return []; // what is no server of ours has none
  }
}

/** Resolves once an offer has what it needs, or a second has passed. @param {RTCPeerConnection} peer */
export function gathered(peer) {
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
  /** Ends the stream of events. */
  #end = new AbortController();
  /** The session's own. @type {string | undefined} */
  #token;
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
    const peer = new RTCPeerConnection({ bundlePolicy: 'max-bundle', iceServers: await helpers() });
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
    const { reply: answer, token } = await post('/offer', { ...peer.localDescription?.toJSON(), ...options });
    this.#token = token;
    this.id = answer.sessionid;
    this.chats = answer.chat === true;
    this.listens = answer.listens === true;
    await peer.setRemoteDescription(answer);
    const events = `/sse?sessionid=${encodeURIComponent(this.id)}`;
    // It ends with the session or with the page, and whose connection is lost is told so by it.
    listen(events, token, this.#end.signal, (data) => this.#tell('event', JSON.parse(data))).catch(
      () => undefined,
    );
  }

  /**
   * @param {string} text
   * @param {object} how
   * @param {boolean} how.interrupt
   * @param {'echo' | 'chat'} [how.type] said as it is, or answered
   */
  async say(text, { interrupt, type = 'echo' }) {
    await this.#voice;
    return this.#post('/human', { sessionid: this.id, type, text, interrupt });
  }

  /** Speaks in this voice from now on; in the server's choice where it is empty. @param {string} voice ENGINE/NAME */
  speakWith(voice) {
    const told = this.#voice.then(() =>
      this.#post(`/v1/sessions/${encodeURIComponent(this.id)}/voice`, { voice }),
    );
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
    return this.#post(`/v1/sessions/${encodeURIComponent(this.id)}/ears`, change);
  }

  cut() {
    return this.#post('/interrupt_talk', { sessionid: this.id });
  }

  /** Begins to record, or finishes the file. @param {boolean} on */
  record(on) {
    return this.#post('/record', { sessionid: this.id, type: on ? 'start_record' : 'end_record' });
  }

  /** The finished recording. @returns {Promise<Blob>} */
  async film() {
    const response = await reach(`/record/${encodeURIComponent(this.id)}`, { headers: bearer(this.#token) });
    const problem = await refusal(response);
    if (problem !== undefined) throw new Error(problem);
    return response.blob();
  }

  /** Ends the session; the server notices the closed connection and frees everything. */
  close() {
    this.#end.abort();
    this.peer?.close();
  }

  /** @param {string} path @param {object} body */
  async #post(path, body) {
    return (await post(path, body, this.#token)).reply;
  }

  /** @param {string} name @param {object} detail */
  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
