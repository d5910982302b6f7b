/**
 * The page a measuring Chromium runs: connects, plays, and notes when flashes are shown and beeps are heard.
 *
 * The reading: `requestVideoFrameCallback` gives the time a frame will be on screen, and its mean luma says whether
 * it is a flash. An AudioWorklet tells the sample at which sound sets in, `getOutputTimestamp` when that sample is heard.
 * Both are times of `performance.now()`. What the reading itself adds (vsync, the audio tap) is the same for every
 * sender in the same browser: see `calibrate` in chromium.ts.
 */

/** What the page keeps, all times in ms of its `performance.now()`. */
export interface PageEvents {
  flashes: number[];
  beeps: number[];
  /** The same beeps by the time their message reached the page: a second opinion without getOutputTimestamp. */
  beepArrivals: number[];
}

const WORKLET = `
  registerProcessor('onset', class extends AudioWorkletProcessor {
    quiet = sampleRate; loud = 0;
    process([input]) {
      const samples = input[0];
      if (!samples) { this.quiet += 128; return true; }
      for (let i = 0; i < samples.length; i++) {
        const level = Math.abs(samples[i]);
        if (level > this.loud) this.loud = level;
        if (level > 0.05) {
          // A quarter of a second of silence before it makes it an onset: the beep's own zero crossings are not.
          if (this.quiet > sampleRate / 4) this.port.postMessage({ onset: currentFrame + i });
          this.quiet = 0;
        } else this.quiet++;
      }
      if (currentFrame % 4800 < 128) { this.port.postMessage({ level: this.loud }); this.loud = 0; }
      return true;
    }
  });`;

/** Runs in the page. Kept as text: it is not compiled for node. */
const SCRIPT = `
  const log = { flashes: [], beeps: [], beepArrivals: [] };
  const state = { connectMs: undefined, firstFrameMs: undefined, frames: 0, level: 0, messages: [], mouth: [] };
  const canvas = new OffscreenCanvas(16, 16);
  const pen = canvas.getContext('2d', { willReadFrequently: true });

  function mean(video) {
    pen.drawImage(video, 0, 0, 16, 16);
    const data = pen.getImageData(0, 0, 16, 16).data;
    let sum = 0;
    for (let i = 0; i < data.length; i += 4) sum += data[i + 1];
    return sum / (data.length / 4);
  }

  function watchVideo(video, flashes, started) {
    let white = true;
    const onFrame = (now, meta) => {
      if (state.firstFrameMs === undefined && started !== undefined) state.firstFrameMs = performance.now() - started;
      state.frames++;
      const isWhite = mean(video) > 160;
      if (isWhite && !white) flashes.push(meta.expectedDisplayTime);
      white = isWhite;
      video.requestVideoFrameCallback(onFrame);
    };
    video.requestVideoFrameCallback(onFrame);
  }

  async function watchAudio(context, stream, beeps, arrivals) {
    const node = new AudioWorkletNode(context, 'onset');
    node.port.onmessage = ({ data }) => {
      if (data.level !== undefined) { state.level = data.level; return; }
      const arrived = performance.now();
      const { contextTime, performanceTime } = context.getOutputTimestamp();
      beeps.push(performanceTime + (data.onset / context.sampleRate - contextTime) * 1000);
      arrivals.push(arrived);
    };
    context.createMediaStreamSource(stream).connect(node);
    // A node that nothing pulls does not run: a silent gain keeps it in the graph.
    const mute = new GainNode(context, { gain: 0 });
    node.connect(mute).connect(context.destination);
  }

  async function audioContext() {
    const context = new AudioContext({ latencyHint: 'interactive' });
    const url = URL.createObjectURL(new Blob([${JSON.stringify(WORKLET)}], { type: 'text/javascript' }));
    await context.audioWorklet.addModule(url);
    await context.resume();
    return context;
  }

  let pc, channel, context;
  async function start({ codecs, watch }) {
    const started = performance.now();
    pc = new RTCPeerConnection();
    const video = pc.addTransceiver('video', { direction: 'recvonly' });
    pc.addTransceiver('audio', { direction: 'recvonly' });
    if (codecs) {
      const all = RTCRtpReceiver.getCapabilities('video').codecs;
      video.setCodecPreferences(all.filter((c) => codecs.includes(c.mimeType.split('/')[1]) || /rtx$/.test(c.mimeType)));
    }
    channel = pc.createDataChannel('events');
    channel.onmessage = ({ data }) => state.messages.push(data);
    const stream = new MediaStream();
    pc.ontrack = ({ track, streams }) => {
      state.stream = streams[0]?.id;
      stream.addTrack(track);
      const view = document.querySelector('video');
      if (view.srcObject !== streams[0]) view.srcObject = streams[0];
    };
    const connected = new Promise((resolve, reject) => {
      pc.onconnectionstatechange = () => {
        if (pc.connectionState === 'connected') { state.connectMs ??= performance.now() - started; resolve(); }
        if (pc.connectionState === 'failed') reject(new Error('connection failed'));
      };
    });
    watchVideo(document.querySelector('video'), log.flashes, started);
    await pc.setLocalDescription();
    if (pc.iceGatheringState !== 'complete') await new Promise((resolve) => {
      pc.onicegatheringstatechange = () => pc.iceGatheringState === 'complete' && resolve();
    });
    const offered = performance.now();
    const answer = await window.answer(pc.localDescription.sdp);
    state.gatherMs = offered - started;
    state.answerMs = performance.now() - offered;
    await pc.setRemoteDescription({ type: 'answer', sdp: answer });
    await connected;
    if (watch !== false) {
      context = await audioContext();
      await watchAudio(context, pc.getReceivers().length ? document.querySelector('video').srcObject : stream, log.beeps, log.beepArrivals);
    }
  }

  async function stats() {
    const report = {};
    const all = await pc.getStats();
    for (const s of all.values()) {
      if (s.type === 'inbound-rtp') report[s.kind] = { ...s, mimeType: all.get(s.codecId)?.mimeType };
    }
    return { ...state, connection: pc.connectionState, ...report };
  }

  window.talk = { start, stats, log, state, send: (text) => channel.send(text) };
`;

/** The page as one HTML text. */
export const PAGE = `<!doctype html><meta charset="utf-8"><title>viewer</title>
<body style="margin:0;background:#333"><video autoplay playsinline width="512" height="512"></video>
<script>${SCRIPT}</script></body>`;
