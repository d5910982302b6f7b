/** Everything under `/v1` that is declared with its contract, and the document that describes it. */
import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import type { Signalling } from '../signalling.js';
import { Api } from './api.js';
import { listRoutes } from './lists.js';
import { sessionRoutes } from './sessions.js';
import { speechRoutes } from './speech.js';

const { version } = JSON.parse(
  // This file runs as dist/src/server/v1/index.js.
  readFileSync(new URL('../../../../package.json', import.meta.url), 'utf8'),
) as { version: string };

export function v1Routes(app: FastifyInstance, signalling: Signalling): void {
  const api = new Api(app);
  sessionRoutes(api, signalling);
  listRoutes(api);
  speechRoutes(api);
  const document = api.document(version);
  app.get('/v1/openapi.json', () => document);
}
