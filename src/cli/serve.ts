/**
 * `talkgraph serve`: the page and the API; one graph for each viewer.
 */
import { openAvatar } from '../avatar/index.js';
import { serve } from '../server/server.js';
import { usualGraph } from '../session/graphs.js';
import { Sessions } from '../session/sessions.js';
import { EXIT, UsageError } from './exit.js';
import { noMoreThan, readOptions } from './options.js';
import type { Terminal } from './terminal.js';

export const help = `
talkgraph serve [--port N] [--host H] [--max_session N] [options]

Serves the page at / and LiveTalking's API (/offer, /human, /interrupt_talk, /is_speaking, /sse). Ctrl-C ends all
sessions, then the server.

  --port N          port to listen on; 0 takes a free one           (8010; --listenport is the same)
  --host H          address to listen on                            (127.0.0.1)
  --max_session N   sessions at once, starting ones included        (5)
  --graph FILE      graph of a session                              (graphs/webrtc.yaml; graphs/conversation.yaml with a model)
  --avatar ID       who speaks unless an offer says otherwise       (ava; --avatar_id is the same)
  --voice NAME      ENGINE/NAME of the voice                        (flite/slt)
  --llm-url URL     chat server that answers, OpenAI-compatible     (LLM_BASE_URL)
  --llm-model NAME  model to ask there                              (LLM_MODEL)
  --system-prompt TEXT  what the model is told before everything else
  --temperature N   how freely it chooses its words, 0 to 2         (the server's own)
  --tools FILE      tools it may use, see docs/conversation.md
  --port-range A-B  UDP ports for viewers, one each                 (any)
  --public-ip LIST  addresses to offer besides this machine's own (behind NAT, in a container)
  --log             a JSON line on stderr for each request

Keys come from the environment: DASHSCOPE_API_KEY (as LiveTalking), OPENAI_API_KEY, or LLM_API_KEY for the address that is set.

An address that others can reach needs a token: set TALKGRAPH_TOKEN and open http://HOST:PORT/?token=TOKEN once.
`;

/** Seconds that sessions get to end after the first Ctrl-C or SIGTERM. */
const DRAIN = 3;

const whole = (text: string, name: string, min: number, max: number): number => {
  const number = Number(text);
  if (Number.isInteger(number) && number >= min && number <= max) return number;
  throw new UsageError(`--${name} takes a whole number from ${min} to ${max}, not "${text}".`);
};

const warmth = (text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (text.trim() !== '' && number >= 0 && number <= 2) return number;
  throw new UsageError(`--temperature takes a number from 0 to 2, not "${text}".`);
};

/** Serves until it is interrupted. */
export async function run(args: string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = readOptions(args, {
    port: { type: 'string' },
    listenport: { type: 'string' },
    host: { type: 'string' },
    max_session: { type: 'string' },
    'max-session': { type: 'string' },
    graph: { type: 'string' },
    avatar: { type: 'string' },
    avatar_id: { type: 'string' },
    voice: { type: 'string' },
    'llm-url': { type: 'string' },
    'llm-model': { type: 'string' },
    'system-prompt': { type: 'string' },
    temperature: { type: 'string' },
    tools: { type: 'string' },
    'port-range': { type: 'string' },
    'public-ip': { type: 'string' },
    log: { type: 'boolean' },
  });
  noMoreThan(0, positionals);
  const port = whole(values.port ?? values.listenport ?? '8010', 'port', 0, 65535);
  const limit = whole(values.max_session ?? values['max-session'] ?? '5', 'max_session', 1, 10_000);
  const avatar = values.avatar ?? values.avatar_id ?? 'ava';
  const [url, model, prompt] = [values['llm-url'], values['llm-model'], values['system-prompt']];
  const temperature = warmth(values.temperature);
  const usual = usualGraph({ url, model, prompt, temperature, tools: values.tools }, values.graph);
  const sessions = new Sessions(limit, {
    graph: usual.graph,
    parameters: {
      ...usual.parameters,
      avatar,
      ...(values.voice === undefined ? {} : { voice: values.voice }),
      ...(values['port-range'] === undefined ? {} : { 'port-range': values['port-range'] }),
      ...(values['public-ip'] === undefined ? {} : { 'public-ip': values['public-ip'] }),
    },
  });

  // The first viewer shall not wait for what all share: the avatar stays open, and a session that nobody sees loads
  // model and voice and shows early what is wrong with graph or settings.
  const kept = await openAvatar(avatar);
  const rehearsal = await sessions.create();
  await rehearsal.close('rehearsal');

  const token = process.env['TALKGRAPH_TOKEN'];
  const server = await serve(sessions, {
    host: values.host ?? '127.0.0.1',
    port,
    ...(token === undefined || token === '' ? {} : { token }),
    avatar,
    log: values.log === true,
  });
  terminal.out(`talkgraph: open ${server.url}/  (Ctrl-C ends it)\n`);
  const code = await interrupted(terminal);
  if (code === EXIT.ok)
    await Promise.race([server.close(), new Promise((resolve) => setTimeout(resolve, DRAIN * 1000).unref())]);
  kept.close();
  return code;
}

/** Resolves at the first Ctrl-C or SIGTERM; a second one ends the process at once. */
function interrupted(terminal: Terminal): Promise<number> {
  return new Promise((resolve) => {
    let asked = false;
    const stop = () => {
      if (asked) process.exit(EXIT.interrupted);
      asked = true;
      terminal.err('talkgraph: ending all sessions\n');
      resolve(EXIT.ok);
    };
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
  });
}
