/**
 * A conversation, whole: headless Chromium plays spoken questions into its own microphone and speaks over the answers; recogniser and
 * language model are fakes that answer at once, everything else is real, the face too.
 *
 * Told twice: up to where sound leaves this process, as the budgets mean it, and up to the browser's loudspeaker, with its
 * jitter buffer. Both begin with what the microphone hears there.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waveFile } from '../../src/dialog/ears/wave.js';
import type { SessionEvent } from '../../src/server/contract/events.js';
import { usualGraph } from '../../src/session/graphs.js';
import { Sessions } from '../../src/session/sessions.js';
import { FakeChat } from '../fakes/fake-openai-chat.js';
import { FakeTranscriptions, hears } from '../fakes/fake-openai-transcriptions.js';
import { atLevel, toInt16 } from '../support/noises.js';
import { spoken } from '../support/spoken.js';
import { Chromium } from '../webrtc/support/chromium.js';
import { viewersOf } from './support/face.js';
import { progress, report, spread } from './support/report.js';
import { type Edges, TALK } from './support/talkingpage.js';

const ROUNDS = Number(process.env['CONVERSATION_ROUNDS'] ?? 20);
/** They are spread over so many sessions, one after the other: what is cold in the first turn of one counts as often. */
const SESSIONS = Number(process.env['CONVERSATION_SESSIONS'] ?? 4);
const RATE = 48_000;
const END_DELAY = 600;
const QUESTION = 'Can you tell me what the weather will be like tomorrow?';
const OBJECTION = 'No, please stop.';
/** Spoken in one breath, so that its end is a cut's. */
const LONG = `Well ${'and so on '.repeat(60)}`;

const [question, objection] = await Promise.all(
  [QUESTION, OBJECTION].map(async (text) => atLevel(await spoken(text, 'rms', RATE), -20)),
);
if (question === undefined || objection === undefined) throw new Error('nothing to say');
const pause = (seconds: number) => new Float32Array(seconds * RATE);
const round = [question, pause(4.5), objection, pause(4.5)].flatMap((part) => [...part]);
const each = Math.ceil(ROUNDS / SESSIONS);
const folder = await mkdtemp(join(tmpdir(), 'talkgraph-bench-'));
const file = join(folder, 'said.wav');
const all = Float32Array.from([
  ...pause(8),
  ...Array.from({ length: each }, () => round).flat(),
  ...pause(60),
]);
await writeFile(file, waveFile(toInt16(all), RATE));

// Which of the two was said, the recogniser knows by its length.
const between = ((question.length + objection.length) / 2 / RATE) * 32_000;
const ears = await FakeTranscriptions.start((response, request) =>
  hears(request.file.bytes.length > between + 16_000 ? QUESTION : OBJECTION)(response, request),
);
/** Unix ms at which connections to the model were gone. */
const closed: number[] = [];
const unix = () => performance.timeOrigin + performance.now();
const chat = await FakeChat.open(async (writer, { asked, closed: gone }) => {
  if (asked.messages.at(-1)?.content !== QUESTION) {
    await writer.say('All right.');
    await writer.done();
    return;
  }
  void gone.then((at) => closed.push(performance.timeOrigin + at));
  // Never ends by itself.
  await writer.say(LONG);
});

const usual = usualGraph({ url: chat.url, model: 'fake-1' }, { engine: 'openai', url: ears.url });
const sessions = new Sessions(1, { ...usual, parameters: { ...usual.parameters, 'end-delay': END_DELAY } });

/** What was timed, in ms. */
const times = {
  silent: [] as number[],
  barged: [] as number[],
  quiet: [] as number[],
  closed: [] as number[],
  begun: [] as number[],
  first: [] as number[],
  sounds: [] as number[],
};
let objections = 0;

