/** Traces of turns as a collector gets them from a server: whose children spans are, when they were, and what stands in none. */
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { PACKAGE } from '../../../src/graph/find.js';
import { Traces, traceSettings } from '../../../src/server/traces/index.js';
import { Sessions } from '../../../src/session/sessions.js';
import { closeVoices } from '../../../src/voice/index.js';
import { FakeChat, says } from '../../fakes/fake-openai-chat.js';
import { FakeCollector, type TakenSpan } from '../../fakes/fake-otlp.js';
import { Heard } from '../support/events.js';
import { serverOf } from '../support/server.js';

const [chat, collector] = [await FakeChat.open(), await FakeCollector.open()];
t.teardown(() => Promise.all([chat.close(), collector.close(), closeVoices()]));

/** As chat.yaml, and without a face, which costs what the times here are made of. */
const GRAPH = `
include: [${JSON.stringify(join(PACKAGE, 'graphs', 'parts', 'answer.yaml'))}]
elements:
  ask:  { factory: textsrc }
  say:  { factory: ttssrc }
  gate: { factory: cutgate }
  web:  { factory: webrtcsink }
links:
  - ask. ! llm. ! say.text
  - say. ! queue max-size-time=3000000000 ! gate. ! web.audio
ends: { in: say, ask: ask, out: web }
`;

/** The spans of the turn of an utterance, by name, once they are known to belong together. */
function turnOf(t: Test, id: string): Record<string, TakenSpan> {
  const root = collector.spans.find(
    ({ name, attributes }) => name === 'turn' && attributes['talkgraph.utterance'] === id,
  );
  const all = collector.spans.filter(({ trace }) => trace === root?.trace);
  for (const { parent, id: own, begin, end } of all) {
    t.equal(parent, own === root?.id ? undefined : root?.id);
    t.ok(begin <= end && begin >= (root?.begin ?? 0) && end <= (root?.end ?? 0), 'within its turn');
  }
  return Object.fromEntries(all.map((span) => [span.name, span]));
}

t.test('what is asked, cut, and not answered are three traces, and nobody reads what was said', async (t) => {
  const traces = traceSettings(collector.url, {
    OTEL_EXPORTER_OTLP_HEADERS: 'api-key=k%3Dy',
    OTEL_SERVICE_NAME: 'faces',
  });
  const graph = join(t.testdir({ 'chat.yaml': GRAPH }), 'chat.yaml');
  const parameters = { 'llm-url': chat.url, 'llm-model': 'fake-1' };
  const server = await serverOf(1, { ...(traces && { traces }) }, { graph, parameters });
  t.teardown(() => server.close());
  const session = await server.sessions.create();
  const heard = new Heard(session);

  chat.answers(says('It is ', 'sunny.'));
  const began = performance.timeOrigin + performance.now();
  session.ask({ text: 'What about the weather?', id: 'whole', interrupt: false });
  await heard.next('speech.end');

  chat.answers(async (writer, exchange) => {
    while (exchange.open) {
      await writer.say('And the sea is calm. ');
      await new Promise((resolve) => setImmediate(resolve));
    }
  });
  session.ask({ text: 'And the sea?', id: 'cut', interrupt: false });
  await heard.next('speech.start');
  session.cut();
  await heard.next('interrupted');

  chat.answers(
    (writer) =>
      void writer
        .head(401)
        .raw('{}')
        .then(() => writer.done()),
  );
  session.ask({ text: 'And now?', id: 'failed', interrupt: false });
  const { code } = await heard.next('error');
  const metrics = await (await fetch(new URL('/metrics', server.url))).text();
  t.match(metrics, /^talkgraph_trace_spans_total\{outcome="dropped"\} 0$/m);
  // What waits is sent when the server ends.
  await server.close();

  const whole = turnOf(t, 'whole');
  t.same(Object.keys(whole).sort(), ['llm', 'speech', 'tts', 'turn']);
  t.match(whole['turn']?.attributes, { 'session.id': session.id, 'talkgraph.from': 'text' });
  t.ok((whole['turn']?.begin ?? 0) >= began);
  const [token] = whole['llm']?.events ?? [];
  t.equal(token?.name, 'first token');
  const inOrder = [
    whole['llm']?.begin,
    token?.at,
    whole['tts']?.begin,
    whole['tts']?.end,
    whole['speech']?.begin,
  ];
  t.same(
    inOrder,
    inOrder.toSorted((a = 0, b = 0) => a - b),
    'one after the other',
  );
  t.match(whole['tts']?.attributes, { 'talkgraph.voice.engine': 'flite' });

  const cut = turnOf(t, 'cut');
  t.match(cut['speech']?.attributes, { 'talkgraph.cut': true });
  t.ok((cut['cut']?.begin ?? 0) >= (cut['speech']?.begin ?? 0));
  t.equal(cut['cut']?.end, cut['speech']?.end);

  const failed = turnOf(t, 'failed');
  t.same(Object.keys(failed).sort(), ['llm', 'turn']);
  t.equal(failed['turn']?.error, code);
  t.equal(failed['llm']?.error, code);

  t.match(collector.resources, [{ 'service.name': 'faces' }]);
  t.match(collector.headers, [{ 'api-key': 'k=y' }]);
  t.notMatch(collector.bodies.join(), /weather|sunny|sea|calm|now\?/i);
});

t.test('a session that stands before the server listens is followed, too', async (t) => {
  const graph = join(
    t.testdir({ 'idle.yaml': 'links:\n  - fakesrc is-live=true ! fakesink\n' }),
    'idle.yaml',
  );
  const sessions = new Sessions(1, { graph, parameters: {} });
  t.teardown(() => sessions.close());
  const standing = await sessions.create();
  const settings = { url: new URL('/v1/traces', collector.url), headers: {}, service: 'faces' };
  const traces = new Traces(sessions, settings, '1.0.0');
  for (const name of ['utterance-start', 'utterance-end'])
    standing.events.emit('posted', { name, fields: { id: 'stood' } }, 0);
  await traces.close();
  t.same(traces.counts, { sent: 2, dropped: 0, waiting: 0 });
  t.match(turnOf(t, 'stood'), { turn: { attributes: { 'session.id': standing.id } }, speech: {} });
});
