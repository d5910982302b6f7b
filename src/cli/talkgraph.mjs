#!/usr/bin/env node
/**
 * The command `talkgraph`. Plain JavaScript, because it runs before anything was built and then says what to do.
 */
import { existsSync } from 'node:fs';

const main = new URL('../../dist/src/cli/main.js', import.meta.url);

if (existsSync(main)) {
  const { run } = await import(main.href);
  process.exitCode = await run(process.argv.slice(2));
} else {
  console.error('talkgraph is not built yet. Run "npm run setup" in its folder first.');
  process.exitCode = 1;
}
