/** The same graph on three clocks gives the same pictures: live, offline, and offline again. */
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { openAvatar } from '../../src/avatar/index.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import { registerElements } from '../../src/graph/registry.js';
import { resolveVoice } from '../../src/voice/index.js';

t.setTimeout(180_000);
await registerElements();
// Each pipeline would decode it anew.
const kept = await openAvatar('ava');
t.teardown(() => kept.close());

const HEAD = { talkgraph: 'schedule', version: 1, rate: 24000, framerate: '25/1' };
/** Half a second more than the graph asks for, so that a busy machine misses nothing. */
const PATIENT = 'latency=500000000';
// All mouths: which of them a busy machine leaves out is another thing to look at.
const face = (patience: string) =>
  `audioresample ! featextract ! lipsyncfilter name=lips rate=full ! pastebackmix name=face ${patience} ! appsink name=out`;

/** What identifies each picture, by its number; and how many were shown without the mouth they should have had. */
interface Shown {
  readonly pictures: Map<number, string>;
  misses: number;
}

/** Starts to watch the pictures of a pipeline. `each` is told the number of each. */
function look(p: Pipeline, each: (frame: number) => void = () => {}): Shown {
  const shown: Shown = { pictures: new Map(), misses: 0 };
  p.element('out').onSamples(
    (samples) => {
      for (const { data, pts = 0 } of samples) {
        const frame = Math.round(pts / 40e6);
        shown.pictures.set(frame, createHash('sha1').update(data).digest('hex'));
        each(frame);
      }
    },
    { full: 'wait' },
  );
  return shown;
}

async function offline(t: Test, what: string): Promise<Shown> {
  const p = Pipeline.launch(`ttssrc is-live=false ${what} ! ${face('')} sync=false`);
  t.teardown(() => p.close());
  const shown = look(p);
  await Promise.all([p.finished(), p.play()]);
  shown.misses = missed(p);
  await p.close();
  return shown;
}

const missed = (p: Pipeline): number =>
  (p.element('lips').get('missed') as number) + (p.element('face').get('late') as number);

/**
 * A live session that says each text when the one before has ended and a few pictures have passed.
 * Returns what was shown and the schedule it told.
 */
async function live(t: Test, texts: readonly string[]): Promise<{ shown: Shown; schedule: string }> {
  const p = Pipeline.launch(`ttssrc name=say ! ${face(PATIENT)} sync=true`);
  t.teardown(() => p.close());
  const entries: string[] = [JSON.stringify(HEAD)];
  const waiting = [...texts];
  let sayAt = 3;
  let over = Number.POSITIVE_INFINITY;
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  let frameNow = 0;
  p.on('mark', ({ name, fields }) => {
    if (name !== 'schedule') return;
    entries.push(String(fields['entry']));
    const said = JSON.parse(String(fields['entry'])) as { say?: { runs: [number, number, number][] } };
    const [frame = 0, , samples = 0] = said.say?.runs.at(-1) ?? [];
    const last = frame + Math.ceil((samples * 25) / HEAD.rate);
    if (waiting.length > 0) sayAt = last + 9;
    else over = last + 12;
  });
  const shown = look(p, (frame) => {
    frameNow = frame;
    if (frame >= sayAt) {
      sayAt = Number.POSITIVE_INFINITY;
      p.element('say').emit('say', waiting.shift() ?? '', null, null);
    }
    if (frame >= over) end();
    told?.(frameNow);
  });
  await p.play();
  await ended;
  shown.misses = missed(p);
  await p.close();
  const schedule = join(t.testdir(), 'schedule.jsonl');
  await writeFile(schedule, `${entries.join('\n')}\n`);
  return { shown, schedule };
}

let told: ((frame: number) => void) | undefined;

/** All pictures of `replay` are those of `shown`; each miss may have touched three (the mouth closes over two). */
function same(t: Test, shown: Shown, replay: Shown): void {
  t.equal(replay.misses, 0);
  const differ = [...replay.pictures].filter(([frame, picture]) => shown.pictures.get(frame) !== picture);
  t.comment(`${replay.pictures.size} pictures, ${shown.misses} missed live, ${differ.length} differ`);
  t.ok(
    differ.length <= 3 * shown.misses,
    `only missed pictures differ: ${differ.map(([frame]) => frame).join(' ')}`,
  );
}

t.test('two offline runs give the same pictures, byte for byte', async (t) => {
  const [one, two] = [await offline(t, 'text="Same again."'), await offline(t, 'text="Same again."')];
  t.ok(one.pictures.size > 15);
  t.same([...one.pictures], [...two.pictures]);
});

t.test('the replay of a live run shows the pictures of the live run', async (t) => {
  const { shown, schedule } = await live(t, ['Bob moved my map.', 'And again.']);
  const replay = await offline(t, `schedule=${schedule}`);
  t.ok(replay.pictures.size > 40);
  same(t, shown, replay);
});

t.test('the replay pauses where the live voice did not keep up', async (t) => {
  const { engine } = await resolveVoice('flite/slt');
  const { synthesize } = engine;
  t.teardown(() => {
    engine.synthesize = synthesize;
    told = undefined;
  });
  engine.synthesize = async function* (request) {
    let given = 0;
    for await (const piece of synthesize.call(engine, request)) {
      if (given < 0.5 && given + piece.samples.length / piece.rate >= 0.5) {
        // The voice goes on when everything it gave has been shown and a pause has been seen.
        await new Promise<void>((resolve) => {
          let first: number | undefined;
          told = (frame) => {
            first ??= frame;
            if (frame > first + 30) resolve();
          };
        });
      }
      given += piece.samples.length / piece.rate;
      yield piece;
    }
  };
  const { shown, schedule } = await live(t, ['Mind the gap between the words of mine.']);
  engine.synthesize = synthesize;
  const entry = (await readFile(schedule, 'utf8')).split('\n')[1] ?? '';
  t.equal((JSON.parse(entry) as { say: { runs: unknown[] } }).say.runs.length, 2, 'it did pause');
  same(t, shown, await offline(t, `schedule=${schedule}`));
});
