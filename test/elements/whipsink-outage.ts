import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import RecordSink from '../../elements/recordsink.js';
import WhipSink from '../../elements/whipsink.js';
import { register } from '../../src/element/index.js';
import { ForeignPeer, hasAiortc } from '../support/foreign.js';
import { publish } from '../support/publishing.js';
import { readRecording } from '../webrtc/support/file.js';
import { registerFlash } from '../webrtc/support/flash.js';
import { pair, skewOf } from '../webrtc/support/skew.js';

register(WhipSink);
register(RecordSink);
registerFlash();

const TOKEN = 'sesame';
const folder = await mkdtemp(join(tmpdir(), 'talkgraph-whip-'));
t.teardown(() => rm(folder, { recursive: true, force: true }));
const needs = hasAiortc ? {} : { skip: 'python3-aiortc is not installed' };

/** A server that ends with the test. */
async function server(t: { teardown(work: () => unknown): unknown }, port = 0): Promise<ForeignPeer> {
  const peer = await ForeignPeer.serve(port);
  t.teardown(() => peer.kill());
  return peer;
}

t.test(
  'waits for a server that is late, outlives dead and frozen ones, and disturbs nobody',
  needs,
  async (t) => {
    const gone = await server(t);
    const { port } = gone;
    await gone.kill();
    const file = join(folder, 'beside.mp4');
    const running = await publish(
      `whipsink name=w location=http://127.0.0.1:${port}/live token=${TOKEN} recordsink name=rec location=${file} ` +
        'flashsrc ! tee name=v ! queue ! w.video v. ! queue ! rec.video ' +
        'beepsrc ! tee name=a ! queue ! w.audio a. ! queue ! rec.audio',
    );
    const { attempt, reason } = await running.mark('disconnected', 2);
    t.equal(attempt, 2);
    t.match(reason, new RegExp(`http://127.0.0.1:${port}/\\*\\*\\*.*ECONNREFUSED`));
    const first = await server(t, port);
    await first.until(({ flash }) => flash !== undefined, 2);
    await running.mark('connected');
    let before = running.count('disconnected');
    await first.kill();
    t.match(await running.mark('disconnected', before + 1), { reason: /has not been heard of|has closed/ });
    const second = await server(t, port);
    await second.until(({ frame }) => frame !== undefined);
    await running.mark('connected', 2);
    before = running.count('disconnected');
    second.freeze();
    t.match(await running.mark('disconnected', before + 1), { reason: /has not been heard of/ });
    t.equal(running.element.get('connected'), false);
    await second.kill();
    const third = await server(t, port);
    await third.until(({ flash }) => flash !== undefined, 3);
    await third.until(({ beep }) => beep !== undefined, 3);
    const again = third.skew;
    t.ok(again.n >= 2 && Math.abs(again.median) < 20, `after it was back ${again.median.toFixed(1)} ms`);
    await running.pipeline.eos();
    await running.pipeline.close();
    t.same(running.errors, []);
    t.equal(running.warnings.length, 3, 'each outage is said once');
    const beside = await readRecording(file);
    t.equal(beside.frames, Math.round((beside.video?.duration ?? 0) * 25), 'no picture beside it is missing');
    const own = skewOf(pair(beside.flashes, beside.beeps));
    t.ok(own.n >= 6 && own.p99 < 2, `beside it ${own.median.toFixed(2)} ms`);
  },
);
