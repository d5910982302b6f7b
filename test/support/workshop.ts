/**
 * A folder like a checkout in which a test can write elements, compile and run them against this build.
 *
 * `src` and `test/support` in it are links to what is compiled already, so only what was written is compiled.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { PACKAGE } from '../../src/graph/find.js';

const run = promisify(execFile);

export interface Workshop {
  readonly folder: string;
  write(path: string, text: string): void;
  /** Compiles everything that was written, as strictly as this package; rejects with the compiler's words. */
  compile(): Promise<void>;
  /** Runs `talkgraph` with the words of a shell line, and with the elements that were compiled here. */
  talkgraph(line: string): Promise<Outcome>;
  /** Runs a compiled file under tap; resolves with its output and whether all of it passed. */
  test(path: string): Promise<Outcome>;
}

/** How a program ended, and what it wrote. */
export interface Outcome {
  readonly passed: boolean;
  readonly output: string;
}

/** Registers the elements of a folder before the command runs. */
const TALKGRAPH = `
import { registerElements } from './src/graph/registry.js';
import { run } from './src/cli/main.js';
await registerElements(new URL('./elements', import.meta.url).pathname);
process.exitCode = await run(process.argv.slice(2));
`;

/** Sets up a workshop in an empty folder. */
export function workshop(folder: string): Workshop {
  const out = join(folder, 'out');
  for (const base of [folder, out]) {
    mkdirSync(join(base, 'test'), { recursive: true });
    symlinkSync(join(PACKAGE, 'dist/src'), join(base, 'src'));
    symlinkSync(join(PACKAGE, 'dist/test/support'), join(base, 'test/support'));
    symlinkSync(join(PACKAGE, 'node_modules'), join(base, 'node_modules'));
    writeFileSync(join(base, 'package.json'), '{"type":"module"}');
  }
  const options = {
    extends: join(PACKAGE, 'tsconfig.json'),
    compilerOptions: {
      rootDir: '.',
      outDir: 'out',
      incremental: false,
      composite: false,
      tsBuildInfoFile: null,
      declaration: false,
      // The links lead to declarations outside of this folder, which are not to be compiled again.
      preserveSymlinks: true,
    },
    include: ['elements', 'test/elements'],
    exclude: [],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(options));
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
    talkgraph(line) {
      writeFileSync(join(out, 'talkgraph.mjs'), TALKGRAPH);
      // The words that a shell makes of the line: quotes hold blanks together and vanish.
      const words = (line.match(/(?:[^\s"]|"[^"]*")+/g) ?? []).map((word) => word.replaceAll('"', ''));
      return outcome([join(out, 'talkgraph.mjs'), ...words], folder);
    },
    test: (path) => outcome([join(out, path.replace(/\.ts$/, '.js'))], folder),
  };
}

function outcome(args: readonly string[], cwd: string): Promise<Outcome> {
  return run(process.execPath, args, { cwd, env: { ...process.env, TAP: '1' } }).then(
    ({ stdout, stderr }) => ({ passed: true, output: stdout + stderr }),
    (error: { stdout?: string; stderr?: string }) => ({
      passed: false,
      output: `${error.stdout}${error.stderr}`,
    }),
  );
}
