/**
 * Chains back to a launch line, each word in the one form that GStreamer's parser reads as what was meant.
 */
import type { Assignment, Chain, ChainLink, ChainNode, Word } from './launch-ast.js';
import { writeValue } from './launch-text.js';

/** Prints chains on one line, two blanks between chains so that the eye finds them. */
export function printLaunch(chains: readonly Chain[]): string {
  return chains.map(printChain).join('  ');
}

/** Prints one chain. */
export function printChain({ nodes, links }: Chain): string {
  let out = '';
  for (const [i, node] of nodes.entries()) {
    const link = links[i - 1];
    if (link) out += ` ${printLink(link)} `;
    // A name carries its pads itself; an element has them beside it, on the side of the link.
    if (node.kind === 'ref') {
      out += `${node.name.text}.${names(link ? link.sinkPads : (links[i]?.srcPads ?? []))}`;
      continue;
    }
    if (link && link.sinkPads.length > 0) out += `.${names(link.sinkPads)} `;
    out += printNode(node);
    const next = links[i];
    if (next && next.srcPads.length > 0) out += ` .${names(next.srcPads)}`;
  }
  return out;
}

function printLink({ operator, caps }: ChainLink): string {
  return caps === undefined ? operator.text : `! ${caps.text} ${operator.text}`;
}

function printNode(node: Exclude<ChainNode, { kind: 'ref' }>): string {
  switch (node.kind) {
    case 'element': {
      const presets = node.presets.map((preset) => `@preset=${preset.text}`);
      return [node.factory.text, ...presets, ...node.assignments.map(printAssignment)].join(' ');
    }
    case 'bin': {
      const opener =
        node.factory.text === 'bin' || node.factory.text === '(' ? '(' : `${node.factory.text}.(`;
      return [opener, ...node.assignments.map(printAssignment), printLaunch(node.chains), ')'].join(' ');
    }
    case 'uri':
      return node.uri.text;
  }
}

/** The value is written anew from what it means: `x = "a"` becomes `x=a`. */
function printAssignment({ name, value }: Assignment): string {
  return `${name.text}=${writeValue(value.text)}`;
}

function names(words: readonly Word[]): string {
  return words.map((word) => word.text).join(',');
}