/** One viewer, who asks and objects `each` times. */
async function talk(): Promise<void> {
  const session = await sessions.create();
  const { pipeline } = session;
  if (pipeline === undefined) throw new Error('no session');
  const at = (pts: number) => unix() + (pts - (pipeline.runningTime() ?? 0)) / 1e6;
  const latency = () => (pipeline.latency()?.min ?? 0) / 1e6;
  const events: SessionEvent[] = [];
  /** Unix ms at which old sound had left, and an answer's first sound. */
  const [silent, begun, barged]: [number[], number[], number[]] = [[], [], []];
  session.events.on('event', (event) => {
    events.push(event);
    if (event.type === 'speech.start') begun.push(at(event.pts) + latency());
  });
  pipeline.on('mark', ({ name, fields }) => {
    if (name === 'barge-in') barged.push(unix());
    const entry = name === 'schedule' ? JSON.parse(String(fields['entry'])) : {};
    if (entry.sound !== undefined) silent.push(at(entry.sound.faded) + latency());
  });

  const browser = await Chromium.launch([
    '--use-fake-ui-for-media-stream',
    '--use-fake-device-for-media-stream',
    `--use-file-for-fake-audio-capture=${file}%noloop`,
  ]);
  const seconds = 8 + (each * round.length) / RATE;
  const page = await browser.page(async (offer) => (await viewersOf(session.out).answer(offer)).sdp);
  await page.evaluate(TALK);
  await page.waitForTimeout((seconds + 2) * 1000);
  const [microphone, loudspeaker] = (await page.evaluate('talking.edges()')) as [Edges, Edges];
  const told = (await page.evaluate('talking.messages.map(({ type }) => type)')) as string[];
  await browser.close();
  await session.close('measured');

  // What is said alternates; an objection counts where it met speech.
  const overs = microphone.on.filter((time) => after(barged, time, 3000) !== undefined);
  const ends = microphone.off.filter((time) => !overs.some((over) => over < time && over > time - 3000));
  const count = (type: string) => events.filter((event) => event.type === type).length;
  progress(
    `${microphone.on.length} times somebody spoke, ${overs.length} of them over the face; ${count('transcript.final')} transcripts, ${count('speech.start')} answers, ${count('interrupted')} interrupted; ${told.length} events came by the data channel`,
  );
  const answered = lasted(ends, begun, END_DELAY);
  progress(`beyond the ${END_DELAY} ms: ${answered.map(Math.round).join(', ')} ms`);
  objections += overs.length;
  times.silent.push(...lasted(overs, silent));
  times.barged.push(...lasted(overs, barged));
  times.quiet.push(...lasted(overs, loudspeaker.off));
  times.closed.push(...lasted(barged, closed));
  times.begun.push(...answered);
  times.first.push(...lasted(ends.slice(0, 1), begun, END_DELAY));
  times.sounds.push(...lasted(ends, loudspeaker.on, END_DELAY));
}

/** The first of these after `from`, within `limit` ms. */
function after(these: readonly number[], from: number, limit = 4000): number | undefined {
  return these.find((time) => time > from && time < from + limit);
}

/** How long each of these took, where it came at all. */
function lasted(from: readonly number[], these: readonly number[], less = 0): number[] {
  return from.flatMap((time) => {
    const found = after(these, time);
    return found === undefined ? [] : [found - time - less];
  });
}

progress(
  `${each} rounds in each of ${SESSIONS} sessions, ${Math.round(SESSIONS * (10 + (each * round.length) / RATE))} s`,
);
for (let i = 0; i < SESSIONS; i++) await talk();
report([
  {
    what: 'voice over the face -> the last of its speech has left, detection included',
    unit: 'ms',
    ...spread(times.silent),
    budgets: [{ of: 'p95', max: 150 }],
    note: `${SESSIONS * each} questions and as many objections in ${SESSIONS} sessions; ${objections} objections met speech`,
  },
  {
    what: 'the same -> "fall silent" is known',
    unit: 'ms',
    ...spread(times.barged),
  },
  {
    what: 'the same -> silence in the browser',
    unit: 'ms',
    ...spread(times.quiet),
  },
  {
    what: '"fall silent" -> the connection to the model is closed',
    unit: 'ms',
    ...spread(times.closed),
    budgets: [{ of: 'p95', max: 50 }],
  },
  {
    what: `end of a question -> first sound of the answer has left, beyond the ${END_DELAY} ms that end a turn`,
    unit: 'ms',
    ...spread(times.begun),
    budgets: [{ of: 'p95', max: 150 }],
    note: 'recogniser and language model answer at once; flite speaks',
  },
  {
    what: 'the same, of the first question of each session',
    unit: 'ms',
    ...spread(times.first),
  },
  {
    what: 'the same, in the browser',
    unit: 'ms',
    ...spread(times.sounds),
  },
]);
await rm(folder, { recursive: true, force: true });
