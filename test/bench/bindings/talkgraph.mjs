/** Our bridge on the bench's jobs: elements written in JS, in the pipeline itself. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { report, settle, sizes } from './jobs.mjs';

const dist = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', 'dist');
if (!existsSync(dist)) throw new Error('talkgraph is not built: run "npm run build" first');
const { register, Sink, Transform } = await import(join(dist, 'src/element/index.js'));
const { Pipeline } = await import(join(dist, 'src/graph/pipeline.js'));

const metadata = (name, klass) => ({
  name,
  longName: name,
  klass,
  description: 'Of a bench',
  author: 'talkgraph',
});
let count = 0;
let started = 0;

/** Counts, and looks at the data and the time of each frame without copying it. */
function touch({ data, pts }) {
  if (count++ === 0) started = performance.now();
  if (data.length === 0 || data[data.length >> 1] === undefined || pts === undefined)
    throw new Error('no data');
}

class Look extends Sink {
  static metadata = metadata('benchlook', 'Sink/Video');
  static pads = { sink: { caps: 'video/x-raw' } };
  static sync = false;
  render(frame) {
    touch(frame);
  }
}

class Through extends Transform {
  static metadata = metadata('benchthrough', 'Filter/Audio');
  static pads = { sink: { caps: 'audio/x-raw' }, src: { caps: 'audio/x-raw' } };
  transform(frame) {
    touch(frame);
  }
}

async function run(line) {
  const pipeline = Pipeline.launch(line);
  await Promise.all([pipeline.finished(), pipeline.play()]);
  await pipeline.close();
}

const jobs = {
  async frames() {
    register(Look);
    await run(`${sizes.pictureSource(sizes.pictures)} ! benchlook`);
    report(((count - 1) / (performance.now() - started)) * 1000, 'zero copy, with time stamps');
  },
  async audio() {
    register(Through);
    await run(`${sizes.soundSource(sizes.buffers)} ! benchthrough ! fakesink sync=false`);
    report((count / (performance.now() - started)) * 1000, 'in place, with time stamps and back-pressure');
  },
  async leak() {
    await settle(async () => {
      const pipeline = Pipeline.launch('videotestsrc num-buffers=2 ! fakesink');
      await pipeline.play();
      await pipeline.close();
    });
  },
};

await jobs[process.argv[2]]();
