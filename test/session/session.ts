import { EventEmitter, once } from 'node:events';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { recentLines } from '../../src/element/recent.js';
import type { Pipeline } from '../../src/graph/pipeline.js';
import { native } from '../../src/native.js';
import type { SessionEvent } from '../../src/server/contract/events.js';
import { Sessions } from '../../src/session/sessions.js';
import '../support/failing.js';
import { HANGS, hang } from '../support/hanging.js';

/** Sessions of a graph of these links. */
function sessionsOf(t: Test, links: string, more = ''): Sessions {
  const dir = t.testdir({ 'g.yaml': `links:\n  - '${links}'\n${more}` });
  return new Sessions(1, { graph: join(dir, 'g.yaml'), parameters: {} });
}

t.test(
  'the first error ends a session and says why; those behind it, while it ends, harm nobody',
  async (t) => {
    // The source fails as well, a moment after the element behind it.
    const sessions = sessionsOf(t, 'failsource at=setup ! fakesink');
    const made = sessions.create();
    const events: SessionEvent[] = [];
    for (const session of sessions.list()) session.events.on('event', (event) => events.push(event));
    await t.rejects(made, { message: 'No luck in setup' });
    t.match(events, [
      { type: 'error', code: 'resource/quota', message: 'No luck in setup', retryable: true },
      { type: 'state', state: 'ending', reason: 'No luck in setup' },
      { type: 'state', state: 'ended', reason: 'No luck in setup' },
    ]);
    t.equal(sessions.size, 0);
  },
);

t.test(
  'a session that is ended while its graph is still being opened leaves nothing that plays',
  async (t) => {
    const sessions = sessionsOf(t, 'failsource ! fakesink');
    const before = native.elementCounts();
    const made = sessions.create();
    const refused = t.rejects(made, { code: 'core/state-change', message: /ended while it started/ });
    await sessions.close();
    await refused;
    t.equal(sessions.size, 0);
    t.equal(native.elementCounts().calls, before.calls);
  },
);

t.test('no session begins once all are being ended', async (t) => {
  const sessions = sessionsOf(t, 'failsource ! fakesink');
  await sessions.close();
  await t.rejects(sessions.create(), { code: 'resource/busy', retryable: true });
});

t.test('a session whose graph hangs is over all the same, and says what hangs', async (t) => {
  const sessions = sessionsOf(t, `videotestsrc is-live=true ! queue ! ${HANGS} ! queue ! fakesink`);
  const session = await sessions.create();
  const { pipeline } = session;
  const events: SessionEvent[] = [];
  session.events.on('event', (event) => events.push(event));
  let closed = false;
  pipeline?.on('close', () => {
    closed = true;
  });
  await hang(pipeline as Pipeline, 5000);
  await session.close('test');
  t.notOk(closed, 'it hangs still');
  t.match(events, [
    { type: 'state', state: 'ending' },
    { type: 'warning', code: 'core/state-change', message: /hangs hangs and cannot be stopped/ },
    { type: 'state', state: 'ended', reason: 'test' },
  ]);
  t.equal(sessions.size, 0, 'its place is free');
  await pipeline?.close();
});

t.test(
  'what an element warns of is told and logged once, and what is an event already is no second one',
  async (t) => {
    const sessions = sessionsOf(
      t,
      'rtmpsink name=out location=rtmp://127.0.0.1:9/live/key ttssrc name=say voice=flite/slt ! out.audio',
      'ends: { in: say, out: out }\n',
    );
    t.teardown(() => sessions.close());
    const events: SessionEvent[] = [];
    const told = new EventEmitter();
    sessions.events.on('made', (session) =>
      session.events.on('event', (event) => {
        events.push(event);
        told.emit(event.type);
      }),
    );
    const began = once(told, 'warning');
    const session = await sessions.create();
    await began;
    t.match(
      events.filter(({ type }) => type === 'warning'),
      [{ code: /\w+\/\w+/, message: /It is tried again until it is there\.$/ }],
    );
    const logged = (text: string) =>
      recentLines.since(0).filter((line) => JSON.stringify(line).includes(text));
    t.match(logged('It is tried again'), [{ level: 'warn', fields: { session: session.id } }]);
    // The voice reads Latin letters: it posts what it leaves out, and warns of it behind that.
    const done = once(told, 'speech.end');
    session.say({ text: '你好, hello.' });
    await done;
    const left = events.filter((event) => 'message' in event && /left out/.test(event.message));
    t.equal(left.length, 1);
    t.same(logged('left out'), [], 'and what concerns a text is between the session and who sent it');
  },
);
