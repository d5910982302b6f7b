/**
 * The pads of a graph: each link must have one on both sides, and a pad carries one link only.
 */
import type { Problems } from './problem.js';
import { didYouMean } from './similar.js';
import type { Terminal, Topology } from './topology.js';
import { type ElementInfo, findPad, type PadInfo, type Vocabulary } from './vocabulary.js';

type Direction = PadInfo['direction'];

/** Complains about links that lead out of or into nothing, and about pads that two links want. */
export function checkPads(topology: Topology, vocabulary: Vocabulary, problems: Problems): void {
  const taken = new Set<string>();
  for (const { from, to } of topology.joins) {
    for (const [terminal, direction] of [
      [from, 'src'],
      [to, 'sink'],
    ] as const) {
      const vertex = topology.vertices.get(terminal.vertex);
      const info = vertex?.kind === 'element' ? vocabulary.element(vertex.factory.text) : undefined;
      // Elements without templates (bins) grow their pads as they are used.
      if (!vertex || !info || info.pads.length === 0) continue;
      const pads = info.pads.filter((one) => one.direction === direction);
      checkExists(info, pads, terminal, direction, problems);
      const pad = onlyPad(pads, terminal);
      if (pad === undefined) continue;
      const key = `${terminal.vertex}\n${direction}\n${pad}`;
      if (taken.has(key)) {
        const cure = direction === 'src' ? 'put a tee behind it' : 'it takes one only';
        const name = vertex.name ?? vertex.factory.text;
        const place = terminal.pad?.spot ?? terminal.spot;
        problems.add(`${direction} pad of "${name}" is linked twice: ${cure}`, place);
      }
      taken.add(key);
    }
  }
}

function checkExists(
  info: ElementInfo,
  pads: readonly PadInfo[],
  { pad, spot }: Terminal,
  direction: Direction,
  problems: Problems,
): void {
  const there = pads.map((one) => one.name);
  if (there.length === 0) {
    const side = direction === 'src' ? 'out of' : 'into';
    problems.add(`nothing flows ${side} ${info.name}: it has no ${direction} pad`, spot);
  } else if (pad && !findPad(info, direction, pad.text)) {
    const hint = didYouMean(pad.text, there) || ` (there is ${there.join(', ')})`;
    problems.add(`${info.name} has no ${direction} pad "${pad.text}"${hint}`, pad.spot);
  }
}

/** The name of the pad a link takes when it takes one that is always there; request pads are made for each. */
function onlyPad(pads: readonly PadInfo[], { pad }: Terminal): string | undefined {
  const name = pad?.text ?? (pads.length === 1 ? pads[0]?.name : undefined);
  return pads.find((one) => one.name === name)?.presence === 'always' ? name : undefined;
}
