/**
 * A value in a launch line that is out of range, or a property that cannot be set: GObject itself tells only the log.
 */
import type { RawError } from '../native/pipeline.js';
import { catalogVocabulary } from './catalog-vocabulary.js';
import type { BinNode, Chain, ElementNode } from './launch-ast.js';
import { parseLaunch } from './launch-parse.js';
import { checkProperty } from './property-value.js';
import { findProperty } from './vocabulary.js';

/** The parser's error with what it leaves out: whose property it is, what was given, what would be right. */
export function explainRefusal(line: string, error: RawError): RawError {
  const property = /^could not set property "([^"]+)"$/.exec(error.message)?.[1];
  if (property === undefined) return error;
  const vocabulary = catalogVocabulary();
  for (const { factory, assignments } of nodes(parseLaunch(line))) {
    const element = vocabulary.element(factory.text);
    for (const { name, value } of assignments) {
      const info = element && findProperty(element, name.text);
      if (info?.name !== property) continue;
      const problem = info.writable ? checkProperty(info, value.text) : 'can only be read';
      if (problem === undefined) continue;
      const message = `${error.message} in element "${factory.text}" to "${value.text}": it ${problem}`;
      return { ...error, message };
    }
  }
  return error;
}

function* nodes(chains: readonly Chain[]): Generator<ElementNode | BinNode> {
  for (const node of chains.flatMap((chain) => chain.nodes)) {
    if (node.kind === 'element' || node.kind === 'bin') yield node;
    if (node.kind === 'bin') yield* nodes(node.chains);
  }
}
