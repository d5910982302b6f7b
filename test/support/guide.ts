/** Pages that teach, followed as a reader would: their files are put where they say, and what they run is run. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import { PACKAGE } from '../../src/graph/find.js';
import { type Command, commandsOf } from './shell.js';
import type { Environment, Outcome, Workshop } from './workshop.js';

/** A block of a page: its language, the word behind that (a file's path), its text. */
export interface Block {
  readonly language: string;
  readonly file: string;
  readonly text: string;
}

/** The blocks of a page, in order. */
export function blocksOf(page: string): Block[] {
  const found = readFileSync(join(PACKAGE, page), 'utf8').matchAll(/^```(\w+) ?(\S*)\n([\s\S]*?)^```$/gm);
  return [...found].map(([, language = '', file = '', text = '']) => ({ language, file, text }));
}

/** The commands of a block of shell. */
export function commandsIn({ language, text }: Block): Command[] {
  return language === 'sh' ? commandsOf(`\`\`\`sh\n${text}\`\`\`\n`) : [];
}

/**
 * Follows a page from its first line to its last. Compiles before something is run, where something was written since.
 * @param service what stands in the environment for a server that the page takes as given; asked once, when all is compiled
 */
export async function follow(
  t: Test,
  shop: Workshop,
  page: string,
  service?: () => Promise<Environment>,
): Promise<void> {
  let compiled = true;
  let given: Environment | undefined;
  for (const block of blocksOf(page)) {
    if (block.file !== '') {
      shop.write(block.file, block.text);
      compiled = false;
    }
    for (const command of commandsIn(block)) {
      if (!compiled) await shop.compile();
      compiled = true;
      given ??= (await service?.()) ?? {};
      const { passed, output } = await does(shop, command, { ...command.environment, ...given });
      t.ok(passed, command.line, { output });
    }
  }
}

async function does(
  shop: Workshop,
  { line, program, words }: Command,
  environment: Environment,
): Promise<Outcome> {
  if (line === 'npm run build:ts') return { passed: true, output: 'it compiled' };
  if (program === 'talkgraph') return await shop.talkgraph(words, environment);
  const [, file] = (program === 'node' && /^dist\/(test\/\S+)$/.exec(words[0] ?? '')) || [];
  if (file !== undefined) return await shop.test(file, environment);
  return { passed: false, output: `a guide runs talkgraph or a test, and not ${program}` };
}
