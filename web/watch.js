// @ts-check
/** Sees and hears a session that runs, beside its viewers. Muted until somebody asks for the sound. */
import { ask } from './api.js';
import { gathered, helpers } from './session.js';

/** @param {string} id @param {HTMLVideoElement} video @returns {Promise<() => void>} what ends it; rejects for a session that has no viewers */
export async function watch(id, video) {
  const peer = new RTCPeerConnection({ bundlePolicy: 'max-bundle', iceServers: await helpers() });
  try {
    peer.addTransceiver('video', { direction: 'recvonly' });
    peer.addTransceiver('audio', { direction: 'recvonly' });
    peer.ontrack = ({ streams: [stream] }) => {
      if (stream && video.srcObject !== stream) video.srcObject = stream;
    };
    await peer.setLocalDescription(await peer.createOffer());
    await gathered(peer);
    const sdp = peer.localDescription?.sdp;
    const answer = await ask('POST', `/v1/sessions/${encodeURIComponent(id)}/offer`, { sdp });
    await peer.setRemoteDescription(answer);
    return () => peer.close();
  } catch (error) {
    peer.close();
    throw error;
  }
}
