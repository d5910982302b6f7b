import { readFileSync } from 'node:fs';

/** The version of this package. */
export const { version: VERSION } = JSON.parse(
  // This file runs as dist/src/server/version.js.
  readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'),
) as { version: string };
