// @ts-check
/**
 * One session with the server: a peer connection that receives, and the requests that drive it.
 *
 * The protocol is LiveTalking's (POST /offer with a complete offer, then /human, /interrupt_talk, the event stream
 * /sse), so this file works against either server.
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
  const reply = await response.json();
  if (!response.ok || (reply.code !== undefined && reply.code !== 0))
    throw new Error(reply.msg ?? response.statusText);
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

export class Session extends EventTarget {
  /** @type {RTCPeerConnection | undefined} */
  peer;
  /** @type {EventSource | undefined} */
  #events;
  id = '';
  /** A language model answers here. */
  chats = false;

  /**
   * Connects and plays into `video`.
   * @param {HTMLVideoElement} video
   * @param {object} [options] further fields of the offer: avatar, refaudio, …
   */
  async open(video, options = {}) {
    const peer = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    this.peer = peer;
    peer.addTransceiver('video', { direction: 'recvonly' });
    peer.addTransceiver('audio', { direction: 'recvonly' });
    peer.ontrack = ({ streams: [stream] }) => {
      if (stream && video.srcObject !== stream) video.srcObject = stream;
    };
    peer.onconnectionstatechange = () => this.#tell('connection', { state: peer.connectionState });
    await peer.setLocalDescription(await peer.createOffer());
    await gathered(peer);
    const answer = await post('/offer', { ...peer.localDescription?.toJSON(), ...options });
    this.id = answer.sessionid;
    this.chats = answer.chat === true;
    await peer.setRemoteDescription(answer);
    this.#events = new EventSource(`/sse?sessionid=${encodeURIComponent(this.id)}`);
    this.#events.onmessage = ({ data }) => this.#tell('event', JSON.parse(data));
  }

  /** @param {string} text @param {boolean} interrupt @param {'echo' | 'chat'} type said as it is, or answered */
  say(text, interrupt, type = 'echo') {
    return post('/human', { sessionid: this.id, type, text, interrupt });
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
