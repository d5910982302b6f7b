/**
 * A copy of talkgraph in which a test can write files, compile and run them, as in a checkout.
 *
 * What is compiled already is copied, so that a file that is put among the others is found like one of them, and only what was written
 * is compiled: its imports find the copies, because `rootDirs` lays the folder of the sources over that of what is compiled.
 */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { PACKAGE } from '../../src/graph/find.js';

const run = promisify(execFile);

export interface Workshop {
  readonly folder: string;
  write(path: string, text: string): void;
  /** Compiles everything that was written, as strictly as this package; rejects with the compiler's words. */
  compile(): Promise<void>;
  /** Runs `talkgraph` as it is with what was compiled here. */
  talkgraph(words: readonly string[], environment?: Environment): Promise<Outcome>;
  /** Runs a compiled file, `test/x.ts`, under tap; resolves with its output and whether all of it passed. */
  test(path: string, environment?: Environment): Promise<Outcome>;
}

export type Environment = Readonly<Record<string, string>>;

/** How a program ended, and what it wrote. */
export interface Outcome {
  readonly passed: boolean;
  readonly output: string;
}

/** What tests are written with. */
const TOOLS = ['support', 'fakes', 'voice'];
/** What is only read. */
const READ = ['node_modules', 'native', 'data', 'package.json'];
/** Where something may be added: folders of what is only read. */
const OPEN = ['models', 'graphs'];

/** Sets up a workshop in an empty folder. */
export function workshop(folder: string): Workshop {
  const copy = (path: string) =>
    cpSync(join(PACKAGE, path), join(folder, path), {
      recursive: true,
      filter: (from) => !from.endsWith('.map'),
    });
  for (const path of ['dist/src', 'dist/elements', 'src/cli/talkgraph.mjs']) copy(path);
  for (const tools of TOOLS) copy(`dist/test/${tools}`);
  for (const name of READ) symlinkSync(join(PACKAGE, name), join(folder, name));
  for (const name of OPEN) {
    mkdirSync(join(folder, name));
    for (const entry of readdirSync(join(PACKAGE, name)))
      symlinkSync(join(PACKAGE, name, entry), join(folder, name, entry));
  }
  for (const name of ['elements', 'test']) mkdirSync(join(folder, name));
  const options = {
    extends: join(PACKAGE, 'tsconfig.json'),
    compilerOptions: {
      rootDir: '.',
      rootDirs: ['.', 'dist'],
      outDir: 'dist',
      incremental: false,
      tsBuildInfoFile: null,
      declaration: false,
      sourceMap: false,
    },
    include: ['src', 'elements', 'test'],
    exclude: [],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(options));
  const program = (file: string, words: readonly string[], environment: Environment = {}) =>
    outcome([join(folder, file), ...words], folder, environment);
  return {
    folder,
    write(path, text) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    },
    async compile() {
      const tsc = join(PACKAGE, 'node_modules/typescript/bin/tsc');
      await run(process.execPath, [tsc, '-p', folder]).catch((error: { stdout?: string }) => {
        throw new Error(`it does not compile:\n${error.stdout}`);
      });
    },
    talkgraph: (words, environment) => program('src/cli/talkgraph.mjs', words, environment),
    test: (path, environment) =>
      program(`dist/${path.replace(/\.ts$/, '.js')}`, [], { TAP: '1', ...environment }),
  };
}

function outcome(args: readonly string[], cwd: string, environment: Environment): Promise<Outcome> {
  const env = { ...process.env, NO_COLOR: '1', ...environment };
  return run(process.execPath, args, { cwd, env }).then(
    ({ stdout, stderr }) => ({ passed: true, output: stdout + stderr }),
    (error: { stdout?: string; stderr?: string }) => ({
      passed: false,
      output: `${error.stdout}${error.stderr}`,
    }),
  );
}
