/**
 * Those who attack a server, in a process of their own and with a lower priority: what they cost on a machine of their own is not what
 * is measured here. Each kind does as much as ten addresses may at once by the limits of the server (src/server/limits.ts), with its token.
 *
 *     const attack = new Attack({ kind: 'slow bodies', url, token, session });
 *     const asked = await attack.end();
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { constants, setPriority } from 'node:os';
import { setTimeout as later } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';
import { RATES } from '../../../src/server/limits.js';
import { type OpenApi, Routes } from '../../soak/support/asked.js';
import { Dice } from '../../soak/support/dice.js';
import { badOffers } from '../../webrtc/support/bad-offers.js';
import { offerOf } from '../../webrtc/support/offers.js';

export const ATTACKS = [
  'slow bodies',
  'oversized bodies',
  'token guessing',
  'malformed offers',
  'half-open offers',
  'upload bombs',
  'route fuzz',
  'WebSocket floods',
] as const;
export type AttackKind = (typeof ATTACKS)[number];

export interface Target {
  readonly kind: AttackKind;
  readonly url: string;
  readonly token: string;
  /** Whose viewers must not notice. */
  readonly session: string;
}

/** What was tried, by what came of it: a status, or a word. */
export type Tries = Readonly<Record<string, number>>;

export class Attack {
  readonly #child: ChildProcess;

  constructor(target: Target) {
    this.#child = fork(fileURLToPath(import.meta.url), { execArgv: [] });
    this.#child.send(target);
  }

  /** Resolves when what it needs is loaded and the first were sent. */
  async begun(): Promise<void> {
    await once(this.#child, 'message');
  }

  async end(): Promise<Tries> {
    this.#child.send('enough');
    const [tries] = (await once(this.#child, 'message')) as [Tries];
    this.#child.kill('SIGKILL');
    return tries;
  }
}

const ADDRESSES = 10;
/** A second, of all addresses together. */
const OFTEN = (ADDRESSES * RATES.other) / 60;
const OFFERS = (ADDRESSES * RATES.offers) / 60;
const WORK = (ADDRESSES * RATES.work) / 60;
/** Connections that are held open. */
const HELD = 500;
const SOCKETS = 200;
/** Requests under way; more are not begun. */
const UNDER_WAY = 64;
/** Bytes of an upload that is no video. */
const BOMB = 8 << 20;

const tries = new Map<string, number>();
const count = (what: string | number) => tries.set(String(what), (tries.get(String(what)) ?? 0) + 1);

let underWay = 0;
/** So many a second; those that would be too many at once are left out. */
async function often(perSecond: number, one: (n: number) => Promise<unknown>): Promise<never> {
  const begun = performance.now();
  for (let n = 0; ; ) {
    const due = ((performance.now() - begun) * perSecond) / 1000;
    for (; n < due; n++) {
      if (underWay >= UNDER_WAY) continue;
      underWay++;
      void one(n)
        .catch(() => count('let go'))
        .finally(() => underWay--);
    }
    await later(2);
  }
}

async function ask(
  { url, token }: Target,
  path: string,
  {
    type,
    body,
    method = 'POST',
  }: { type?: string | undefined; body?: string | FormData | undefined; method?: string },
): Promise<void> {
  const reply = await fetch(new URL(path, url), {
    method,
    headers: { authorization: `Bearer ${token}`, ...(type !== undefined && { 'content-type': type }) },
    ...(body !== undefined && { body }),
  });
  count(reply.status);
  if (reply.headers.get('content-type') === 'text/event-stream') await reply.body?.cancel();
  else await reply.arrayBuffer();
}

const JSON_TYPE = 'application/json';
const KINDS: Readonly<Record<AttackKind, (target: Target) => Promise<unknown>>> = {
  async 'slow bodies'({ url, token }) {
    const { port } = new URL(url);
    const open = () => {
      count('connections');
      const socket = connect(Number(port), '127.0.0.1');
      socket.on('error', () => undefined);
      socket.write(
        `POST /human HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${token}\r\nContent-Type: ${JSON_TYPE}\r\nContent-Length: 1000\r\n\r\n`,
      );
      const drip = setInterval(() => socket.write(' '), 500);
      socket.once('close', () => {
        clearInterval(drip);
        open();
      });
    };
    for (let n = 0; n < HELD; n++) open();
  },
  async 'oversized bodies'(target) {
    const body = `{"text":"${'x'.repeat(4 << 20)}"}`;
    const deep = `${'['.repeat(400_000)}${']'.repeat(400_000)}`;
    await often(OFTEN / 10, (n) =>
      ask(target, n % 2 === 0 ? '/human' : `/v1/sessions/${target.session}/say`, {
        type: JSON_TYPE,
        body: n % 4 < 2 ? body : deep,
      }),
    );
  },
  async 'token guessing'(target) {
    await often(OFTEN, (n) =>
      ask({ ...target, token: `guess-${n}` }, `/v1/sessions/${target.session}/cut`, {}),
    );
  },
  async 'malformed offers'(target) {
    await often(OFFERS, (n) => {
      const sdp = badOffers[n % badOffers.length]?.[1];
      if (n % 2 === 0)
        return ask(target, '/offer', { type: JSON_TYPE, body: JSON.stringify({ sdp, type: 'offer' }) });
      return ask(target, `/whep/${target.session}`, { type: 'application/sdp', body: String(sdp) });
    });
  },
  async 'half-open offers'(target) {
    await often(OFFERS, () =>
      ask(target, `/whep/${target.session}`, { type: 'application/sdp', body: offerOf() }),
    );
  },
  async 'upload bombs'(target) {
    const bomb = new Blob([Buffer.alloc(BOMB)]);
    await often(WORK / 4, (n) => {
      const form = new FormData();
      for (let field = 0; field < 30; field++) form.set(`field${field}`, 'x'.repeat(4000));
      form.set(n % 2 === 0 ? 'video_file' : 'file', bomb, '../../bomb.mp4');
      if (n % 2 === 1) form.set('sessionid', target.session);
      return ask(target, n % 2 === 0 ? '/api/avatar/task' : '/humanaudio', { body: form });
    });
  },
  async 'route fuzz'(target) {
    const reply = await fetch(new URL('/v1/openapi.json', target.url), {
      headers: { authorization: `Bearer ${target.token}` },
    });
    const routes = new Routes((await reply.json()) as OpenApi, new Dice(1));
    await often(OFTEN / 4, () => {
      const { method, path, headers, body } = routes.next([]);
      return ask(target, path, { method, type: headers['content-type'], body });
    });
  },
  async 'WebSocket floods'({ url, token, session }) {
    const open = (n: number) => {
      const path = n % 2 === 0 ? `/v1/sessions/${session}/audio` : '/api/asr';
      const address = new URL(path, url.replace(/^http/, 'ws'));
      const socket = new WebSocket(address, { headers: { authorization: `Bearer ${token}` } });
      const noise = setInterval(() => {
        if (socket.readyState === WebSocket.OPEN) socket.send('{"type":"nonsense"}'.repeat(1 + (n % 500)));
      }, 20);
      socket.on('error', () => undefined);
      socket.on('message', () => undefined);
      socket.once('close', () => {
        count('closed');
        clearInterval(noise);
        setTimeout(open, 1000 / (OFTEN / SOCKETS), n);
      });
    };
    for (let n = 0; n < SOCKETS; n++) open(n);
  },
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  process.on('message', (message: Target | 'enough') => {
    if (message === 'enough') process.send?.(Object.fromEntries(tries));
    else {
      void KINDS[message.kind](message);
      process.send?.('begun');
    }
  });
}
