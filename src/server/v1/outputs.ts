/** `/v1/sessions/:id/outputs`: a running session is sent to one more server, and no more. */
import { TalkError } from '../../element/index.js';
import { NewOutput, OutputInfo, OutputList } from '../contract/v1.js';
import type { Outputs } from '../outputs.js';
import { type Api, type ApiRequest, Refusal } from './api.js';
import type { Found } from './found.js';

export function outputRoutes(api: Api, found: Found, outputs: Outputs): void {
  /** Where a session is sent to is not for whoever was given this one alone. */
  const session = (request: ApiRequest) => {
    const running = found.running(request);
    if (request.caller.kind === 'session')
      throw new Refusal(403, 'Expected the token of this server; that of a session adds no outputs.');
    return running;
  };

  api.route(
    {
      method: 'GET',
      path: '/v1/sessions/:id/outputs',
      summary: 'Outputs that were added to a session',
      status: 200,
      answer: OutputList,
    },
    (_body, request) => ({ outputs: outputs.list(session(request)) }),
  );

  api.route(
    {
      method: 'POST',
      path: '/v1/sessions/:id/outputs',
      summary: 'Sends a running session to one more server, by RTMP or WHIP',
      body: NewOutput,
      status: 201,
      answer: OutputInfo,
    },
    async ({ url }, request) => {
      try {
        return await outputs.add(session(request), url);
      } catch (error) {
        if (error instanceof TalkError && error.code === 'resource/not-authorized')
          throw new Refusal(403, error.message);
        throw error;
      }
    },
  );

  api.route(
    {
      method: 'DELETE',
      path: '/v1/sessions/:id/outputs/:output',
      summary: 'Ends an output; the session goes on',
      status: 204,
    },
    async (_body, request) => {
      await outputs.remove(session(request), request.params['output'] ?? '');
    },
  );
}
