/**
 * A conversation whose services fail, each in its own way: the picture never misses a frame, the client is told, and the session goes on.
 *
 * The graph is `conversation.yaml` itself; only its sender is replaced by a viewer that writes down what it sees and hears, and a
 * recogniser is put beside the typed questions.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { closeRecognisers } from '../../src/dialog/ears/recognisers.js';
import {
  type ElementEvent,
  type Frame,
  type Metadata,
  type PadTemplates,
  register,
  Sink,
} from '../../src/element/index.js';
import { PACKAGE } from '../../src/graph/find.js';
import { closeSharedPool } from '../../src/inference/index.js';
import type { SessionEvent } from '../../src/server/contract/events.js';
import type { PostedMark } from '../../src/session/marks.js';
import { Session } from '../../src/session/session.js';
import { closeVoices } from '../../src/voice/index.js';
import { FakeFunasr } from '../fakes/fake-funasr.js';
import { FakeChat, type Script, says } from '../fakes/fake-openai-chat.js';
import { OpenAiSpeech } from '../fakes/fake-openai-speech.js';

const PERIOD = 40e6;

class TestEyes extends Sink {
  static readonly metadata = {
    name: 'testeyes',
    longName: 'Eyes',
    klass: 'Sink/Video',
    description: 'For tests',
    author: 'talkgraph',
  } satisfies Metadata;
  static readonly pads = { sink: { caps: 'video/x-raw' } } satisfies PadTemplates;
  static readonly seen: number[] = [];

  override render({ pts = -1 }: Frame): void {
    TestEyes.seen.push(pts);
  }
}

/** Tells of marks as senders do. */
class TestEars extends Sink {
  static readonly metadata = {
    name: 'testears',
    longName: 'Ears',
    klass: 'Sink/Audio',
    description: 'For tests',
    author: 'talkgraph',
  } satisfies Metadata;
  static readonly pads = { sink: { caps: 'audio/x-raw' } } satisfies PadTemplates;

  override event({ name, fields }: ElementEvent): void {
    if (/^talkgraph\/utterance-(start|end)$/.test(name)) this.post(name.slice('talkgraph/'.length), fields);
  }

  override render(): void {}
}

/** The graph with its outer ends replaced. Throws when it is not what is expected here. */
function graph(folder: string): string {
  const change = (text: string, from: RegExp, to: string): string => {
    if (!from.test(text)) throw new Error(`The graph has no ${from} any more.`);
    return text.replace(from, to);
  };
  const read = (name: string) => readFileSync(join(PACKAGE, 'graphs', name), 'utf8');
  const sender = /web: +\{ factory: webrtcsink,.*\}/;
  const [its = ''] = sender.exec(read('webrtc.yaml')) ?? [];
  let webrtc = change(read('webrtc.yaml'), sender, 'web: { factory: testeyes }');
  // Parameters of the sender alone are used nowhere now.
  for (const [, name] of its.matchAll(/\$([a-z-]+)/g))
    webrtc = change(webrtc, new RegExp(`^ +${name}:.*\n`, 'm'), '');
  webrtc = change(webrtc, /name=sound ! web\.audio/, 'name=sound ! testears');
  webrtc = change(webrtc, /name=picture ! web\.video/, 'name=picture ! web.');
  let asked = change(
    read('chat.yaml'),
    /ask\. ! llm\. ! say\.text/,
    'ask. ! words.\n  - hears. ! words.\n  - words. ! llm. ! say.text\n  - mic. ! audio/x-raw, format=S16LE, layout=interleaved, rate=16000, channels=1 ! queue ! hears.',
  );
  asked = change(
    asked,
    /parameters:\n/,
    'parameters:\n  asr: { type: string, blurb: address of a recogniser }\n',
  );
  asked = change(
    asked,
    /elements:\n/,
    `elements:
  mic:   { factory: audiotestsrc, is-live: true, samplesperbuffer: 320, wave: ticks }
  hears: { factory: asrfilter, engine: funasr, url: $asr, mode: push-to-talk, deadline: 300 }
  words: { factory: funnel }
`,
  );
  mkdirSync(join(folder, 'parts'));
  for (const part of ['face.yaml', 'answer.yaml'])
    writeFileSync(join(folder, 'parts', part), read(`parts/${part}`));
  writeFileSync(join(folder, 'webrtc.yaml'), webrtc);
  writeFileSync(join(folder, 'chat.yaml'), asked);
  return join(folder, 'chat.yaml');
}

t.setTimeout(120_000);
for (const element of [TestEyes, TestEars]) register(element);
const [chat, speech, asr] = [
  await FakeChat.open(),
  await new OpenAiSpeech().listen(),
  await FakeFunasr.start({ words: ['hello'], dies: { after: 3200, times: Number.POSITIVE_INFINITY } }),
];
Object.assign(process.env, speech.environment);
t.teardown(async () => {
  for (const name of Object.keys(speech.environment)) delete process.env[name];
  await Promise.all([chat.close(), speech.close(), asr.close()]);
  await Promise.all([closeRecognisers(), closeVoices(), closeSharedPool()]);
});

