import t from 'tap';
import { Pipeline } from '../../src/graph/pipeline.js';
import { type Size, software } from '../../src/webrtc/chain.js';
import type { VideoCodec } from '../../src/webrtc/codecs.js';

/** Sizes in bytes of 60 pictures, each 15th a key frame. Noise: nothing is harder to encode. */
async function sizes(
  codec: VideoCodec,
  bitrate: number,
  size?: Size,
): Promise<{ key: number[]; other: number[] }> {
  const chain = software({
    codec,
    bitrate,
    crf: 25,
    preset: 'ultrafast',
    keyInterval: 15,
    ...(size && { size }),
  }).text('v');
  const pipeline = Pipeline.launch(
    `videotestsrc num-buffers=60 pattern=snow ! video/x-raw,format=I420,width=320,height=240,framerate=25/1 ! ` +
      `${chain} ! appsink name=out sync=false`,
  );
  const found = { key: [] as number[], other: [] as number[] };
  pipeline.element('out').onSamples((samples) => {
    for (const { data, delta } of samples) found[delta ? 'other' : 'key'].push(data.length);
  });
  await pipeline.play();
  await pipeline.finished();
  await pipeline.close();
  return found;
}

for (const codec of ['H264', 'VP8', 'VP9'] as const) {
  for (const bitrate of [300_000, 1_000_000]) {
    t.test(
      `a ${codec} key frame at ${bitrate / 1000} kbit/s takes little more than 400 ms of them`,
      async (t) => {
        const { key, other } = await sizes(codec, bitrate);
        // At its very first picture VP9's rate control knows nothing yet; nobody's line is in the way of that one.
        const most = Math.max(...(codec === 'VP9' ? key.slice(1) : key));
        const bound = (bitrate * 0.4) / 8;
        t.ok(key.length >= 4 && other.length > 50, `${key.length} and ${other.length}`);
        t.ok(most <= bound * 1.25, `${key} of ${bound} bytes`);
      },
    );
  }
}

// VP8 has no coarser quantizer for noise: 14 kB at any bitrate.
t.test('one of a smaller picture takes no more than its line has room for', async (t) => {
  const { key } = await sizes('H264', 250_000, { width: 320, height: 240 });
  const bound = (250_000 * 0.2) / 8;
  t.ok(key.length >= 4 && Math.max(...key) <= bound, `${key} of ${bound} bytes`);
});
