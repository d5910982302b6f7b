/** Sessions of strangers: so many of one client, none that nobody speaks in for ever, none that never ends. */
import { EventEmitter } from 'node:events';
import { mock } from 'node:test';
import t from 'tap';
import { type Bounds, limitLife, UNBOUNDED } from '../../src/session/lifetimes.js';
import type { Session } from '../../src/session/session.js';
import { Sessions } from '../../src/session/sessions.js';

/** A session that costs nothing. */
const folder = t.testdir({ 'idle.yaml': 'links:\n  - fakesrc is-live=true ! fakesink\n' });
const settings = { graph: `${folder}/idle.yaml`, parameters: {} };
const of = (limit: number, places: number, bounds: Partial<Bounds>) =>
  new Sessions(limit, settings, 'uuid', { places, ms: 60_000 }, { ...UNBOUNDED, ...bounds });

t.test('one client has so many at once, whatever becomes of them, and others have theirs', async (t) => {
  const sessions = of(3, 1, { perClient: 2 });
  t.teardown(() => sessions.close());
  const a = { client: '192.0.2.1' };
  const first = await sessions.create({}, a);
  await t.rejects(sessions.create({ nonsense: 1 }, a), /nonsense/, 'one that cannot be does not count');
  await sessions.create({}, a);
  const refused = { code: 'resource/quota', message: 'Maximum of sessions for one client reached (2/2)' };
  await t.rejects(sessions.create({}, a), refused);
  await sessions.create({}, { client: '192.0.2.2' });
  // All places are taken: who waits counts as well, until it goes.
  const gone = new AbortController();
  const b = { client: '192.0.2.2', signal: gone.signal };
  const waiting = sessions.create({}, b);
  await t.rejects(sessions.create({}, b), refused);
  gone.abort();
  await t.rejects(waiting, { code: 'resource/quota' });
  await first.close('test');
  await sessions.create({}, b.signal.aborted ? { client: b.client } : b);
  await t.rejects(sessions.create({}, { client: b.client }), refused);
});

t.test('those that stand from the start are bounded by nothing', async (t) => {
  const sessions = of(3, 0, { perClient: 1, longestMs: 1 });
  t.teardown(() => sessions.close());
  await sessions.create({}, { id: '0' });
  await sessions.create({}, { id: '1' });
  const ended = new Promise<string>((resolve) => {
    sessions.events.on('made', ({ events }) => {
      events.on('event', (event) => {
        if (event.type === 'state' && event.state === 'ended') resolve(event.reason ?? '');
      });
    });
  });
  await sessions.create({}, { client: 'x' });
  t.equal(await ended, 'it has lasted as long as sessions may here');
  t.equal(sessions.size, 2);
  await sessions.create({}, { client: 'x' });
});

t.test('what is said, asked or heard keeps a session, nothing else does', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  t.teardown(() => mock.timers.reset());
  const reasons: string[] = [];
  const session = {
    events: new EventEmitter() as unknown as Session['events'],
    speaking: false,
    close: async (reason: string) => void reasons.push(reason),
  };
  limitLife(session, { idleMs: 1000, longestMs: 10_000 });
  const base = { session: 'x', pts: 0 };
  mock.timers.tick(900);
  session.events.emit('command', 'say', 'a');
  mock.timers.tick(900);
  session.events.emit('event', { ...base, type: 'transcript.partial', turn: 1, text: 'a' });
  mock.timers.tick(900);
  session.speaking = true;
  mock.timers.tick(2000);
  session.speaking = false;
  session.events.emit('event', { ...base, type: 'state', state: 'running' });
  t.same(reasons, []);
  mock.timers.tick(1000);
  t.same(reasons, ['nobody has spoken in it for long']);
  session.events.emit('event', { ...base, type: 'state', state: 'ended' });
  mock.timers.tick(20_000);
  t.equal(reasons.length, 1, 'and nothing is left of it');
});
