import t from 'tap';
import WhipSink from '../../elements/whipsink.js';
import { register, type TalkError } from '../../src/element/index.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import { ForeignPeer, hasAiortc } from '../support/foreign.js';
import { publish } from '../support/publishing.js';
import { registerFlash } from '../webrtc/support/flash.js';

register(WhipSink);
registerFlash();

const KEY = 'k3y-nobody-may-see';
const TOKEN = 'sesame';
const needs = hasAiortc ? {} : { skip: 'python3-aiortc is not installed' };

/** A server that ends with the test. */
async function server(t: { teardown(work: () => unknown): unknown }): Promise<ForeignPeer> {
  const peer = await ForeignPeer.serve();
  t.teardown(() => peer.kill());
  return peer;
}

const at = ({ port }: ForeignPeer, path = '/live') => `http://127.0.0.1:${port}${path}`;

for (const codec of ['h264', 'vp8']) {
  t.test(`publishes ${codec} and Opus in sync to a server that is not ours`, needs, async (t) => {
    const peer = await server(t);
    const running = await publish(
      `whipsink name=w location=${at(peer, '/moved')} token=${TOKEN} codec=${codec} flashsrc ! w.video beepsrc ! w.audio`,
    );
    await running.mark('connected');
    t.equal(running.element.get('connected'), true);
    t.match(await peer.until(({ type }) => type !== undefined), { type: 'application/sdp' });
    const past = ({ flash }: { flash?: number }) => flash !== undefined;
    await peer.until(past, 4);
    await peer.until(({ beep }) => beep !== undefined, 4);
    t.ok(Math.abs(peer.rate - 25) < 0.5, `${peer.rate.toFixed(2)} pictures a second`);
    const { skew } = peer;
    t.ok(skew.n >= 3 && Math.abs(skew.median) < 20, `${skew.median.toFixed(1)} ms of ${skew.n}`);
    const {
      voice = Number.NaN,
      picture = Number.NaN,
      ...told
    } = (running.element.instance as WhipSink).sending();
    t.ok(Number.isFinite(voice) && Number.isFinite(picture), 'it says how punctual both are');
    t.equal(told.skew, picture - voice);
    await running.pipeline.close();
    t.match(await peer.until(({ deleted }) => deleted !== undefined), { deleted: '/session/0' });
    t.same(running.errors, []);
    t.same(running.warnings, []);
  });
}

t.test('says why it is refused, tries again, and tells neither key nor token', needs, async (t) => {
  const peer = await server(t);
  for (const [path, token, why] of [
    ['/live', KEY, /does not take the token \(status 401\)/],
    [`/${KEY}`, TOKEN, /no such address \(status 404\)/],
    [`/full?key=${KEY}`, TOKEN, /full, or not ready \(status 503\)/],
  ] as const) {
    const running = await publish(`flashsrc ! whipsink name=w location=${at(peer, path)} token=${token}`);
    const { reason, 'retry-in': retry } = await running.mark('disconnected');
    t.match(reason, why);
    if (path.startsWith('/full')) t.ok(Number(retry) >= 2000, 'the server says when');
    else await running.mark('disconnected', 2);
    const said = JSON.stringify([running.warnings, running.marks, running.pipeline.dot('verbose')]);
    t.notMatch(said, KEY);
    t.notMatch(said, TOKEN);
    t.throws(() => running.element.get('location'), 'nor can it be read');
    t.throws(() => running.element.get('token'));
    await running.pipeline.close();
    t.same(running.errors, []);
  }
});

t.test('ends while a server still thinks', needs, async (t) => {
  const peer = await server(t);
  const running = await publish(`flashsrc ! whipsink name=w location=${at(peer, '/slow')}`);
  await running.pipeline.close();
  t.same(running.errors, []);
  t.equal(running.count('connected'), 0);
});

for (const [settings, message] of [
  ['', /Expected a URL like https:\/\/HOST\/PATH for location but received none/],
  [`location=rtmp://host/live/${KEY}`, /received one of rtmp/],
  [`location=http://host:x/${KEY}`, /host or port cannot be read/],
  [`location=http://host/${KEY} token="a b"`, /a token of printable ASCII/],
] as const) {
  t.test(`says what is wrong with ${settings.replace(KEY, 'KEY') || 'no location'}`, async (t) => {
    const pipeline = Pipeline.launch(`flashsrc ! whipsink ${settings}`);
    pipeline.on('error', () => undefined);
    const error = (await t.rejects(pipeline.play(), { message })) as unknown as TalkError;
    t.notMatch(`${error.message} ${error.debug}`, KEY);
    t.equal(error.code, 'resource/settings');
    await pipeline.close();
  });
}
