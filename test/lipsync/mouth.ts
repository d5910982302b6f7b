import t from 'tap';
import { layerBytes } from '../../src/lipsync/layers.js';
import { type Mouth, MouthState, type Place } from '../../src/lipsync/mouth.js';
import { copyOf, crop, difference, draw, drawMouth, waves } from '../support/scene.js';

const size = 32;
const colour = { matrix: 'bt601', range: 'tv', siting: 'centre' } as const;
const box = { x: 40, y: 30, w: 90, h: 90 };
const under = draw(waves, 200, 150, colour);
const everywhere = () => true;

function place(): Place {
  return { box, colour, reference: () => crop(waves, box, size, 'BGR') };
}

/** A mouth that is dark in the middle of the lower half, painted or in layers. */
function mouth(layers: boolean): Mouth {
  const rgb = crop(waves, box, size);
  const data = new Uint8Array(rgb.length + (layers ? layerBytes(size) : 0));
  data.set(rgb);
  for (let row = 18; row < 26; row++) {
    for (let column = 10; column < 22; column++) {
      const cell = row * size + column;
      if (layers) data[rgb.length + 4 * size * size + cell] = 255;
      else data.fill(10, 3 * cell, 3 * cell + 3);
    }
  }
  return { data, size, layers };
}

function drawn(state: MouthState): number {
  const picture = copyOf(under);
  drawMouth(picture, state, place());
  return difference(picture, under, everywhere);
}

for (const layers of [false, true]) {
  const kind = layers ? 'in layers' : 'painted';
  t.test(`a mouth ${kind} closes in two frames when it stays away`, async (t) => {
    const state = new MouthState();
    t.equal(drawn(state), 0);
    state.next(mouth(layers));
    const full = drawn(state);
    t.ok(full > 60);
    state.next(undefined);
    t.equal(state.level, 0.5);
    const half = drawn(state);
    t.ok(half > 0.3 * full && half < 0.7 * full);
    state.next(undefined);
    t.equal(drawn(state), 0);
    state.next(undefined);
    t.equal(state.level, 0);
  });

  t.test(`a mouth ${kind} that a cut made old is drawn closing at once`, async (t) => {
    const state = new MouthState();
    state.next(mouth(layers), true);
    t.equal(state.level, 0.5);
    state.next(undefined);
    t.equal(drawn(state), 0);
  });
}

t.test('keeps its own copy of the mouth', async (t) => {
  const state = new MouthState();
  const given = mouth(false);
  state.next(given);
  const before = drawn(state);
  given.data.fill(0);
  t.equal(drawn(state), before);
});

t.test('opens wholly with the first mouth after a pause', async (t) => {
  const state = new MouthState();
  state.next(mouth(true));
  state.next(undefined);
  state.next(mouth(false));
  t.equal(state.level, 1);
});
