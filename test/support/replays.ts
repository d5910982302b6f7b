/** A live session, replayed by the schedule that it told: the same samples and the same pictures, byte for byte. */
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Test } from 'tap';
import { openAvatar } from '../../src/avatar/index.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import { registerElements } from '../../src/graph/registry.js';
import type { Sample } from '../../src/graph/samples.js';
import { closeSharedPool } from '../../src/inference/index.js';
import { native } from '../../src/native.js';
import { closeVoices } from '../../src/voice/index.js';
import { until } from './script.js';

// Loading a model and an avatar takes long when others want the processor, too.
native.setDeadline(100_000);
await registerElements();
// The pipelines of a file come one after the other; decoding it for each takes a second.
const kept = await openAvatar('ava');
/** Frees what all the sessions of a test file shared. */
export async function closeAll(): Promise<void> {
  kept.close();
  await closeSharedPool();
  await closeVoices();
}

const RATE = 24_000;
/** Samples of a video frame. */
const FRAME = RATE / 25;
const HEAD = { talkgraph: 'schedule', version: 1, rate: RATE, framerate: '25/1' };
/** Half a second more than the graph asks for, so that a busy machine misses nothing. */
const PATIENT = 'latency=500000000';
const graph = (say: string, queue: string, lips: string, face: string, sync: boolean) =>
  `ttssrc name=say ${say} ! tee name=t ` +
  `t. ! queue ${queue} ! cutgate ! appsink name=sound sync=${sync} ` +
  `t. ! queue ${queue} ! audioresample ! featextract ! lipsyncfilter name=lips ${lips} ! pastebackmix name=face ${face} ! appsink name=out sync=${sync}`;
const DEEP = 'max-size-time=0 max-size-bytes=0 max-size-buffers=0';

/** What was heard and seen, by sample and by picture, and how many pictures lack the mouth they should have. */
export class Shown {
  readonly sound: number[] = [];
  readonly pictures = new Map<number, string>();
  misses = 0;
  /** Called for each piece of sound. */
  heard: (loud: boolean) => void = () => {};

  constructor(p: Pipeline) {
    const hear = (batch: readonly Sample[]) => {
      for (const sample of batch) this.#hear(sample);
    };
    p.element('sound').onSamples(hear, { full: 'wait' });
    p.element('out').onSamples(
      (batch) => {
        for (const { data, pts = 0 } of batch)
          this.pictures.set(Math.round(pts / 40e6), createHash('sha1').update(data).digest('hex'));
      },
      { full: 'wait' },
    );
  }

  #hear({ data, pts = 0 }: Sample): void {
    const samples = new Int16Array(data.buffer, data.byteOffset, data.byteLength >> 1);
    const at = Math.round((pts * RATE) / 1e9);
    samples.forEach((value, i) => {
      this.sound[at + i] = value;
    });
    this.heard(samples.some((value) => Math.abs(value) > 300));
  }
}

const missed = (p: Pipeline): number =>
  (p.element('lips').get('missed') as number) + (p.element('face').get('late') as number);

/** A live session as those see it who speak to it. */
export class Live {
  readonly #p: Pipeline;
  readonly #shown: Shown;
  readonly entries: string[] = [JSON.stringify(HEAD)];
  cuts = 0;
  #told: () => void = () => {};

  constructor(p: Pipeline) {
    this.#p = p;
    this.#shown = new Shown(p);
    p.on('mark', ({ name, fields }) => {
      if (name !== 'schedule') return;
      this.entries.push(String(fields['entry']));
      this.#told();
    });
  }

  /** Resolves when so many entries have been told, of what is over. */
  told(count: number): Promise<void> {
    return new Promise((resolve) => {
      this.#told = () => {
        if (this.entries.length > count) resolve();
      };
      this.#told();
    });
  }

  say(text: string): void {
    this.#p.element('say').emit('say', text, null, null);
  }

  clip(name: string): void {
    this.#p.element('say').emit('clip', name, null);
  }

  cut(): void {
    this.cuts++;
    this.#p.element('say').emit('cut');
  }

  /** Resolves when so many more pieces of 10 ms, loud or quiet in a row, have been heard. */
  heard(count: number, loud = true): Promise<void> {
    let left = count;
    return new Promise((resolve) => {
      this.#shown.heard = (is) => {
        if (is === loud) left--;
        else if (!loud) left = count;
        if (left === 0) resolve();
      };
    });
  }

  async over(): Promise<Shown> {
    this.#shown.misses = missed(this.#p);
    await this.#p.close();
    return this.#shown;
  }
}

/** Runs `play` live, replays the schedule that it told, and compares. */
export async function replays(
  t: Test,
  play: (live: Live) => Promise<void>,
  { lips = '', face = '', avatar = 'ava' }: { lips?: string; face?: string; avatar?: string } = {},
): Promise<Live> {
  const who = `avatar=${avatar}`;
  // All mouths: what a machine that is busy leaves out is another thing to look at.
  const moved = `${who} rate=full ${lips}`;
  const p = Pipeline.launch(graph(who, 'max-size-time=3000000000', moved, `${who} ${face} ${PATIENT}`, true));
  t.teardown(() => p.close());
  const live = new Live(p);
  await p.play();
  await play(live);
  // Until everything has been shown that was under way at the cut.
  await live.heard(100, false);
  const shown = await live.over();
  const schedule = join(t.testdir(), 'schedule.jsonl');
  await writeFile(schedule, `${live.entries.join('\n')}\n`);
  t.equal(live.entries.filter((entry) => entry.startsWith('{"cut"')).length, live.cuts);

  const again = Pipeline.launch(
    graph(`${who} is-live=false schedule=${schedule}`, DEEP, moved, `${who} ${face}`, false),
  );
  t.teardown(() => again.close());
  const replay = new Shown(again);
  await Promise.all([again.finished(), again.play()]);
  t.equal(missed(again), 0);
  // The end is told on the bus, the last samples come on their own way: nothing that was heard or seen may be missing.
  const last = shown.sound.findLastIndex((value) => value !== 0);
  await until(() => replay.sound.length > last && replay.pictures.size * FRAME >= replay.sound.length);
  await again.close();

  t.comment(live.entries.slice(1).join('\n'));
  const wrong = replay.sound.findIndex((value, i) => value !== shown.sound[i]);
  t.equal(wrong, -1, `the same ${replay.sound.length} samples`);
  const differ = [...replay.pictures.keys()].filter(
    (frame) => replay.pictures.get(frame) !== shown.pictures.get(frame),
  );
  t.comment(`${replay.pictures.size} pictures, ${shown.misses} missed live`);
  // The mouth closes over two pictures after each that was missed.
  t.ok(differ.length <= 3 * shown.misses, `only missed pictures differ: ${differ.join(' ')}`);
  return live;
}
