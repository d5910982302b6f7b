import t from 'tap';
import { EnergyDetector } from '../../../src/dialog/ears/energy.js';
import { heardIn } from '../../support/listens.js';
import { atLevel, hum, join, mix, pink, silence, white } from '../../support/noises.js';

t.test('what stands out of the noise is speech, and the noise itself is none, however loud', async (t) => {
  for (const noise of [white(6, -40), pink(6, -30), hum(6, -30), silence(6)]) {
    t.same(await heardIn(noise, new EnergyDetector()), []);
    const voice = join(silence(2), atLevel(pink(1, 0, 8), -10), silence(3));
    const [begin, end, ...more] = await heardIn(mix(noise, voice), new EnergyDetector());
    t.match(begin, { state: 'speech' });
    t.ok(begin && begin.at >= 2.04e9 && begin.at <= 2.1e9, `known at ${begin?.at}`);
    t.match(end, { state: 'silence' });
    t.ok(end && end.pts >= 2.98e9 && end.pts <= 3.06e9, `over at ${end?.pts}`);
    t.same(more, []);
  }
});

t.test('a noise that stays becomes the new quiet', async (t) => {
  const fan = join(pink(2, -60), pink(20, -40));
  const changes = await heardIn(fan, new EnergyDetector());
  t.same(
    changes.map(({ state }) => state),
    ['speech', 'silence'],
  );
  t.ok((changes[1]?.pts ?? 0) < 12e9);
});
