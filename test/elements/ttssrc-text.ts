import t, { type Test } from 'tap';
import CutGate from '../../elements/cutgate.js';
import TtsSrc from '../../elements/ttssrc.js';
import {
  type ElementEvent,
  type Fields,
  type Metadata,
  type PadTemplates,
  register,
  Source,
} from '../../src/element/index.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import type { Sample } from '../../src/graph/samples.js';
import { closeVoices } from '../../src/voice/index.js';
import { until } from '../support/script.js';

/** Writes what the test says. */
class Author extends Source {
  static readonly metadata = {
    name: 'testauthor',
    longName: 'Author',
    klass: 'Source/Text',
    description: 'For tests',
    author: 'talkgraph',
  } satisfies Metadata;
  static readonly pads = { src: { caps: 'text/x-raw,format=utf8' } } satisfies PadTemplates;
  static last: Author | undefined;
  readonly answers: Fields[] = [];
  readonly resumed: Fields[] = [];

  override start(): void {
    Author.last = this;
    this.setOutputCaps('text/x-raw,format=utf8');
  }

  override event({ name, fields, upstream }: ElementEvent): void {
    if (upstream && name === 'talkgraph/interrupted') this.answers.push(fields);
    if (upstream && name === 'talkgraph/resumed') this.resumed.push(fields);
  }

  write(...parts: string[]): void {
    for (const part of parts) void this.push({ data: new TextEncoder().encode(part) });
  }

  mark(name: string, fields: Fields = {}, oob = false): void {
    this.sendEvent(name, fields, { oob });
  }
}

register(Author);
register(TtsSrc);
register(CutGate);
t.teardown(() => closeVoices());

/** A pipeline that hears what is written, with the marks it posts. */
async function open(t: Test, line: string, clock?: 'test') {
  const pipeline = Pipeline.launch(`testauthor ! ${line} ! appsink name=out sync=false`, {
    ...(clock && { clock }),
  });
  t.teardown(() => pipeline.close());
  const before = Author.last;
  const marks: { name: string; fields: Readonly<Record<string, unknown>> }[] = [];
  const samples: Sample[] = [];
  pipeline.on('mark', (mark) => marks.push(mark));
  pipeline.element('out').onSamples((batch) => void samples.push(...batch));
  // One that is not live plays when there is something to hear.
  const played = pipeline.play();
  await (clock ? played : until(() => Author.last !== before));
  return { pipeline, marks, samples, author: Author.last as Author };
}

const sound = (samples: readonly Sample[]) => Buffer.concat(samples.map(({ data }) => data));
const schedule = (marks: readonly { name: string; fields: Readonly<Record<string, unknown>> }[]) =>
  marks.filter(({ name }) => name === 'schedule').map(({ fields }) => JSON.parse(String(fields['entry'])));

t.test('a text is said as it is written, as one utterance, and the stream ends behind it', async (t) => {
  const { pipeline, marks, samples, author } = await open(t, 'ttssrc is-live=false');
  author.mark('text-start', { id: 'a', voice: 'flite/rms' });
  author.write(' ', 'Once up', 'on a ti', 'me. There', ' was.');
  author.mark('text-end', { id: 'a' });
  author.write('Alone.');
  author.end();
  await pipeline.finished();
  const [first, second] = schedule(marks);
  t.match(first, {
    say: { id: 'a', text: 'Once upon a time. There was.', voice: 'flite/rms', parts: [7, 7, 9, 5] },
  });
  t.match(second, { say: { text: 'Alone.', voice: 'flite/slt' } });
  t.equal(second.say.parts, undefined);
  t.ok(sound(samples).some((byte) => byte !== 0));

  const folder = t.testdir();
  const file = `${folder}/schedule.jsonl`;
  const head = { talkgraph: 'schedule', version: 1, rate: 24000, framerate: '25/1' };
  const { writeFile } = await import('node:fs/promises');
  await writeFile(file, [head, first, second].map((entry) => JSON.stringify(entry)).join('\n'));
  const again = Pipeline.launch(`ttssrc schedule=${file} ! appsink name=out sync=false`);
  t.teardown(() => again.close());
  const replayed: Sample[] = [];
  again.element('out').onSamples((batch) => void replayed.push(...batch));
  await again.play();
  await again.finished();
  t.ok(sound(replayed).equals(sound(samples)), 'its schedule gives the same bytes');
});

t.test('nothing written is nothing said', async (t) => {
  const { pipeline, marks, samples, author } = await open(t, 'ttssrc is-live=false');
  author.mark('text-start', { id: 'a' });
  author.write(' \n');
  author.mark('text-end', { id: 'a' });
  author.end();
  await pipeline.finished();
  t.same([samples.length, marks.length], [0, 0]);
});

