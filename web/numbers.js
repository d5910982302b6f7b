// @ts-check
/** What the connection measures, once a second. */

/** @param {string} id @param {string} words */
const put = (id, words) => {
  const place = document.getElementById(id);
  if (place) place.textContent = words;
};

/** @param {() => RTCPeerConnection | undefined} connection */
export function numbers(connection) {
  /** What had come when it was last measured, and when. */
  let before = { bytes: 0, at: 0 };
  /** @type {RTCPeerConnection | undefined} */
  let measured;
  setInterval(async () => {
    const peer = connection();
    if (peer !== measured) before = { bytes: 0, at: 0 };
    measured = peer;
    const report = await peer?.getStats();
    report?.forEach((entry) => {
      if (entry.type === 'inbound-rtp' && entry.kind === 'video') {
        put('fps', `${entry.framesPerSecond ?? 0} /s`);
        const rate = ((entry.bytesReceived - before.bytes) * 8) / (entry.timestamp - before.at);
        if (before.at > 0) put('bitrate', `${Math.round(rate)} kbit/s`);
        before = { bytes: entry.bytesReceived, at: entry.timestamp };
        put('lost', `${entry.packetsLost}`);
      }
      if (entry.type === 'candidate-pair' && entry.nominated && entry.currentRoundTripTime !== undefined) {
        put('rtt', `${Math.round(entry.currentRoundTripTime * 1000)} ms`);
      }
    });
  }, 1000);
}
