/** Sound through an encoder of GStreamer's, for tests that need compressed bytes. */
import { Pipeline } from '../../src/graph/pipeline.js';

/** The bytes that `line` (`opusenc ! oggmux`) makes of mono samples. */
export async function encode(samples: Int16Array, rate: number, line: string): Promise<Buffer> {
  return Buffer.concat(await packets(samples, rate, line));
}

/** The same, buffer by buffer. */
export async function packets(samples: Int16Array, rate: number, line: string): Promise<Uint8Array[]> {
  const caps = `audio/x-raw, format=S16LE, layout=interleaved, channels=1, rate=${rate}`;
  const pipeline = Pipeline.launch(
    `appsrc name=in format=time caps="${caps}" ! audioconvert ! ${line} ! appsink name=out sync=false`,
  );
  const parts: Uint8Array[] = [];
  try {
    pipeline
      .element('out')
      .onSamples((batch) => parts.push(...batch.map(({ data }) => data)), { full: 'wait' });
    const feed = pipeline.element('in').feed({ limit: 64 << 20 });
    const data = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
    void feed.push({ data, pts: 0, duration: Math.round((samples.length * 1e9) / rate) });
    feed.end();
    await pipeline.play();
    await pipeline.finished();
  } finally {
    await pipeline.close();
  }
  return parts;
}
