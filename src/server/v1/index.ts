/** Everything under `/v1` that is declared with its contract, and the document that describes it. */
import type { FastifyInstance } from 'fastify';
import type { SessionTokens } from '../caller.js';
import type { Outputs } from '../outputs.js';
import type { Recordings } from '../recordings.js';
import type { Rights } from '../rights.js';
import type { Signalling } from '../signalling.js';
import { VERSION } from '../version.js';
import { Api } from './api.js';
import { audioRoute } from './audio.js';
import { chatRoutes } from './chat.js';
import { driveRoutes } from './drive.js';
import { earRoutes } from './ears.js';
import { Found } from './found.js';
import { graphRoutes } from './graphs.js';
import { iceRoute } from './ice.js';
import { listRoutes } from './lists.js';
import { outputRoutes } from './outputs.js';
import { parameterRoutes } from './parameters.js';
import { recordRoutes } from './record.js';
import { reportRoutes } from './reports.js';
import { sessionRoutes } from './sessions.js';
import { speechRoutes } from './speech.js';
import { voiceRoutes } from './voices.js';
import { watchRoutes } from './watching.js';

/** What the routes are about. */
export interface V1 {
  readonly signalling: Signalling;
  readonly recordings: Recordings;
  readonly outputs: Outputs;
  readonly tokens: SessionTokens;
  readonly rights: Rights;
  /** The voice that speaks unless an offer says otherwise. */
  readonly voice?: string | undefined;
}

/** After `openSockets`. */
export function v1Routes(
  app: FastifyInstance,
  { signalling, recordings, outputs, tokens, rights, voice }: V1,
): void {
  const api = new Api(app);
  const found = new Found(signalling.sessions);
  sessionRoutes(api, found, { signalling, tokens, rights });
  driveRoutes(api, found);
  parameterRoutes(api, found);
  outputRoutes(api, found, outputs);
  recordRoutes(api, found, recordings);
  earRoutes(api, found);
  audioRoute(api, signalling.sessions);
  watchRoutes(api, found, rights);
  listRoutes(api);
  iceRoute(api, signalling.sessions);
  graphRoutes(api, rights);
  reportRoutes(api, rights);
  const closeVoices = voiceRoutes(api, { preset: voice });
  app.addHook('onClose', closeVoices);
  speechRoutes(api);
  chatRoutes(api, found);
  const document = api.document(VERSION);
  app.get('/v1/openapi.json', () => document);
}
