/** Where the pages draw the elements of a graph: no two in one place, every link downwards, whatever the graph. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import t from 'tap';
import { PACKAGE } from '../../src/graph/find.js';

interface Spot {
  readonly lane: number;
  readonly layer: number;
}
interface Layout {
  readonly spots: Map<string, Spot>;
  readonly ways: Spot[][];
  readonly lanes: number;
  readonly layers: number;
}
type Link = { readonly from: string; readonly to: string };
const { layout } = (await import(pathToFileURL(join(PACKAGE, 'web', 'layout.js')).href)) as {
  layout(nodes: readonly { name: string }[], links: readonly Link[]): Layout;
};

t.test('a chain that forks and comes together again', async (t) => {
  const nodes = ['a', 'fork', 'left', 'right', 'more', 'end'].map((name) => ({ name }));
  const links = [
    ['a', 'fork'],
    ['fork', 'left'],
    ['fork', 'right'],
    ['right', 'more'],
    ['left', 'end'],
    ['more', 'end'],
  ].map(([from = '', to = '']) => ({ from, to }));
  const { spots, ways, layers, lanes } = layout(nodes, links);
  t.strictSame([layers, lanes], [5, 2]);
  t.equal(spots.get('end')?.layer, 4);
  t.strictSame(
    ways.map((way) => way.length),
    [2, 2, 2, 2, 3, 2],
    'the long link passes the layer between',
  );
  t.equal(spots.get('left')?.lane, spots.get('a')?.lane, 'straight below what feeds it');
});

t.test('any graph, with loops and links to nowhere', async () => {
  const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,3}$/), { minLength: 1, maxLength: 12 });
  const graphs = names.chain((all) =>
    fc.record({
      all: fc.constant(all),
      links: fc.array(fc.record({ from: fc.constantFrom(...all, 'nowhere'), to: fc.constantFrom(...all) }), {
        maxLength: 20,
      }),
    }),
  );
  fc.assert(
    fc.property(graphs, ({ all, links }) => {
      const { spots, ways, lanes, layers } = layout(
        all.map((name) => ({ name })),
        links,
      );
      const places = [...spots.values()];
      if (new Set(places.map(({ lane, layer }) => `${lane} ${layer}`)).size !== places.length) return false;
      if (places.some(({ lane, layer }) => lane < 0 || lane >= lanes || layer >= layers)) return false;
      return (
        all.every((name) => spots.has(name)) &&
        ways.length === links.length &&
        // One layer after the other.
        ways.every((way) => way.every(({ layer }, n) => n === 0 || layer === (way[n - 1]?.layer ?? 0) + 1))
      );
    }),
    { numRuns: 300 },
  );
});
