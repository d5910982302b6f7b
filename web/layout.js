// @ts-check
/** Where the elements of a graph stand: in layers from source to sink, each in a lane as straight below what feeds it as there is room. */

/**
 * @typedef {{readonly name: string}} Placed
 * @typedef {{readonly from: string, readonly to: string}} Link
 * @typedef {{readonly lane: number, readonly layer: number}} Spot
 */

/**
 * @param {readonly Placed[]} nodes
 * @param {readonly Link[]} links what leads back, and whose end is not there, is not looked at
 * @returns {{spots: Map<string, Spot>, ways: Spot[][], lanes: number, layers: number}} a way for each link, from its beginning to its end
 */
export function layout(nodes, links) {
  const layers = layersOf(nodes, links);
  /** @type {Map<string, Spot>} */
  const spots = new Map();
  /** Who stands in a layer: elements, and long links on their way through it. @type {{id: string, from: string[]}[][]} */
  const rows = [];
  for (const { name } of nodes) row(rows, layers.get(name) ?? 0).push({ id: name, from: [] });
  const find = (/** @type {string} */ id) => rows.flat().find((one) => one.id === id);
  const chains = links.map(({ from, to }, n) => {
    const [first, last] = [layers.get(from), layers.get(to)];
    if (first === undefined || last === undefined || last <= first) return [];
    const ids = [from];
    for (let layer = first + 1; layer < last; layer++) {
      const id = ` ${n} ${layer}`;
      row(rows, layer).push({ id, from: [ids.at(-1) ?? ''] });
      ids.push(id);
    }
    find(to)?.from.push(ids.at(-1) ?? '');
    return [...ids, to];
  });
  let lanes = 1;
  for (const [layer, standing] of rows.entries()) {
    const taken = new Set();
    const wished = standing.map(({ id, from }, n) => ({ id, wish: mean(from, spots) ?? n }));
    for (const { id, wish } of wished.sort((a, b) => a.wish - b.wish)) {
      const lane = nearest(wish, taken);
      taken.add(lane);
      spots.set(id, { lane, layer });
      lanes = Math.max(lanes, lane + 1);
    }
  }
  const ways = chains.map((ids) => ids.flatMap((id) => spots.get(id) ?? []));
  return { spots, ways, lanes, layers: rows.length };
}

/** @template T @param {T[][]} rows @param {number} n */
function row(rows, n) {
  while (rows.length <= n) rows.push([]);
  return /** @type {T[]} */ (rows[n]);
}

/** The longest way to each from a source. @param {readonly Placed[]} nodes @param {readonly Link[]} links @returns {Map<string, number>} */
function layersOf(nodes, links) {
  const found = new Map();
  /** @param {string} name @param {ReadonlySet<string>} path @returns {number} */
  const depth = (name, path) => {
    const known = found.get(name);
    if (known !== undefined) return known;
    const before = links.filter(({ to, from }) => to === name && !path.has(from) && from !== name);
    const layer = Math.max(-1, ...before.map(({ from }) => depth(from, new Set([...path, name])))) + 1;
    found.set(name, layer);
    return layer;
  };
  for (const { name } of nodes) depth(name, new Set());
  return found;
}

/** @param {readonly string[]} from @param {ReadonlyMap<string, Spot>} spots */
function mean(from, spots) {
  const lanes = from.flatMap((id) => spots.get(id)?.lane ?? []);
  return lanes.length === 0 ? undefined : lanes.reduce((sum, lane) => sum + lane, 0) / lanes.length;
}

/** @param {number} wish @param {ReadonlySet<unknown>} taken */
function nearest(wish, taken) {
  for (let away = 0; ; away++) {
    for (const lane of [Math.floor(wish) + away, Math.floor(wish) - away])
      if (lane >= 0 && !taken.has(lane)) return lane;
  }
}
