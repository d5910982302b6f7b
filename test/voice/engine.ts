import t from 'tap';
import { FakeEngine } from './fakes/engine.js';

t.test(
  'an engine that says nothing else of it takes the voices it lists, reads what it is given, and has nothing to warm or close',
  async (t) => {
    const engine = new FakeEngine(async function* () {});
    t.equal(engine.name, 'fake');
    t.equal(await engine.accepts('one'), true);
    t.equal(await engine.accepts('two'), false);
    t.equal(engine.normalise('As it is 😀'), 'As it is 😀');
    await engine.warm();
    await engine.close();
  },
);
