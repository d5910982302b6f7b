/**
 * A launch line as a graph file: named elements become entries, everything else stays in the links.
 */
import type { Assignment, Chain, ChainLink, ChainNode, ElementNode } from './launch-ast.js';
import { parseLaunch } from './launch-parse.js';
import { printChain } from './launch-print.js';
import { NAME } from './model.js';
import { escapeTemplate } from './template.js';
import { printYaml } from './yaml-print.js';
import { textScalar } from './yaml-scalars.js';

/** Turns a launch line into a printed graph file. Throws LaunchSyntaxError when the line does not parse. */
export function yamlFromLaunch(line: string): string {
  const elements: string[] = [];
  const links: string[] = [];
  for (const chain of parseLaunch(line)) {
    for (const piece of split(chain, elements))
      links.push(`  - ${textScalar(printChain(escaped(piece)), false)}`);
  }
  const sections = [
    ...(elements.length > 0 ? ['elements:', ...elements] : []),
    ...(links.length > 0 ? ['links:', ...links] : []),
  ];
  return printYaml({ file: 'launch line', text: `${sections.join('\n')}\n` });
}

/**
 * Takes the named elements out of a chain. A name can only stand at an end, so a chain is cut where one stood
 * in the middle: `a ! b name=m ! c` is `a ! m.` and `m. ! c`.
 */
function split(chain: Chain, elements: string[]): Chain[] {
  const pieces: Chain[] = [];
  let nodes: ChainNode[] = [];
  let links: ChainLink[] = [];
  for (const [i, node] of chain.nodes.entries()) {
    const link = chain.links[i - 1];
    if (link) links.push(link);
    const name = node.kind === 'element' ? declared(node) : undefined;
    if (name === undefined || node.kind !== 'element') {
      nodes.push(node);
      continue;
    }
    elements.push(entry(name, node));
    const ref: ChainNode = { kind: 'ref', name: { ...node.factory, text: name } };
    nodes.push(ref);
    if (links.length > 0) {
      pieces.push({ nodes, links });
      nodes = [ref];
      links = [];
    }
  }
  if (links.length > 0 || nodes[0]?.kind !== 'ref') pieces.push({ nodes, links });
  return pieces;
}

/** The name an element becomes an entry by; none when an entry could not say all that the line says. */
function declared({ assignments, presets }: ElementNode): string | undefined {
  const name = assignments.find((item) => item.name.text === 'name')?.value.text;
  const twice = new Set(assignments.map((item) => item.name.text)).size < assignments.length;
  const plain = assignments.every(({ value: { text } }) => text !== 'NULL' && !/^".*"$/s.test(text));
  return name !== undefined && NAME.test(name) && presets.length === 0 && plain && !twice ? name : undefined;
}

function entry(name: string, { factory, assignments }: ElementNode): string {
  const settings = assignments
    .filter((item) => item.name.text !== 'name')
    .map((item) => `${textScalar(item.name.text, true)}: ${value(item)}`);
  return `  ${name}: { ${[`factory: ${factory.text}`, ...settings].join(', ')} }`;
}

/** Numbers and truth values as YAML has them where that says the same; a text else. */
function value({ value: { text } }: Assignment): string {
  if (/^(-?(0|[1-9]\d{0,14})(\.\d+)?|true|false)$/.test(text)) return text;
  return textScalar(escapeTemplate(text), true);
}

/** In a launch line a dollar is a dollar; in a graph file it may begin a parameter. */
function escaped({ nodes, links }: Chain): Chain {
  return {
    nodes: nodes.map((node) => {
      if (node.kind === 'ref' || node.kind === 'uri') return node;
      const assignments = node.assignments.map((item) => ({
        ...item,
        value: { ...item.value, text: escapeTemplate(item.value.text) },
      }));
      return node.kind === 'bin'
        ? { ...node, assignments, chains: node.chains.map(escaped) }
        : { ...node, assignments };
    }),
    links: links.map((link) =>
      link.caps ? { ...link, caps: { ...link.caps, text: escapeTemplate(link.caps.text) } } : link,
    ),
  };
}
