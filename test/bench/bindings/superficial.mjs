/** gstreamer-superficial on the bench's jobs. Its pull gives no time stamps, so nothing can be synchronised with it. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { report, settle, sizes } from './jobs.mjs';

const { Pipeline } = createRequire(join(process.env.BINDINGS, 'x.js'))('gstreamer-superficial');

const jobs = {
  frames() {
    const { pictures } = sizes;
    const pipeline = new Pipeline(
      `${sizes.pictureSource(pictures)} ! appsink name=sink sync=false max-buffers=4`,
    );
    const sink = pipeline.findChild('sink');
    let count = 0;
    let started = 0;
    const next = (buffer) => {
      if (count++ === 0) started = performance.now();
      if (buffer && count <= pictures) return sink.pull(next);
      report(((count - 2) / (performance.now() - started)) * 1000, 'no time stamps');
    };
    pipeline.play();
    sink.pull(next);
  },
  audio() {
    const { buffers } = sizes;
    const pipeline = new Pipeline(
      `${sizes.soundSource(buffers)} ! appsink name=in sync=false async=false max-buffers=8  appsrc name=out format=time ! fakesink sync=false async=false`,
    );
    const [from, to] = [pipeline.findChild('in'), pipeline.findChild('out')];
    let count = 0;
    let started = 0;
    const next = (buffer) => {
      if (count++ === 0) started = performance.now();
      if (buffer) to.push(buffer);
      if (buffer && count < buffers) return from.pull(next);
      report((count / (performance.now() - started)) * 1000, 'no time stamps, no back-pressure');
    };
    pipeline.play();
    from.pull(next);
  },
  async leak() {
    await settle(() => {
      const pipeline = new Pipeline('videotestsrc num-buffers=2 ! fakesink');
      pipeline.play();
      pipeline.stop();
    });
  },
};

jobs[process.argv[2]]();
