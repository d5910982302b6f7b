/** `/v1/sessions`: made of any graph, driven, watched and ended. */
import { isAvatarId } from '../../avatar/index.js';
import { isModelName } from '../../inference/index.js';
import { demandOpen, graphFile } from '../../session/catalogue.js';
import type { Session } from '../../session/session.js';
import { mayAskFor } from '../../session/voices.js';
import { resolveVoices } from '../../voice/index.js';
import {
  Clip,
  NewSession,
  NewVoice,
  Say,
  SessionAnswer,
  SessionInfo,
  SessionList,
  SessionOffer,
  SpeaksWith,
  Utterance,
} from '../contract/v1.js';
import type { Signalling } from '../signalling.js';
import { type Api, RETRY_AFTER, Refusal } from './api.js';
import { streamEvents } from './events.js';
import { Unseen } from './unseen.js';

/** ms for which a session may be seen and driven by nobody. */
const UNSEEN = 5 * 60_000;

export function sessionRoutes(api: Api, signalling: Signalling): void {
  const { sessions } = signalling;
  const unseen = new Unseen(UNSEEN);
  /** The session of a path, in whatever state it is. */
  const find = (id: string | undefined): Session => {
    const session = [...sessions.list()].find((one) => one.id === id);
    if (session === undefined) throw new Refusal(404, 'There is no such session.');
    return session;
  };
  /** One that can be driven. */
  const running = (id: string | undefined): Session => {
    const session = find(id);
    if (session.state !== 'running') throw new Refusal(409, `The session is ${session.state}.`, 1);
    unseen.touch(session);
    return session;
  };

  api.route(
    { method: 'GET', path: '/v1/sessions', summary: 'All sessions', status: 200, answer: SessionList },
    () => ({ sessions: [...sessions.list()].map(shown), limit: sessions.limit }),
  );

  api.route(
    {
      method: 'POST',
      path: '/v1/sessions',
      summary: 'Makes a session of a graph',
      body: NewSession,
      status: 201,
      answer: SessionInfo,
    },
    async ({ graph, parameters }, _request, reply) => {
      if (sessions.full) {
        sessions.events.emit('refused');
        const message = `Maximum session limit reached (${sessions.size}/${sessions.limit})`;
        throw new Refusal(503, message, RETRY_AFTER);
      }
      const bound = await named(parameters);
      if (graph === undefined) demandOpen(bound);
      const making =
        graph === undefined ? {} : { settings: { graph: await graphFile(graph, bound), parameters: {} } };
      const session = await sessions.create(bound, making);
      unseen.touch(session);
      reply.header('location', `/v1/sessions/${session.id}`);
      return shown(session);
    },
  );

  api.route(
    { method: 'GET', path: '/v1/sessions/:id', summary: 'One session', status: 200, answer: SessionInfo },
    (_body, { params }) => shown(find(params['id'])),
  );

  api.route(
    { method: 'DELETE', path: '/v1/sessions/:id', summary: 'Ends a session', status: 204 },
    async (_body, { params }) => {
      await find(params['id']).close('it was ended from outside');
    },
  );

  api.route(
    {
      method: 'POST',
      path: '/v1/sessions/:id/offer',
      summary: 'A viewer joins: a complete SDP offer, answered',
      body: SessionOffer,
      status: 200,
      answer: SessionAnswer,
    },
    async ({ sdp }, { params }) => {
      const { id } = running(params['id']);
      return { sdp: (await signalling.join(id, sdp, 'both')).sdp, type: 'answer' };
    },
  );

  api.route(
    {
      method: 'POST',
      path: '/v1/sessions/:id/say',
      summary: 'Says a text, or has it answered',
      body: Say,
      status: 202,
      answer: Utterance,
    },
    async ({ text, voice, id, interrupt, answer }, { params }) => {
      const session = running(params['id']);
      if (voice !== undefined && !(await mayAskFor(voice)))
        throw new Refusal(422, `Expected the name of a voice but received '${voice}'.`);
      if (answer && !session.answers) throw new Refusal(409, 'No language model answers in this session.');
      const saying = { text, ...(voice !== undefined && { voice }), ...(id !== undefined && { id }) };
      if (answer) return { id: session.ask({ ...saying, interrupt }) };
      if (interrupt) session.cut();
      return { id: session.say(saying) };
    },
  );

  api.route(
    {
      method: 'POST',
      path: '/v1/sessions/:id/voice',
      summary: 'Speaks in another voice from the next utterance on',
      body: NewVoice,
      status: 200,
      answer: SpeaksWith,
    },
    async ({ voice }, { params }) => {
      if (!(await mayAskFor(voice)))
        throw new Refusal(422, `Expected the name of a voice but received '${voice}'.`);
      const wanted = voice || running(params['id']).usualVoice;
      const voices = await resolveVoices(wanted);
      // What was asked for by name must be able to speak; of several that the server is set to one is enough.
      const lacks = voice === '' ? undefined : voices.map(({ engine }) => engine.lacks()).find(Boolean);
      if (lacks !== undefined) throw new Refusal(409, lacks);
      const session = running(params['id']);
      session.speakWith(wanted);
      return { voice: voices.map(({ name }) => name).join(',') };
    },
  );

  api.route(
    { method: 'POST', path: '/v1/sessions/:id/cut', summary: 'Silences a session now', status: 204 },
    (_body, { params }) => void running(params['id']).cut(),
  );

  api.route(
    {
      method: 'POST',
      path: '/v1/sessions/:id/clip',
      summary: 'Plays a clip of the avatar',
      body: Clip,
      status: 202,
      answer: Utterance,
    },
    ({ name, id }, { params }) => ({ id: running(params['id']).clip(name, id) }),
  );

  api.route(
    {
      method: 'GET',
      path: '/v1/sessions/:id/events',
      summary: 'What happens in a session, as it is heard (server-sent events)',
      status: 200,
      media: 'text/event-stream',
    },
    (_body, { params }, reply) => streamEvents(find(params['id']), reply),
  );

  api.route(
    {
      method: 'GET',
      path: '/v1/sessions/:id/graph',
      summary: 'The running graph, in Graphviz’ language',
      status: 200,
      media: 'text/vnd.graphviz',
    },
    (_body, { params }, reply) => {
      const { pipeline } = running(params['id']);
      reply.type('text/vnd.graphviz; charset=utf-8');
      // States and caps; values of properties may be secret.
      return pipeline?.dot('caps') ?? '';
    },
  );
}

function shown(session: Session) {
  const { avatar, model } = session.parameters;
  const voice = session.voice || session.parameters['voice'];
  const text = (value: unknown) => (value === undefined || value === '' ? null : String(value));
  return {
    id: session.id,
    state: session.state,
    graph: session.graph.replace(/^.*\//, '').replace(/\.ya?ml$/, ''),
    avatar: text(avatar),
    model: text(model),
    voice: text(voice),
    speaking: session.speaking,
    answers: session.answers,
  };
}

/** What names things of this machine must be a name, never a path. */
async function named(
  parameters: Readonly<Record<string, string | number | boolean>>,
): Promise<Record<string, string | number>> {
  const { avatar, model, voice } = parameters;
  if (avatar !== undefined && !isAvatarId(String(avatar)))
    throw new Refusal(422, 'Expected the id of an avatar.');
  if (model !== undefined && !isModelName(String(model)))
    throw new Refusal(422, 'Expected the name of a model.');
  if (voice !== undefined && !(await mayAskFor(String(voice))))
    throw new Refusal(422, 'Expected the name of a voice.');
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [
      name,
      typeof value === 'boolean' ? String(value) : value,
    ]),
  );
}
