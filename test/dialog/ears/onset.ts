/**
 * How soon it is told that somebody may have begun to speak, and how seldom that is nothing: on the time of the sound alone, so
 * the same on every machine. `npm run bench -- ears` has more of both.
 */
import t from 'tap';
import { closeSharedPool } from '../../../src/inference/index.js';
import { closeVoices } from '../../../src/voice/index.js';
import { allHeardIn, maybe, sileros } from '../../support/listens.js';
import { atLevel, bursts, coughs, join, mix, pink, random, silence } from '../../support/noises.js';
import { keys, music } from '../../support/roomnoises.js';
import { sentences } from '../../support/spoken.js';

t.teardown(async () => {
  await closeSharedPool();
  await closeVoices();
});

t.test(
  'a voice is likely before 100 ms of it have been heard, whatever it begins with, and is not taken back',
  async (t) => {
    const next = random(9);
    const leads = Array.from({ length: 12 }, () => Math.round(16_000 * (1 + 0.032 * next())) / 16_000);
    const sounds = (await sentences(12)).map((sentence, i) =>
      mix(join(silence(leads[i] ?? 0), atLevel(sentence, -25)).slice(0, 16_000 * 2), pink(2, -50, 50 + i)),
    );
    // All at once: hops of many share runs.
    const all = await Promise.all(sounds.map(async (sound) => allHeardIn(sound, await sileros())));
    let taken = 0;
    const found = all.map((changes, i) => {
      const lead = leads[i] ?? 0;
      const first = changes.find(({ at }) => at > lead * 1e9);
      t.equal(changes[0], first, 'nothing before it');
      if (changes.findIndex(({ state }) => state === 'speech') !== 1) taken++;
      return (first?.at ?? Number.POSITIVE_INFINITY) / 1e6 - lead * 1000;
    });
    found.sort((a, b) => a - b);
    t.comment(`ms: ${found.map(Math.round)}; taken back: ${taken}`);
    t.ok((found[6] ?? 0) <= 40, `median ${found[6]}`);
    t.ok((found[11] ?? 0) <= 100, `longest ${found[11]}`);
    t.ok(taken <= 1);
  },
);

t.test('noises are not even likely, and of coughs it is soon known that they are nothing', async (t) => {
  const sounds = [bursts(10, -20), keys(10, -25), music(10, -45), coughs(20, -15)];
  const heard = await Promise.all(sounds.map(async (sound) => allHeardIn(sound, await sileros())));
  const [ofBursts, ofKeys, tune = [], changes = []] = heard;
  t.same(ofBursts, []);
  t.same(ofKeys, []);
  t.comment(`${tune.length / 2} dips in 10 s of music`);
  t.ok(tune.every(maybe) && tune.length <= 8, 'music is now and then, and never speech');
  const dips = changes.flatMap((one) => (one.state === 'unlikely' ? (one.at - one.pts) / 1e6 : []));
  t.comment(`dips of ${dips.map(Math.round)} ms`);
  t.ok(dips.length > 2 && dips.length <= 20, 'they are told for the moment');
  t.ok(dips.every((length) => length <= 320));
  t.ok(changes.filter((one) => !maybe(one) && one.state === 'speech').length <= 1, 'and are no speech');
});
