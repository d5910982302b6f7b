/** Commands in blocks of shell on a page, taken apart as far as pages go: variables in front, quotes, remarks, `&&`, where output goes. */

export interface Command {
  /** As it is written. */
  readonly line: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Without `npx` and `sudo`. */
  readonly program: string;
  readonly words: readonly string[];
}

export function commandsOf(page: string): Command[] {
  const blocks = [...page.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, text = '']) => text);
  return blocks
    .flatMap((text) => text.trim().split('\n'))
    .flatMap((line) => parts(line).map((words) => commandOf(line, words)));
}

/** Words of each command of a line. */
function parts(line: string): string[][] {
  const all: string[][] = [[]];
  for (const [, word = ''] of line.matchAll(/\s*(#.*$|&&|(?:'[^']*'|"[^"]*"|[^\s'"])+)/g)) {
    if (word.startsWith('#')) break;
    if (word === '&&') all.push([]);
    else all.at(-1)?.push(word.replace(/'([^']*)'|"([^"]*)"/g, '$1$2'));
  }
  return all;
}

function commandOf(line: string, words: readonly string[]): Command {
  const begin = words.findIndex((word) => !/^[A-Z_]+=/.test(word));
  const environment = Object.fromEntries(
    words.slice(0, begin).map((word) => word.split(/=(.*)/s).slice(0, 2) as [string, string]),
  );
  const [first = '', ...rest] = words.slice(begin);
  const [program = '', ...more] = first === 'npx' || first === 'sudo' ? rest : [first, ...rest];
  const end = more.indexOf('>');
  return { line, environment, program, words: end < 0 ? more : more.slice(0, end) };
}
