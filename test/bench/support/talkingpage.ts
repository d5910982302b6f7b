/**
 * A page that talks: sends its microphone, plays what comes back, and notes when either sounds and when it falls silent.
 *
 * Both go through one AudioWorklet, so their times are of one clock; the earliest arrival among the messages of the last seconds says where
 * that clock lies in `performance.now()` (without a sound card it loses a tenth of a second in five minutes), and `timeOrigin` where that lies in
 * unix time, which is the server's on the same machine.
 */

/** Edges of one sound, unix ms in order. */
export interface Edges {
  readonly on: number[];
  readonly off: number[];
}

/** Quieter than this is silence, and this much of it ends a sound, s. */
const [LOUD, QUIET] = [0.01, 0.35];
/** Messages that tell where the clock is; one comes every 12,800 samples, .27 s. */
const RECENT = 20;

const WORKLET = `
  registerProcessor('edges', class extends AudioWorkletProcessor {
    sounds = [0, 1].map(() => ({ last: -1e9, on: false }));
    process(inputs) {
      inputs.forEach(([samples], which) => {
        const sound = this.sounds[which];
        if (samples) for (let i = 0; i < samples.length; i++) {
          if (Math.abs(samples[i]) < ${LOUD}) continue;
          if (!sound.on) this.port.postMessage({ now: currentFrame, which, edge: 'on', frame: currentFrame + i });
          sound.on = true;
          sound.last = currentFrame + i;
        }
        if (!sound.on || currentFrame - sound.last < ${QUIET} * sampleRate) return;
        sound.on = false;
        this.port.postMessage({ now: currentFrame, which, edge: 'off', frame: sound.last });
      });
      if (currentFrame % 12800 === 0) this.port.postMessage({ now: currentFrame });
      return true;
    }
  });`;

/** Runs in the page; \`answer\` gives the answer to its offer. */
export const TALK = `(async () => {
  const microphone = await navigator.mediaDevices.getUserMedia({ audio: true });
  const context = new AudioContext({ latencyHint: 'interactive' });
  const module = URL.createObjectURL(new Blob([${JSON.stringify(WORKLET)}], { type: 'text/javascript' }));
  await context.audioWorklet.addModule(module);
  const node = new AudioWorkletNode(context, 'edges', { numberOfInputs: 2 });
  const seen = [];
  const origins = [];
  node.port.onmessage = ({ data }) => {
    origins.push(performance.now() - data.now / context.sampleRate * 1000);
    if (origins.length > ${RECENT}) origins.shift();
    if (data.edge) seen.push({ ...data, at: Math.min(...origins) + data.frame / context.sampleRate * 1000 });
  };
  node.connect(new GainNode(context, { gain: 0 })).connect(context.destination);
  const pc = new RTCPeerConnection();
  pc.addTransceiver('video', { direction: 'recvonly' });
  pc.addTransceiver(microphone.getAudioTracks()[0], { direction: 'sendrecv', streams: [microphone] });
  const channel = pc.createDataChannel('events');
  const messages = [];
  channel.onmessage = ({ data }) => messages.push(JSON.parse(data));
  const video = document.querySelector('video');
  pc.ontrack = ({ track, streams: [stream] }) => {
    if (video.srcObject !== stream) video.srcObject = stream;
    if (track.kind === 'audio') context.createMediaStreamSource(new MediaStream([track])).connect(node, 0, 1);
  };
  await pc.setLocalDescription();
  if (pc.iceGatheringState !== 'complete') await new Promise((done) => {
    pc.onicegatheringstatechange = () => pc.iceGatheringState === 'complete' && done();
  });
  await pc.setRemoteDescription({ type: 'answer', sdp: await answer(pc.localDescription.sdp) });
  context.createMediaStreamSource(microphone).connect(node, 0, 0);
  window.talking = {
    edges: () => [0, 1].map((which) => Object.fromEntries(['on', 'off'].map((edge) => [
      edge,
      seen.filter((one) => one.which === which && one.edge === edge)
        .map(({ at }) => performance.timeOrigin + at),
    ]))),
    messages,
  };
})()`;
