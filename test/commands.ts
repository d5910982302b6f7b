/**
 * Every command in the documentation: it is run as far as this machine can, and what needs somebody's file, key or server is refused for
 * just that, never for an option or a word that nobody knows.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { graphOfLine } from '../src/cli/diagnosis.js';
import { EXIT } from '../src/cli/exit.js';
import { run } from '../src/cli/main.js';
import { readWords } from '../src/cli/serve/arguments.js';
import { planOf } from '../src/cli/serve/plan.js';
import { bindGraph } from '../src/graph/bind.js';
import { findGraph, PACKAGE } from '../src/graph/find.js';
import { installed } from '../src/graph/installed.js';
import { loadGraph } from '../src/graph/load.js';
import { Problems } from '../src/graph/problem.js';
import { validateGraph } from '../src/graph/validate.js';
import { serverOf } from './server/support/server.js';
import { type Command, commandsOf } from './support/shell.js';
import { fakeTerminal } from './support/terminal.js';

/** guides/ runs these from their first line to their last. */
const GUIDES = new Set('first-element.md first-voice.md first-model.md first-output.md graphs.md'.split(' '));
const pages = [
  'README.md',
  'README.zh.md',
  ...readdirSync(join(PACKAGE, 'docs')).map((name) => `docs/${name}`),
].filter(
  (name) => name.endsWith('.md') && !GUIDES.has(name.replace('docs/', '')) && existsSync(join(PACKAGE, name)),
);
const { scripts } = JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};
const { vocabulary } = await installed();

const folder = t.testdir({ 'idle.yaml': 'links:\n  - fakesrc is-live=true ! fakesink\n' });
const server = await serverOf(1, {}, { graph: join(folder, 'idle.yaml'), parameters: {} });
t.teardown(() => server.close());

/** Variables for one command. */
async function withEnvironment<T>(set: Readonly<Record<string, string>>, work: () => Promise<T>): Promise<T> {
  const before = { ...process.env };
  Object.assign(process.env, set);
  try {
    return await work();
  } finally {
    for (const name of Object.keys(set)) delete process.env[name];
    Object.assign(process.env, before);
  }
}

/** A launch line, or a graph with parameters: everything in it is known and fits. */
async function launches(t: Test, line: string, words: readonly string[]): Promise<void> {
  const problems = new Problems();
  const [first = '', ...rest] = words;
  if (first.endsWith('.yaml')) {
    const graph = await loadGraph(findGraph(first), problems);
    const values = Object.fromEntries(
      rest.map((word) => word.split(/=(.*)/s).slice(0, 2) as [string, string]),
    );
    t.doesNotThrow(() => bindGraph(graph, values, vocabulary, problems), line);
    return;
  }
  validateGraph(
    graphOfLine(
      words.map((word) => (/\s/.test(word) ? word.replace(/=(.*)/s, '="$1"') : word)).join(' '),
      problems,
    ),
    vocabulary,
    undefined,
    problems,
  );
  t.same(
    problems.list.map(({ message }) => message),
    [],
    line,
  );
}

async function talkgraph(t: Test, { line, words, environment }: Command): Promise<void> {
  const [command = '', ...rest] = words;
  if (command === 'launch') return await launches(t, line, rest);
  // It measures for minutes.
  if (command === 'bench')
    return void t.ok(existsSync(join(PACKAGE, 'test', 'bench', `${rest[0]}.ts`)), line);
  if (command === 'serve') {
    const { said, warnings } = readWords(rest);
    t.same(warnings, [], line);
    const options = Object.fromEntries([...said].map(([name, value]) => [THEIRS[name] ?? name, value]));
    return await withEnvironment(environment, async () => void t.doesNotThrow(() => planOf(options), line));
  }
  const terminal = fakeTerminal();
  const exit = await withEnvironment(environment, () => run(words, terminal));
  // What is missing here is somebody's own: a file, a server, a key.
  const missing =
    /There is no (file|video|folder|checkpoint)|no such|cannot be (read|reached)|needs|set |holds the key|is not there/i;
  if (exit !== EXIT.ok) t.match(terminal.written.err, missing, line);
  else t.pass(line);
}
const THEIRS: Readonly<Record<string, string>> = { avatar_id: 'avatar' };

/** A request is one that the server has a route for. */
async function curl(t: Test, { line, words }: Command): Promise<void> {
  const address = words.find((word) => word.startsWith('http://127.0.0.1:8010'));
  const data = words[words.indexOf('-d') + 1];
  const method = words.includes('-X')
    ? (words[words.indexOf('-X') + 1] ?? '')
    : words.includes('-d')
      ? 'POST'
      : 'GET';
  const reply = await fetch(String(address).replace('http://127.0.0.1:8010', server.url), {
    method,
    ...(words.includes('-d') && { body: String(data) }),
  });
  t.notMatch(await reply.text(), /There is no [A-Z]+ \//, line);
  for (const { id } of server.sessions.list()) await server.sessions.get(id)?.close('test');
}

/** Programs that a reader's machine has, or gets as the page says. */
const OTHERS = new Set('cp install systemctl docker openssl apt-get modprobe pactl echo'.split(' '));

async function does(t: Test, command: Command): Promise<void> {
  const { line, program, words } = command;
  if (program === 'talkgraph') return await talkgraph(t, command);
  if (program === 'curl') return await curl(t, command);
  if (program === 'npm') {
    const script = words[0] === 'run' ? words[1] : words[0];
    return void t.ok(Object.hasOwn(scripts, script ?? ''), line);
  }
  if (program === 'node') return void t.ok(existsSync(join(PACKAGE, words[0] ?? '')), line);
  // Others' programs: the files of ours that they are given are there.
  const ours = words
    .filter((word) => word.startsWith('/opt/talkgraph/'))
    .map((word) => word.replace('/opt/talkgraph/', ''));
  t.ok(OTHERS.has(program), line);
  for (const file of ours) t.ok(existsSync(join(PACKAGE, file)), file);
}

for (const page of pages) {
  t.test(page, async (t) => {
    const here = process.cwd();
    // Nothing of a person's own is here, as where somebody begins.
    process.chdir(folder);
    try {
      const commands = commandsOf(readFileSync(join(PACKAGE, page), 'utf8'));
      for (const command of commands) await does(t, command);
      if (commands.length === 0) t.pass('no commands');
    } finally {
      process.chdir(here);
    }
  });
}