t.test('a cut tells who writes what was heard, and what is written on is not said', async (t) => {
  const { pipeline, marks, samples, author } = await open(t, 'ttssrc name=say lead=300', 'test');
  const { clock } = pipeline;
  author.mark('text-start', { id: 'one', cuts: 0 });
  author.write('Alpha bravo charlie delta echo. ', 'Foxtrot golf hotel.');
  await until(() => sound(samples).some((byte) => byte !== 0));
  for (let n = 0; n < 20; n++) await clock.crank();
  author.mark('text-end', { id: 'one' });
  author.mark('text-start', { id: 'two', cuts: 0 });
  author.write('Never heard.');
  author.mark('barge-in', { cut: 'k1' }, true);
  await until(() => author.answers.length > 0);
  author.write(' Nor this.');
  author.mark('barge-in', { cut: 'k1' });
  author.mark('text-end', { id: 'two' });
  author.mark('text-start', { id: 'old', cuts: 0 });
  author.write('Begun before the cut was known.');
  author.mark('text-end', { id: 'old' });
  const [answer] = author.answers;
  t.match(answer, { cut: 'k1', cuts: 1 });
  const heard: [string, string][] = JSON.parse(String(answer?.['heard']));
  t.equal(heard[0]?.[0], 'one');
  t.match(heard[0]?.[1], /^Alpha( bravo)?( charlie)?( delta)?$/);
  t.same(
    heard.slice(1).filter(([, text]) => text !== ''),
    [],
  );
  t.match(marks.find(({ name }) => name === 'interrupted')?.fields, { id: 'one', heard: heard[0]?.[1] });

  const before = samples.length;
  author.mark('text-start', { id: 'new', cuts: 1 });
  author.write('Now this.');
  author.mark('text-end', { id: 'new' });
  await until(() => sound(samples.slice(before)).some((byte) => byte !== 0));
  // One that waited when the cut came, as "two" may have, stands there without a stretch.
  const said = () => schedule(marks).flatMap(({ say }) => (say?.runs.length > 0 ? [say.id] : []));
  while (!said().includes('new')) await clock.crank();
  t.same(said(), ['one', 'new']);
  t.equal(author.answers.length, 1, 'a cut counts once');
});

t.test('a cut that was not meant: what it cut is said again, and who writes is told', async (t) => {
  const { pipeline, marks, samples, author } = await open(t, 'ttssrc name=say lead=300', 'test');
  const { clock } = pipeline;
  author.mark('text-start', { id: 'one', cuts: 0 });
  author.write('Alpha bravo charlie delta echo. ', 'Foxtrot golf hotel.');
  author.mark('text-end', { id: 'one' });
  await until(() => sound(samples).some((byte) => byte !== 0));
  for (let n = 0; n < 20; n++) await clock.crank();
  author.mark('barge-in', { cut: 'k1' }, true);
  await until(() => author.answers.length > 0);
  const before = samples.length;
  author.mark('resume', { cut: 'k0' }, true);
  author.mark('resume', { cut: 'k1' }, true);
  await until(() => author.resumed.length > 0);
  const [resumed] = author.resumed;
  t.match(resumed, { of: 'one', text: 'Alpha bravo charlie delta echo. Foxtrot golf hotel.' });
  await until(() => sound(samples.slice(before)).some((byte) => byte !== 0));
  const said = () => schedule(marks).flatMap((entry) => (entry.say ? [entry.say] : []));
  while (said().length < 2) await clock.crank();
  t.match(said()[1], { id: resumed?.['id'], text: resumed?.['text'] });
  t.equal(author.resumed.length, 1);
});

t.test('a draft that is kept too late for its moment is heard behind a gate all the same', async (t) => {
  const line = 'ttssrc lead=300 ! queue ! cutgate';
  const { pipeline, samples, author } = await open(t, line, 'test');
  const { clock } = pipeline;
  const now = () => pipeline.runningTime() ?? 0;
  for (let n = 0; n < 20; n++) await clock.crank();
  const due = now() + 500e6;
  author.mark('text-start', { id: 'one', cuts: 0, draft: true, due });
  author.write(`Well ${'and so on '.repeat(60)}`);
  while (now() < due + 150e6) await clock.crank();
  author.mark('draft-kept', { id: 'one' }, true);
  const from = samples.length;
  const loud = () => samples.slice(from).some(({ data }) => data.some((byte) => byte > 20 && byte < 235));
  for (let n = 0; n < 400 && !loud(); n++) await clock.crank();
  t.ok(loud());
});
