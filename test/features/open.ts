import t from 'tap';
import { FEATURE_KINDS, featureKind } from '../../src/features/open.js';

t.test('every kind opens and has the shape it says', async (t) => {
  for (const name of FEATURE_KINDS) {
    const kind = featureKind(name);
    const windows = kind.open({ framerate: { num: 25, den: 1 }, offsetMs: 0 });
    t.same(windows.shape, kind.shape);
    t.equal(windows.rate, kind.rate);
  }
});

t.test('an unknown kind is told with those there are', async (t) => {
  t.throws(() => featureKind('smell'), { code: 'resource/not-found', message: /only mel/ });
});
