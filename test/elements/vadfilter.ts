import t from 'tap';
import VadFilter from '../../elements/vadfilter.js';
import { type Frame, framesToNs, register } from '../../src/element/index.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import { closeSharedPool } from '../../src/inference/index.js';
import { closeVoices } from '../../src/voice/index.js';
import { type Harness, harness, isEvent } from '../support/harness.js';
import { atLevel, join, mix, silence, toInt16, white } from '../support/noises.js';
import { spoken } from '../support/spoken.js';

register(VadFilter);
t.teardown(async () => {
  await closeSharedPool();
  await closeVoices();
});

const caps = 'audio/x-raw,format=S16LE,layout=interleaved,channels=1,rate=16000';
const sentence = atLevel(await spoken('Tell me about it.'), -22);
/** A second of room, a sentence, a second of room. */
const scene = toInt16(mix(join(silence(1), sentence, silence(1)), white(5, -60)));
const ENDS = 1e9 + framesToNs(sentence.length, 16_000);

/** Pushes in odd pieces from `start` on, ends, and returns all that came out. */
async function through(h: Harness, sound: Int16Array<ArrayBuffer>, start = 0) {
  const step = 301;
  for (let at = 0; at < sound.length; at += step) {
    const data = new Uint8Array(sound.slice(at, at + step).buffer);
    await h.push({ data, pts: start + framesToNs(at, 16_000) });
  }
  h.end();
  const { frames, events } = await h.rest();
  return { frames, vad: events.filter(({ name }) => name === 'talkgraph/vad').map(({ fields }) => fields) };
}

const samples = (frames: readonly Frame[]) => Buffer.concat(frames.map(({ data }) => data));

for (const engine of ['silero', 'energy']) {
  t.test(`${engine}: sound goes on untouched, and marks say when somebody speaks`, async (t) => {
    const h = await harness(`vadfilter engine=${engine} pre-roll=70`, { caps });
    t.teardown(() => h.close());
    const start = 7_000_000_123;
    const { frames, vad } = await through(h, scene, start);
    t.ok(samples(frames).equals(Buffer.from(scene.buffer)), 'every sample');
    t.equal(frames[0]?.pts, start);
    const [speech, end] = [vad[0], vad.at(-1)] as Record<string, number>[];
    t.match(
      vad.map(({ state }) => state),
      /^speech,silence/,
    );
    t.ok(Math.abs(speech!['pts']! - start - 1e9) < 60e6, `begins at ${speech!['pts']}`);
    t.equal(speech!['from'], speech!['pts']! - 70e6);
    t.ok(
      speech!['at']! > speech!['pts']! && speech!['at']! - start - 1e9 < 150e6,
      `known at ${speech!['at']}`,
    );
    t.ok(Math.abs(end!['pts']! - start - ENDS) < 200e6, `ends at ${end!['pts']}`);
    t.same(
      h.marks.filter(({ name }) => name === 'vad').map(({ fields }) => fields),
      vad,
      'the bus has the same',
    );
    t.equal(h.element.get('missed'), 0);
  });
}

t.test('a mark stands before the frame in which it became known', async (t) => {
  const h = await harness('vadfilter', { caps });
  t.teardown(() => h.close());
  for (let at = 0; at < scene.length; at += 320) {
    await h.push({ data: new Uint8Array(scene.slice(at, at + 320).buffer), pts: framesToNs(at, 16_000) });
  }
  h.end();
  let known: number | undefined;
  for (;;) {
    const item = await h.next();
    if (item === undefined) break;
    if (isEvent(item)) {
      if (item.name === 'talkgraph/vad') known = Number(item.fields['at']);
    } else if (known !== undefined) {
      const pts = item.pts ?? 0;
      t.ok(known > pts && known <= pts + 20e6, `${known} in the frame at ${pts}`);
      known = undefined;
    }
  }
});

t.test('before it is speech it is likely, and with likely=0 nothing is told of that', async (t) => {
  for (const line of ['vadfilter', 'vadfilter likely=0']) {
    const h = await harness(line, { caps });
    t.teardown(() => h.close());
    for (let at = 0; at < scene.length; at += 320) {
      await h.push({ data: new Uint8Array(scene.slice(at, at + 320).buffer), pts: framesToNs(at, 16_000) });
    }
    h.end();
    const { events } = await h.rest();
    const [first, second] = events.filter(({ name }) => /vad|voice/.test(name));
    if (line !== 'vadfilter') {
      t.equal(first?.name, 'talkgraph/vad');
      continue;
    }
    t.same([first?.name, second?.name], ['talkgraph/voice-likely', 'talkgraph/vad']);
    t.ok(Number(first?.fields['at']) > 1e9 && Number(first?.fields['at']) <= 1.08e9);
    t.ok(Number(first?.fields['at']) < Number(second?.fields['at']));
    t.same(
      h.marks.find(({ name }) => name === 'voice-likely')?.fields,
      first?.fields,
      'the bus has the same',
    );
  }
});

t.test('a jump in time ends the speech before it', async (t) => {
  const h = await harness('vadfilter', { caps });
  t.teardown(() => h.close());
  const cut = scene.slice(0, 16_000 + 8000);
  await h.push({ data: new Uint8Array(cut.buffer), pts: 0 });
  await h.push({ data: new Uint8Array(2 * 16_000), pts: 60e9 });
  h.end();
  const { events } = await h.rest();
  const vad = events.filter(({ name }) => name === 'talkgraph/vad').map(({ fields }) => fields);
  t.match(
    vad.map(({ state }) => state),
    ['speech', 'silence'],
  );
  t.ok(Number(vad[1]?.['pts']) <= 1.5e9);
});

t.test('other sound than it hears is refused, and a model that hears nothing is told', async (t) => {
  const stereo = 'audiotestsrc ! audio/x-raw,rate=16000,channels=2 ! vadfilter ! fakesink';
  t.throws(() => Pipeline.launch(stereo), /could not link/);
  await t.rejects(harness('vadfilter model=tinylip', { caps }), { message: /does not hear who speaks/ });
});

t.test('two at once', async (t) => {
  const both = await Promise.all(
    ['silero', 'energy'].map(async (engine) => {
      const h = await harness(`vadfilter engine=${engine}`, { caps });
      t.teardown(() => h.close());
      return (await through(h, scene)).vad;
    }),
  );
  for (const vad of both)
    t.match(
      vad.map(({ state }) => state),
      /^speech,silence/,
    );
});
