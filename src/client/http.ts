/** Requests to a server, and what it refuses. */

/** What the server refused, RFC 9457. */
export class ApiError extends Error {
  readonly status: number;
  /** Seconds after which the same may succeed; undefined where asking again changes nothing. */
  readonly retryAfter: number | undefined;

  constructor(status: number, detail: string, retryAfter: number | undefined) {
    super(detail);
    this.name = 'ApiError';
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

export interface HttpOptions {
  /** Where the server is: `https://face.example`, or a path before its own. In a browser the page's own server when left out. */
  readonly url?: string;
  /** The server's token, or that of a session. */
  readonly token?: string;
  /** Default: the global one. */
  readonly fetch?: typeof fetch;
}

/** What may be said of a request. */
export interface Ask {
  readonly body?: object | undefined;
  readonly query?: Readonly<Record<string, string | number>>;
  readonly signal?: AbortSignal | undefined;
}

export class Http {
  readonly #options: HttpOptions;
  readonly #base: string;

  /** @throws TypeError without an address, outside of a browser */
  constructor(options: HttpOptions) {
    this.#options = options;
    const here = (globalThis as { location?: { origin?: string } }).location?.origin;
    const base = options.url ?? here;
    if (base === undefined) throw new TypeError('Expected the address of the server: url.');
    this.#base = base.replace(/\/$/, '');
  }

  /** The same server with another token. */
  as(token: string): Http {
    return new Http({ ...this.#options, url: this.#base, token });
  }

  /** The answer. Throws ApiError for one that is a refusal, and what `fetch` throws. */
  async send(method: string, path: string, { body, query, signal }: Ask = {}): Promise<Response> {
    const { token, fetch: given } = this.#options;
    const reply = await (given ?? fetch)(this.#address(path, query), {
      method,
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal !== undefined && { signal }),
    });
    if (!reply.ok) throw await refusal(reply);
    return reply;
  }

  /** The answer's body as JSON. Throws ApiError for one that is none, as a page to sign in to a network. */
  async json<T>(method: string, path: string, ask?: Ask): Promise<T> {
    const reply = await this.send(method, path, ask);
    const text = await reply.text();
    try {
      return JSON.parse(text) as T;
    } catch {
      const type = reply.headers.get('content-type') ?? 'no type';
      throw new ApiError(reply.status, `Expected JSON but received ${type}: is this its address?`, undefined);
    }
  }

  /** The address of a WebSocket. It sends no headers: the token goes behind the `?`. */
  socket(path: string, query: Readonly<Record<string, string | number>>): string {
    const { token } = this.#options;
    const all = { ...query, ...(token !== undefined && { token }) };
    return this.#address(path, all).replace(/^http/, 'ws');
  }

  #address(path: string, query: Readonly<Record<string, string | number>> = {}): string {
    const said = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) said.set(name, String(value));
    return `${this.#base}${path}${said.size > 0 ? `?${said}` : ''}`;
  }
}

async function refusal(reply: Response): Promise<ApiError> {
  const text = await reply.text();
  let told: { detail?: unknown; msg?: unknown } = {};
  try {
    told = JSON.parse(text) as typeof told;
  } catch {
    // A proxy on the way says it in its own words.
  }
  const detail = told.detail ?? told.msg ?? (reply.statusText || `HTTP ${reply.status}`);
  const after = Number(reply.headers.get('retry-after') ?? Number.NaN);
  return new ApiError(reply.status, String(detail), Number.isNaN(after) ? undefined : after);
}
