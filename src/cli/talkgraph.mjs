#!/usr/bin/env node
/**
 * The command `talkgraph`. Plain JavaScript, because it runs before anything was built and then says what to do.
 */
import { existsSync } from 'node:fs';

const main = new URL('../../dist/src/cli/main.js', import.meta.url);
const args = process.argv.slice(2);

if (args[0] === 'setup') {
  // Works where nothing is built, so it is no ordinary command: src/setup.mjs reads the rest of the line itself.
  process.argv.splice(2, 1);
  await import('../setup.mjs');
} else if (existsSync(main)) {
  const { run } = await import(main.href);
  process.exitCode = await run(args);
} else {
  console.error('talkgraph is not built yet. Run "npx talkgraph setup" first.');
  process.exitCode = 1;
}
