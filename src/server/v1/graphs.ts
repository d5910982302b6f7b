/** `/v1/graphs/…` and `/v1/elements`: graphs to edit, and what may stand in them. */
import { checkText, elementProperties, graphText, listElements } from '../../session/editing.js';
import { Checked, ElementList, ElementProperties, GraphCheck, GraphText } from '../contract/watching.js';
import type { Rights } from '../rights.js';
import { type Api, type ApiRequest, Refusal } from './api.js';

export function graphRoutes(api: Api, rights: Rights): void {
  // What graphs say of this machine is for those who run it.
  const demand = (request: ApiRequest): void => {
    if (!rights.watches(request)) throw new Refusal(403, 'Expected the token of whoever runs this server.');
  };

  api.route(
    {
      method: 'GET',
      path: '/v1/graphs/:name',
      summary: 'The text of a graph',
      status: 200,
      answer: GraphText,
    },
    async (_body, request) => {
      demand(request);
      const name = request.params['name'] ?? '';
      return { name, text: await graphText(name) };
    },
  );

  api.route(
    {
      method: 'POST',
      path: '/v1/graphs/check',
      summary: 'All that is wrong with a graph, and its drawing; nothing is made of it',
      body: GraphCheck,
      status: 200,
      answer: Checked,
    },
    async ({ text }, request) => {
      demand(request);
      return await checkText(text);
    },
  );

  api.route(
    {
      method: 'GET',
      path: '/v1/elements',
      summary: 'Elements that graphs may name here',
      status: 200,
      answer: ElementList,
    },
    async () => ({ elements: await listElements() }),
  );

  api.route(
    {
      method: 'GET',
      path: '/v1/elements/:name',
      summary: 'An element and what can be set in it',
      status: 200,
      answer: ElementProperties,
    },
    (_body, request) => elementProperties(request.params['name'] ?? ''),
  );
}
