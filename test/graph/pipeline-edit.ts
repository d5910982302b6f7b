import { once } from 'node:events';
import t from 'tap';
import type { TalkError } from '../../src/element/error.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import type { Sample } from '../../src/graph/samples.js';

const LIVE =
  'videotestsrc is-live=true ! video/x-raw,format=GRAY8,width=8,height=8,framerate=100/1 ! tee name=fork allow-not-linked=true';

t.test('adds a branch to a running pipeline, and takes it away again', async (t) => {
  const pipeline = Pipeline.launch(`${LIVE}  fork. ! queue ! appsink name=main sync=false`);
  const errors: TalkError[] = [];
  pipeline.on('error', (error) => errors.push(error));
  let main = 0;
  pipeline.element('main').onSamples((batch) => (main += batch.length));
  await pipeline.play();
  for (let round = 0; round < 5; round++) {
    const branch = pipeline.add('queue name=hold ! appsink name=extra sync=false');
    t.equal(branch.factory, 'bin');
    t.equal(pipeline.find('extra')?.path, `${branch.name}/extra`);
    const first = new Promise<readonly Sample[]>((resolve) =>
      pipeline.element('extra').onSamples((batch) => resolve(batch)),
    );
    await branch.sync();
    pipeline.element('fork').link(branch);
    t.match((await first)[0], { caps: { name: 'video/x-raw' } });
    await branch.remove();
    t.equal(branch.alive, false);
    t.equal(pipeline.element('fork').pads().length, 2, 'the requested pad is given back');
  }
  const before = main;
  while (main < before + 3) await turn();
  t.same(errors, [], 'the main branch never noticed');
  await pipeline.close();
});

t.test('removes a branch that stands still in preroll', async (t) => {
  const pipeline = Pipeline.launch(
    'videotestsrc ! tee name=fork ! queue ! fakesink   fork. ! queue ! fakesink name=extra',
  );
  await pipeline.pause();
  await pipeline.element('extra').remove();
  t.equal(pipeline.find('extra'), undefined);
  await pipeline.close();
});

t.test('replaces an element behind a blocked pad', async (t) => {
  const pipeline = Pipeline.launch(
    'videotestsrc is-live=true ! video/x-raw,format=I420,width=8,height=8,framerate=100/1 ! identity name=a ! videoflip name=old ! appsink name=out sync=false',
  );
  let count = 0;
  pipeline.element('out').onSamples((batch) => (count += batch.length));
  await pipeline.play();
  const source = pipeline.element('a');
  const release = await source.pad('src')?.block('idle');
  const held = count;
  await pipeline.element('old').remove();
  const made = pipeline.add('videobalance name=fresh saturation=0');
  t.equal(made.factory, 'videobalance', 'one element stays itself');
  made.link(pipeline.element('out'));
  source.link(made);
  await made.sync();
  release?.();
  await new Promise<void>((resolve) => {
    const off = pipeline.element('out').onSamples((batch) => {
      count += batch.length;
      if (count < held + 3) return;
      off();
      resolve();
    });
  });
  t.ok(count >= held + 3);
  await pipeline.close();
});

t.test('holds the next buffer at a pad until it is let go', async (t) => {
  const pipeline = Pipeline.launch(
    'videotestsrc num-buffers=4 ! identity name=i ! appsink name=out sync=false',
  );
  let count = 0;
  pipeline.element('out').onSamples((batch) => (count += batch.length));
  const blocked = pipeline.element('i').pad('src')?.block('block');
  const playing = pipeline.play();
  const release = await blocked;
  t.equal(count, 0);
  t.equal(pipeline.state === 'playing', false);
  release?.();
  await playing;
  await pipeline.finished();
  t.equal(count, 4);
  await pipeline.close();
});

t.test('gives up blocking when the pipeline stops', async (t) => {
  const pipeline = Pipeline.launch('videotestsrc ! valve drop=true name=v ! fakesink');
  const playing = t.rejects(pipeline.play(), { code: 'core/state-change' });
  await once(pipeline, 'state');
  const blocked = t.rejects(async () => pipeline.element('v').pad('src')?.block('block'), {
    code: 'core/state-change',
  });
  await pipeline.stop();
  await blocked;
  await playing;
  await pipeline.close();
});

