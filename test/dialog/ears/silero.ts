/** Silero on speech, and on what is none. Rates are of these very sounds; `npm run bench -- ears` has more of them. */
import { existsSync } from 'node:fs';
import t from 'tap';
import { loadSilero, SileroDetector } from '../../../src/dialog/ears/silero.js';
import { closeSharedPool, readListener, sharedPool } from '../../../src/inference/index.js';
import { closeVoices } from '../../../src/voice/index.js';
import { heardIn, silero, sileros } from '../../support/listens.js';
import {
  atLevel,
  bursts,
  coughs,
  hum,
  join,
  mix,
  pink,
  random,
  silence,
  white,
} from '../../support/noises.js';
import { REAL, realSpeech, sentences, spoken } from '../../support/spoken.js';

t.teardown(async () => {
  await closeSharedPool();
  await closeVoices();
});

/** ms from the first audible 5 ms of each sentence until it is known that somebody speaks, sorted. */
async function delays(said: readonly Float32Array[], noise: number): Promise<number[]> {
  const next = random(9);
  const found: number[] = [];
  for (const [i, sentence] of said.entries()) {
    const lead = Math.round(16_000 * (1 + 0.032 * next())) / 16_000;
    const clean = join(silence(lead), atLevel(sentence, -25)).slice(0, 16_000 * 2);
    const changes = await heardIn(mix(clean, pink(2, noise, 50 + i)), await silero());
    const begin = changes.find(({ state }) => state === 'speech');
    found.push(begin === undefined ? Number.POSITIVE_INFINITY : begin.at / 1e6 - lead * 1000);
  }
  return found.sort((a, b) => a - b);
}

t.test('knows of speech soon after its first audible sound, in a quiet room and a loud one', async (t) => {
  const said = await sentences(10);
  for (const noise of [-90, -50, -38]) {
    const found = await delays(said, noise);
    const [median = 0, p90 = 0] = [found[5], found[8]];
    t.comment(
      `noise ${noise} dB: median ${median.toFixed(0)} ms, p90 ${p90.toFixed(0)}, all ${found.map(Math.round)}`,
    );
    t.ok((found[0] ?? 0) > 0, 'not before there is any');
    t.ok(median <= 100, `median ${median}`);
    // Words that begin with a long s or sh are noise for as long as that lasts.
    t.ok(p90 <= 220, `p90 ${p90}`);
  }
});

t.test('noises are no speech', async (t) => {
  const noises = {
    white: white(10, -30),
    pink: pink(10, -20),
    hum: hum(10, -20),
    bursts: bursts(10, -20),
    clicks: bursts(10, -12, { length: 0.004, every: 0.5 }),
    nothing: silence(10),
  };
  for (const [name, sound] of Object.entries(noises)) t.same(await heardIn(sound, await silero()), [], name);
  const barks = await heardIn(coughs(40, -15), await silero());
  t.comment(`${barks.filter(({ state }) => state === 'speech').length} of some 20 coughs are speech`);
  t.ok(barks.length <= 4);
});

t.test('speech ends where its last sound does, not where the network has forgotten it', async (t) => {
  for (const text of ['Can you tell me what the weather will be like tomorrow?', 'No, please stop.'])
    for (const noise of [-90, -50]) {
      const sentence = join(silence(1), atLevel(await spoken(text), -20));
      const last = sentence.findLastIndex((sample) => Math.abs(sample) >= 0.01) / 16;
      const room = mix(join(sentence, silence(2)), pink(sentence.length / 16_000 + 2, noise));
      const end = (await heardIn(room, await sileros())).findLast(({ state }) => state === 'silence');
      const late = Number(end?.pts) / 1e6 - last;
      t.ok(Math.abs(late) < 50, `${late.toFixed(0)} ms behind it with noise at ${noise} dB`);
      t.ok(Number(end?.at) / 1e6 >= last + 250, 'and is known later');
    }
});

t.test('what is too soft to be meant is no speech', async (t) => {
  const sentence = join(silence(1), atLevel(await spoken('What time is it now?'), -62));
  t.same(await heardIn(sentence, await silero()), []);
  t.ok((await heardIn(sentence, await silero(), { minLevel: -80 })).length > 0, 'unless it is to be heard');
});

t.test(
  'the same sentences in real speech, with and without noise',
  { skip: !existsSync(REAL) && REAL },
  async (t) => {
    const real = realSpeech();
    const clean = await heardIn(real, await silero());
    const seconds = (changes: typeof clean) =>
      changes.reduce((sum, { state, pts }) => sum + (state === 'speech' ? -pts : pts) / 1e9, 0);
    t.ok(seconds(clean) > 48 && seconds(clean) < 58, `${seconds(clean)} s of speech in 60`);
    const noisy = await heardIn(mix(real, pink(60, -40)), await silero());
    // Its soft ends are below the noise, and each may be told earlier by what Silero hears behind it.
    const ends = noisy.length / 2;
    t.ok(
      Math.abs(seconds(noisy) - seconds(clean)) < 2 + 0.128 * ends,
      `${seconds(noisy)} s with noise 20 dB below it`,
    );
  },
);

t.test('silence is not inferred once it has settled, and speech after it is found as soon', async (t) => {
  const { counts } = sharedPool();
  const before = counts.done;
  await heardIn(silence(20), await silero());
  t.equal(sharedPool().counts.done - before, 32);
});

t.test('sessions that speak at the same time share runs, and hear what they would hear alone', async (t) => {
  const model = await loadSilero(await readListener('silero'));
  const sound = mix(join(silence(0.5), atLevel((await sentences(1))[0] ?? silence(1), -25)), white(3, -50));
  const alone = await heardIn(sound, new SileroDetector(model));
  const { done, batches } = { ...sharedPool().counts };
  const all = await Promise.all(Array.from({ length: 12 }, () => heardIn(sound, new SileroDetector(model))));
  for (const one of all) t.same(one, alone);
  const [rows, runs] = [sharedPool().counts.done - done, sharedPool().counts.batches - batches];
  t.comment(`${rows} hops in ${runs} runs`);
  t.ok(runs < rows / 2);
});
