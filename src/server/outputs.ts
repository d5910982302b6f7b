/**
 * Outputs that are added to sessions while they run: a stream to one more server, by RTMP or WHIP.
 *
 * Only to places that whoever runs the server has named: an address that a client chooses could be one inside, whatever its name led
 * to when it was looked at.
 */
import { randomUUID } from 'node:crypto';
import { TalkError } from '../element/index.js';
import type { OutputKind } from '../session/outputkinds.js';
import type { Session } from '../session/session.js';

/** Outputs of one session at a time: each has an encoder of its own. */
const MOST = 4;

type Kinds = ReadonlyMap<string, OutputKind>;

export interface Output {
  readonly id: string;
  /** Where it goes, for people: no key. */
  readonly to: string;
}

interface Running extends Output {
  readonly stop: () => Promise<void>;
}

export class Outputs {
  readonly #kinds: Kinds;
  readonly #places: readonly Address[];
  readonly #running = new Map<Session, Map<string, Running>>();

  /**
   * @param places beginnings of addresses, as `rtmp://live.example/app`. Throws resource/settings for what is none
   * @param kinds the elements that take them, by what they begin with
   */
  constructor(places: readonly string[], kinds: Kinds) {
    this.#kinds = kinds;
    this.#places = places.map((text) => addressOf(text, kinds));
  }

  list(session: Session): Output[] {
    return [...(this.#running.get(session)?.values() ?? [])].map(({ id, to }) => ({ id, to }));
  }

  /** @throws TalkError resource/not-authorized, resource/settings, resource/quota, and what the output complains of */
  async add(session: Session, url: string): Promise<Output> {
    const { scheme, host } = this.#allowed(url);
    const running = this.#of(session);
    if (running.size >= MOST)
      throw new TalkError('resource/quota', `Expected at most ${MOST} outputs of one session.`);
    const id = randomUUID();
    const to = `${scheme}://${host}/***`;
    // It has its place from now on, and can be taken away once it is there.
    const attached = session.attach(this.#kinds.get(scheme)?.sink ?? '', { location: url });
    running.set(id, { id, to, stop: async () => await (await attached)() });
    try {
      await attached;
      return { id, to };
    } catch (error) {
      running.delete(id);
      throw error;
    }
  }

  /** Finishes it and takes it away. Throws resource/not-found. */
  async remove(session: Session, id: string): Promise<void> {
    const running = this.#running.get(session);
    const output = running?.get(id);
    if (output === undefined) throw new TalkError('resource/not-found', 'There is no such output.');
    running?.delete(id);
    await output.stop();
  }

  #of(session: Session): Map<string, Running> {
    const known = this.#running.get(session);
    if (known !== undefined) return known;
    const running = new Map<string, Running>();
    this.#running.set(session, running);
    // It ends its outputs itself.
    session.onEnd(() => this.#running.delete(session));
    return running;
  }

  #allowed(text: string): Address {
    const address = addressOf(text, this.#kinds);
    const fits = this.#places.some(
      ({ scheme, host, port, path }) =>
        scheme === address.scheme &&
        host === address.host &&
        port === address.port &&
        `${address.path}/`.startsWith(`${path.replace(/\/+$/, '')}/`),
    );
    if (fits) return address;
    const there = this.#places.length === 0 ? 'none is' : 'this is none of them';
    throw new TalkError(
      'resource/not-authorized',
      `Expected an address among those that this server was started with (--outputs): ${there}.`,
    );
  }
}

interface Address {
  readonly scheme: string;
  readonly host: string;
  readonly port: number;
  readonly path: string;
}

/**
 * Takes an address apart, more strictly than any sink: no user, no blank (behind which librtmp has options that name another
 * place), no step up, however it is written. Throws resource/settings.
 */
function addressOf(text: string, kinds: Kinds): Address {
  const [, scheme = '', name = '', port, path = ''] =
    /^([a-z]+):\/\/([\w.-]+|\[[\da-f:.]+\])(?::(\d{1,5}))?(\/[^\s\\#]*)?$/i.exec(text) ?? [];
  const kind = kinds.get(scheme.toLowerCase());
  const readable = URL.canParse(`http://${name}`) && !/(^|\/)\.\.?(\/|$)/.test(decoded(path));
  if (kind === undefined || !readable)
    throw new TalkError(
      'resource/settings',
      `Expected an address like rtmp://HOST/APPLICATION/KEY or https://HOST/PATH, which begins with ${[...kinds.keys()].sort().join(', ')}.`,
    );
  return {
    scheme: scheme.toLowerCase(),
    // Numbers that are addresses are written as such.
    host: new URL(`http://${name}`).hostname,
    port: port === undefined ? kind.port : Number(port),
    path,
  };
}

/** As a server may read it; with a step up in it where it cannot be read. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(decodeURIComponent(path));
  } catch {
    return '/../';
  }
}
