/**
 * node-gtk (GObject introspection) on the bench's jobs. A mapped buffer cannot be read from JS with it, so bytes
 * come as an array of numbers; a streaming thread that waits for JS deadlocks when the pipeline is stopped.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { report, settle, sizes } from './jobs.mjs';

const gi = createRequire(join(process.env.BINDINGS, 'x.js'))('node-gtk');
const Gst = gi.require('Gst', '1.0');
gi.require('GstApp', '1.0');
Gst.init([]);

/** A sixtieth of the pictures: at some five a second the full count would take minutes. */
const FEW = sizes.pictures / 60;

function pull(line, count, use) {
  const pipeline = Gst.parseLaunch(line);
  const sink = pipeline.getByName('sink');
  pipeline.setState(Gst.State.PLAYING);
  let done = 0;
  let started = 0;
  const step = () => {
    const sample = sink.tryPullSample(Gst.SECOND);
    if (sample) {
      if (done === 0) started = performance.now();
      use(sample.getBuffer());
      done++;
    }
    if (sample && done < count) setImmediate(step);
    else report(((done - 1) / (performance.now() - started)) * 1000);
  };
  step();
}

const jobs = {
  frames() {
    pull(`${sizes.pictureSource(FEW)} ! appsink name=sink sync=false max-buffers=4`, FEW, (buffer) => {
      if (buffer.extractDup(0, buffer.getSize()).length === 0) throw new Error('no data');
      return buffer.pts;
    });
  },
  audio() {
    const few = sizes.buffers / 10;
    const pipeline = Gst.parseLaunch(
      `${sizes.soundSource(few)} ! appsink name=sink sync=false async=false max-buffers=8  appsrc name=out format=time ! fakesink sync=false async=false`,
    );
    const [sink, out] = [pipeline.getByName('sink'), pipeline.getByName('out')];
    pipeline.setState(Gst.State.PLAYING);
    let done = 0;
    let started = 0;
    const step = () => {
      const sample = sink.tryPullSample(Gst.SECOND);
      if (sample) {
        if (done === 0) started = performance.now();
        const buffer = sample.getBuffer();
        out.pushBuffer(Gst.Buffer.newWrapped(Uint8Array.from(buffer.extractDup(0, buffer.getSize()))));
        done++;
      }
      if (sample && done < few) setImmediate(step);
      else report(((done - 1) / (performance.now() - started)) * 1000);
    };
    step();
  },
  async leak() {
    await settle(() => {
      const pipeline = Gst.parseLaunch('videotestsrc num-buffers=2 ! fakesink');
      pipeline.setState(Gst.State.PLAYING);
      pipeline.setState(Gst.State.NULL);
    });
  },
};

jobs[process.argv[2]]();
