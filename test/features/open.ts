import t from 'tap';
import { FEATURE_KINDS, featureKind } from '../../src/features/open.js';

t.test('every kind opens and has the shape it says', async (t) => {
  const shapes = { base: [640], mel: [80, 16] };
  for (const [name, shape] of Object.entries(shapes)) {
    const kind = featureKind(name);
    const windows = kind.open({ framerate: { num: 25, den: 1 }, offsetMs: 0 });
    t.same(windows.shape, shape);
    t.equal(windows.rate, kind.rate);
  }
  t.same(FEATURE_KINDS, [...Object.keys(shapes), 'whisper', 'hubert', 'wenet', 'ave']);
});

t.test('an unknown kind is told with those there are', async (t) => {
  t.throws(() => featureKind('smell'), { code: 'resource/not-found', message: /only base, mel, whisper/ });
});
