/**
 * `talkgraph inspect`: what elements there are, and everything about one.
 */
import type { Description } from '../element/index.js';
import { describe, type FactorySummary, factories } from '../graph/catalog.js';
import { renderFactory } from '../graph/catalog-text.js';
import { installed } from '../graph/installed.js';
import { didYouMean } from '../graph/similar.js';
import { describeOwn } from './describe.js';
import { EXIT, UsageError } from './exit.js';
import { readOptions } from './options.js';
import { elementsReadme } from './readme.js';
import type { Terminal } from './terminal.js';

export const help = `
talkgraph inspect                    every element, ours first, then by plugin
talkgraph inspect WORDS…             those whose name, class or description has all the words
talkgraph inspect ELEMENT            everything about one
talkgraph inspect [ELEMENT] --json   the same as data
talkgraph inspect --ours             our elements only
talkgraph inspect --readme           the page elements/README.md
`;

/** Lists elements or shows one. */
export async function run(args: string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = readOptions(args, {
    json: { type: 'boolean' },
    ours: { type: 'boolean' },
    readme: { type: 'boolean' },
  });
  const { declarations } = await installed();
  if (values.readme === true) {
    terminal.out(elementsReadme(declarations));
    return EXIT.ok;
  }
  const [name] = positionals;
  const all = factories();
  const one = positionals.length === 1 ? all.find((factory) => factory.name === name) : undefined;
  if (one) show(one.name, declarations, values.json === true, terminal);
  else
    list(
      find(all, positionals, declarations, values.ours === true),
      declarations,
      values.json === true,
      terminal,
    );
  return EXIT.ok;
}

function show(name: string, declarations: readonly Description[], json: boolean, terminal: Terminal): void {
  const factory = describe(name);
  const own = declarations.find((one) => one.name === name);
  if (json) {
    print({ ...factory, ...(own && { declaration: own }) }, terminal);
    return;
  }
  const text = renderFactory(factory);
  terminal.out(own ? `${text}\n\n${describeOwn(own)}\n` : `${text}\n`);
}

/** Those that match all words; complains when none does. */
function find(
  all: readonly FactorySummary[],
  words: readonly string[],
  declarations: readonly Description[],
  oursOnly: boolean,
): FactorySummary[] {
  const ours = new Set(declarations.map((one) => one.name));
  const found = all.filter((factory) => {
    if (oursOnly && !ours.has(factory.name)) return false;
    const text = `${factory.name} ${factory.longName} ${factory.klass} ${factory.description}`.toLowerCase();
    return words.every((word) => text.includes(word.toLowerCase()));
  });
  if (found.length > 0 || words.length === 0) return found;
  const hint = didYouMean(
    words.join(' '),
    all.map((factory) => factory.name),
  );
  throw new UsageError(
    `there is no element "${words.join(' ')}"${hint}`,
    '"talkgraph doctor" says what is missing here.',
  );
}

function list(
  found: readonly FactorySummary[],
  declarations: readonly Description[],
  json: boolean,
  terminal: Terminal,
): void {
  const ours = new Set(declarations.map((one) => one.name));
  if (json) {
    print(
      found.map((factory) => ({ ...factory, ours: ours.has(factory.name) })),
      terminal,
    );
    return;
  }
  const groups = new Map<string, FactorySummary[]>();
  for (const factory of found) {
    const group = ours.has(factory.name) ? '' : (factory.plugin ?? '(this process)');
    groups.set(group, [...(groups.get(group) ?? []), factory]);
  }
  const lines: string[] = [];
  for (const [group, members] of [...groups].sort(([a], [b]) => (a < b ? -1 : 1))) {
    lines.push(terminal.paint('strong', group === '' ? 'talkgraph' : group, 'out'));
    for (const { name, longName } of members)
      lines.push(`  ${terminal.paint('name', name, 'out')}: ${longName}`);
  }
  const own = found.filter((factory) => ours.has(factory.name)).length;
  lines.push('', `${found.length} elements, ${own} of them ours`);
  terminal.out(`${lines.join('\n')}\n`);
}

function print(value: unknown, terminal: Terminal): void {
  const safe = (_key: string, item: unknown) => (typeof item === 'bigint' ? Number(item) : item);
  terminal.out(`${JSON.stringify(value, safe, 2)}\n`);
}