t.test('requests and releases pads', async (t) => {
  const pipeline = Pipeline.launch('videotestsrc ! tee name=fork ! queue ! fakesink  fakesink name=out');
  const fork = pipeline.element('fork');
  const pad = fork.requestPad('src_%u');
  t.match(pad, { name: 'src_1', presence: 'request', direction: 'src' });
  t.equal(fork.requestPad('src_7').name, 'src_7');
  const sink = pipeline.element('out').pad('sink');
  if (sink !== undefined) pad.link(sink);
  t.equal(pad.peer?.path, 'out.sink');
  t.throws(() => sink !== undefined && fork.requestPad('src_8').link(sink), {
    code: 'core/link',
    message: /was.linked|was already linked/i,
  });
  t.equal(pad.unlink(), true);
  t.equal(pad.unlink(), false);
  await pad.release();
  t.equal(fork.pad('src_1'), undefined);
  t.throws(() => pad.direction, { code: 'resource/not-found' });
  t.throws(() => fork.requestPad('video_%u'), { code: 'core/link', message: /gives no pad "video_%u"/ });
  await pipeline.close();
});

t.test('says why elements cannot be linked or added', async (t) => {
  const pipeline = Pipeline.launch('videotestsrc name=v  audioconvert name=a  fakesink name=k');
  const [video, audio, sink] = ['v', 'a', 'k'].map((name) => pipeline.element(name));
  if (video === undefined || audio === undefined || sink === undefined) return;
  t.throws(() => video.link(audio), { code: 'core/link', element: 'v' });
  t.throws(() => video.link(sink, { caps: 'not caps at all (' }), {
    code: 'core/link',
    message: /are no caps/,
  });
  t.throws(() => video.link(sink, { from: 'nosuch' }), { code: 'core/link' });
  video.link(sink, { caps: 'video/x-raw,width=7', to: 'sink' });
  t.throws(() => pipeline.add('fakesink name=k'), { code: 'core/failed', message: /named "k" already/ });
  t.throws(() => pipeline.add('nosuchthing'), { code: 'core/missing-element' });
  t.throws(() => pipeline.add('fakesink nosuch=1'), { code: 'resource/settings' });
  t.equal(pipeline.add('bin.( name=box fakesink name=inner )').child('inner')?.path, 'box/inner');
  t.equal(pipeline.add('fakesink name=second', pipeline.element('box')).path, 'box/second');
  await pipeline.close();
});

t.test('sends custom events both ways', async (t) => {
  const pipeline = Pipeline.launch(
    'videotestsrc is-live=true ! identity name=i silent=false ! fakesink name=out silent=false',
  );
  await pipeline.play();
  const identity = pipeline.element('i');
  t.equal(await identity.sendEvent('talkgraph/test', { id: 7, text: 'a', on: true, at: 2 ** 40 }), true);
  t.equal(
    await pipeline.element('out').sendEvent('talkgraph/up', {}, { direction: 'up' }),
    false,
    'no stock source knows it',
  );
  t.equal(await identity.pad('src')?.sendEvent('talkgraph/oob', { a: 1 }, { oob: true }), true);
  t.equal(await identity.pad('sink')?.sendEvent('talkgraph/sticky', { a: 1 }, { sticky: true }), true);
  t.throws(() => identity.sendEvent('not a name', {}), {
    name: 'TypeError',
    message: /Expected a structure name/,
  });
  t.throws(() => identity.sendEvent('talkgraph/x', { f: () => 1 }), {
    name: 'TypeError',
    message: /in f, a value/,
  });
  await pipeline.close();
  await t.rejects(async () => identity.sendEvent('talkgraph/test'), { code: 'core/state-change' });
});

t.test('asks an encoder for a key frame', async (t) => {
  const pipeline = Pipeline.launch(
    'videotestsrc num-buffers=60 ! video/x-raw,width=32,height=32 ! x264enc name=x key-int-max=1000 tune=zerolatency ! appsink name=out sync=false',
  );
  const keys: number[] = [];
  let count = 0;
  let asked: Promise<boolean> | undefined;
  pipeline.element('out').onSamples(
    (batch) => {
      for (const { delta } of batch) {
        if (delta !== true) keys.push(count);
        if (++count === 5) asked = pipeline.element('out').forceKeyUnit();
      }
    },
    { limit: 1, full: 'wait' },
  );
  await pipeline.play();
  await pipeline.finished();
  t.equal(await asked, true);
  t.equal(keys.length, 2, 'the first, and the one that was asked for');
  t.ok((keys[1] ?? 0) > 4);
  t.equal(await pipeline.element('x').forceKeyUnit(), true);
  await pipeline.close();
});

t.test('flushes and ends one branch', async (t) => {
  const pipeline = Pipeline.launch(
    `${LIVE}  fork. ! queue ! fakesink sync=false  fork. ! queue name=q ! fakesink name=b sync=false`,
  );
  await pipeline.play();
  t.equal(await pipeline.element('q').pad('sink')?.flush({ resetTime: false }), true);
  t.equal(await pipeline.element('q').pad('sink')?.eos(), true);
  await pipeline.close();
});

/** One turn of the event loop. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
