// @ts-check
/** Sees and hears a session that runs, beside its viewers. Muted until somebody asks for the sound. */
import { ask } from './api.js';

/** ms to wait for candidates before offering what is there. */
const GATHERING = 1000;

/** @param {string} id @param {HTMLVideoElement} video @returns {Promise<() => void>} what ends it; rejects for a session that has no viewers */
export async function watch(id, video) {
  const peer = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
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

/** @param {RTCPeerConnection} peer */
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
