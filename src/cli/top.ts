/**
 * `talkgraph top`: the sessions of a running server, again and again, as the dashboard shows them.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { ApiError, Client } from '../client/index.js';
import { TalkError } from '../element/index.js';
import { EXIT, UsageError } from './exit.js';
import { noMoreThan, readOptions } from './options.js';
import type { Terminal } from './terminal.js';

export const help = `
talkgraph top [URL] [--once]

Watches the sessions of a server, http://127.0.0.1:8010 unless URL says otherwise, until Ctrl-C. A server with tokens is asked with TALKGRAPH_ADMIN_TOKEN,
else TALKGRAPH_TOKEN. --once looks once and prints; so it does where the output is no terminal.
`;

/** ms between two looks; rates are counted from one to the next. */
const EVERY = 2000;
/** ms until a server looks anew. */
const FRESH = 1000;
/** Sessions whose graphs are looked at; those beyond are listed. */
const LOOKED = 30;
/** To the top of the screen, and nothing below. */
const CLEAR = '\u001b[H\u001b[J';

/** Watches until it is interrupted. */
export async function run(args: string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = readOptions(args, { once: { type: 'boolean' } });
  noMoreThan(1, positionals);
  const url = positionals[0] ?? 'http://127.0.0.1:8010';
  if (!/^https?:\/\/./.test(url))
    throw new UsageError(`"${url}" is no address of a server: http://HOST:PORT`);
  const token = terminal.env['TALKGRAPH_ADMIN_TOKEN'] || terminal.env['TALKGRAPH_TOKEN'];
  const client = new Client({ url, ...(token !== undefined && { token }) });
  const once = values.once === true || !terminal.watched;
  const end = new AbortController();
  const stop = terminal.onInterrupt(() => end.abort());
  try {
    let shown = await look(client, url, terminal);
    if (once) {
      await wait(FRESH, undefined, { signal: end.signal });
      shown = await look(client, url, terminal);
    }
    for (;;) {
      terminal.out(once ? shown : `${CLEAR}${shown}`);
      if (once) return EXIT.ok;
      await wait(EVERY, undefined, { signal: end.signal });
      shown = await look(client, url, terminal);
    }
  } catch (error) {
    if (end.signal.aborted) return EXIT.ok;
    throw error;
  } finally {
    stop();
  }
}

type Listed = Awaited<ReturnType<Client['sessions']>>['sessions'][number];
type Live = Awaited<ReturnType<ReturnType<Client['session']>['levels']>>;

/** All of it as text. Throws TalkError for a server that is not there, or does not let us. */
async function look(client: Client, url: string, terminal: Terminal): Promise<string> {
  try {
    const [{ sessions, limit }, pool] = await Promise.all([client.sessions(), client.watching.pool()]);
    // One that ends meanwhile has nothing to show.
    const lives = await Promise.all(
      sessions.slice(0, LOOKED).map(({ id }) =>
        client
          .session(id)
          .levels()
          .catch(() => undefined),
      ),
    );
    const busy = pool.threads.filter((one) => one.busy).length;
    const speaking = sessions.filter((one) => one.speaking).length;
    return [
      `${terminal.paint('strong', url, 'out')}  sessions ${sessions.length}/${limit}  speaking ${speaking}`,
      `inference  threads ${busy}/${pool.threads.length}  waiting ${pool.waiting}  done ${pool.done}  too late ${pool.expired + pool.refused}`,
      '',
      terminal.paint('faint', columns(HEADS), 'out'),
      ...sessions.map((session, n) => columns(row(session, lives[n]))),
      '',
    ].join('\n');
  } catch (error) {
    throw told(error, url);
  }
}

const HEADS = [
  'SESSION',
  'STATE',
  'FACE',
  'VOICE',
  'PICTURES',
  'LATENCY',
  'SKEW',
  'QUEUE',
  'LOST',
  'VIEWERS',
];
const WIDTHS = [9, 10, 12, 16, 9, 9, 9, 7, 7, 7];

/** Words to the left, figures (from the fifth on) to the right; what is too long is cut. */
const columns = (words: readonly string[]): string =>
  words
    .map((word, n) => {
      const width = WIDTHS[n] ?? 8;
      const cut = word.length > width ? `${word.slice(0, width - 1)}…` : word;
      return n < 4 ? cut.padEnd(width) : cut.padStart(width);
    })
    .join(' ')
    .trimEnd();

function row({ id, state, avatar, voice, speaking }: Listed, live: Live | undefined): string[] {
  const words = [id.slice(0, 8), speaking ? 'speaking' : state, avatar ?? '-', voice ?? '-'];
  if (live === undefined) return words;
  const fullest = Math.max(0, ...live.elements.flatMap(({ levels }) => levels.map(({ full }) => full)));
  const lost = live.elements.reduce((sum, one) => sum + (one.lost ?? 0), 0);
  return [
    ...words,
    live.fps === null ? '-' : `${live.fps.toFixed(1)}/s`,
    live.latency === null ? '-' : `${live.latency.toFixed(0)} ms`,
    live.skew === null ? '-' : `${live.skew.toFixed(1)} ms`,
    `${Math.round(fullest * 100)} %`,
    String(lost),
    String(live.viewers.length),
  ];
}

/** Why nothing can be shown, and what to do. */
function told(error: unknown, url: string): unknown {
  if (error instanceof ApiError) {
    const token = error.status === 401 || error.status === 403;
    const why = token ? `${error.message} Set TALKGRAPH_ADMIN_TOKEN to it.` : error.message;
    return new TalkError(token ? 'resource/not-authorized' : 'resource/unreachable', why);
  }
  if (error instanceof TypeError)
    return new TalkError('resource/unreachable', `No server answers at ${url}.`, { cause: error });
  return error;
}