t.test('model, voice and recogniser fail one after the other', { timeout: 120_000 }, async (t) => {
  const session = new Session(
    'faults',
    { graph: graph(t.testdir()), parameters: {} },
    {
      'llm-url': chat.url,
      'llm-model': 'fake-1',
      'first-token': 400,
      stall: 400,
      apology: 'Sorry.',
      asr: asr.url,
    },
  );
  t.teardown(() => session.close('the test is over'));
  const told: SessionEvent[] = [];
  const marks: PostedMark[] = [];
  const waiting = new Set<() => void>();
  const happened = () => {
    for (const look of [...waiting]) look();
  };
  const until = (what: string, holds: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const look = () => {
        if (!holds()) return;
        waiting.delete(look);
        t.pass(what);
        resolve();
      };
      waiting.add(look);
      look();
    });
  session.events.on('event', (event) => {
    told.push(event);
    happened();
  });
  await session.start();
  session.pipeline?.on('mark', (mark) => {
    marks.push(mark);
    happened();
  });
  const of = (id: string, type: string) => told.find((event) => event.type === type && event.id === id);

  /** Asks, and waits until what is said of it is over. */
  async function answered(id: string, script: Script, voice?: string): Promise<void> {
    chat.answers(script);
    session.ask({ text: 'Well?', id, ...(voice !== undefined && { voice }) });
    await until(`${id}: it is over`, () => of(id, 'speech.end') !== undefined);
  }

  await answered('whole', says('All is well.'));
  t.equal(of('whole', 'error'), undefined);

  const rows: [string, Script, string, string][] = [
    ['silent', async (writer) => void writer.head(), 'resource/unreachable', 'Sorry.'],
    [
      'stalls',
      async (writer) => void (await writer.say('I think that')),
      'resource/unreachable',
      'I think that',
    ],
    [
      'breaks',
      async (writer) => {
        await writer.say('I know that');
        writer.destroy();
      },
      'resource/unreachable',
      'I know that',
    ],
    ['refuses', (writer) => writer.refuse(401, 'no'), 'resource/not-authorized', 'Sorry.'],
    ['raves', async (writer) => writer.event('{'), 'stream/format', 'Sorry.'],
  ];
  for (const [id, script, code, text] of rows) {
    await answered(`model-${id}`, script);
    t.match(of(`model-${id}`, 'error'), { code }, `the model ${id}: the client is told`);
    const start = of(`model-${id}`, 'speech.start') as { text?: string } | undefined;
    t.ok(start?.text?.startsWith(text), `${start?.text}`);
  }

  // The voice stops in the middle of a word and says nothing more.
  for (const fault of ['stall', 'torn'] as const) {
    speech.fail(fault, 1);
    chat.answers(says('It is a long story that begins far away.'));
    session.ask({ text: 'Well?', id: `voice-${fault}`, voice: 'openai/alloy' });
    await until(`the voice, ${fault}: the client is told`, () => of(`voice-${fault}`, 'error') !== undefined);
    t.match(of(`voice-${fault}`, 'error'), { code: 'resource/unreachable', retryable: true });
  }
  await answered('after-voice', says('On we go.'), 'openai/alloy');
  t.equal(of('after-voice', 'error'), undefined);

  // The recogniser goes away in the middle of each turn, as often as it is asked.
  const hears = session.pipeline?.element('hears');
  hears?.emit('button', true);
  await until('the recogniser has gone', () => marks.some(({ name }) => name === 'asr-failed'));
  hears?.emit('button', false);
  await until('the turn is given up', () =>
    marks.some(({ name, fields }) => name === 'asr-failed' && fields['again'] === false),
  );
  asr.script = { words: ['hello'] };
  chat.answers(says('Hello to you.'));
  const before = chat.exchanges.length;
  hears?.emit('button', true);
  await until('it hears again', () => marks.some(({ name }) => name === 'transcript.partial'));
  hears?.emit('button', false);
  await until('what it heard is answered', () =>
    told.some((event) => event.type === 'speech.start' && event.text === 'Hello to you.'),
  );
  t.match(chat.exchanges[before]?.asked.messages.at(-1), { role: 'user', content: /hello/ });

  t.equal(session.state, 'running');
  const { seen } = TestEyes;
  const last = seen.at(-1) ?? 0;
  const gaps = seen.flatMap((pts, n) =>
    n > 0 && Math.abs(pts - (seen[n - 1] ?? 0) - PERIOD) > 1 ? [pts] : [],
  );
  t.comment(`${seen.length} pictures in ${(last / 1e9).toFixed(1)} s`);
  t.same(gaps, [], 'each picture follows the one before by one period');
  t.equal(seen[0], 0);
  t.equal(seen.length, Math.round(last / PERIOD) + 1);
  t.ok(seen.length > 300);
});
