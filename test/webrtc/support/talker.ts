/** A viewer that talks: real Opus packets of some sound, sent at their time, some of them lost or late. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Pipeline } from '../../../src/graph/pipeline.js';
import type { Sample } from '../../../src/graph/samples.js';
import { toInt16 } from '../../support/noises.js';
import type { Receiver } from './receiver.js';

/** RTP packets of a sound (48 kHz, mono), 20 ms each, as a browser sends them: with error correction for what is lost. */
export async function opusPackets(sound: Float32Array, { dtx = false } = {}): Promise<Buffer[]> {
  const line =
    'appsrc name=in format=time caps="audio/x-raw,format=S16LE,layout=interleaved,rate=48000,channels=1" ! ' +
    `opusenc audio-type=voice bitrate=32000 frame-size=20 inband-fec=true packet-loss-percentage=15 dtx=${dtx} ! ` +
    'rtpopuspay dtx=true pt=111 perfect-rtptime=false timestamp-offset=4294960000 seqnum-offset=65530 ! appsink name=out sync=false';
  const pipeline = Pipeline.launch(line);
  const packets: Buffer[] = [];
  const keep = (batch: readonly Sample[]) => packets.push(...batch.map(({ data }) => Buffer.from(data)));
  pipeline.element('out').onSamples(keep, { full: 'wait' });
  const feed = pipeline.element('in').feed();
  const finished = pipeline.finished();
  // Resolves with the first data only.
  const playing = pipeline.play();
  for (let at = 0; at < sound.length; at += 960) {
    const data = new Uint8Array(toInt16(sound.slice(at, at + 960)).buffer);
    await feed.push({ data, pts: Math.round((at * 1e9) / 48_000), duration: 20e6 });
  }
  feed.end();
  await Promise.all([playing, finished]);
  await pipeline.close();
  return packets;
}

/** A bad way for packets: which of them get lost, and which one comes so many packets late. */
export interface Way {
  readonly lost?: (n: number) => boolean;
  readonly late?: (n: number) => number;
}

/** What each has sent: packets, and when the first one left. */
const sent = new WeakMap<Receiver, { packets: number; began: number }>();

/** Numbers of a stream that goes on where this one stopped before, after the time that has gone by. */
function renumbered(receiver: Receiver, packets: readonly Buffer[]): Buffer[] {
  const now = performance.now();
  const before = sent.get(receiver) ?? { packets: 0, began: now };
  sent.set(receiver, { ...before, packets: before.packets + packets.length });
  const passed = Math.round((now - before.began) * 48);
  return packets.map((packet) => {
    const copy = Buffer.from(packet);
    copy.writeUInt16BE((packet.readUInt16BE(2) + before.packets) & 0xffff, 2);
    copy.writeUInt32BE((packet.readUInt32BE(4) + passed) >>> 0, 4);
    return copy;
  });
}

/** Sends packets, one every 20 ms; resolves when the last one has left. */
export async function talk(receiver: Receiver, packets: readonly Buffer[], way: Way = {}): Promise<void> {
  const order = renumbered(receiver, packets)
    .map((packet, n) => ({ packet, n, at: n + (way.late?.(n) ?? 0) + 0.001 * n }))
    .filter(({ n }) => !(way.lost?.(n) ?? false))
    .sort((a, b) => a.at - b.at);
  const began = performance.now();
  for (const { packet, at } of order) {
    const wait = began + 20 * at - performance.now();
    if (wait > 0) await sleep(wait);
    receiver.microphone.writeRtp(packet);
  }
}
