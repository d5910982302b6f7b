import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { TalkError } from '../element/error.js';
import { Part } from './part.js';
import { sourceOf, toldHash } from './source.js';

/** How a file is fetched. */
export interface DownloadOptions {
  /** What it must be; without it, what the server says it is. */
  readonly sha256?: string;
  /** How large it must be, bytes. */
  readonly bytes?: number;
  readonly signal?: AbortSignal;
  /** So many bytes are here, of so many if the server says. */
  readonly progress?: (done: number, total: number | undefined) => void;
  /** Tries in a row that bring nothing before it is given up. Default 4. */
  readonly tries?: number;
  /** Without a byte for so long, a connection counts as dead, ms. Default 30,000. */
  readonly patience?: number;
  /** Wait before the second try, ms; doubles with each. Default 1000. */
  readonly pause?: number;
}

/** A file that is here. */
export interface Downloaded {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  /** True when the hash was compared with one that was known before. */
  readonly verified: boolean;
}

/** A connection that ended too early, or a server that is busy: worth another try. */
class Again extends Error {}

/**
 * Fetches a file: whole and verified, or not at all. What has come when a connection breaks is kept beside it as `.part` and
 * gone on with, in this call and in later ones.
 *
 * @throws TalkError resource/not-found, resource/not-authorized for a server that says no;
 *   resource/read when it gives up; stream/format for what is not the file it should be; resource/no-space, resource/write;
 *   the signal's reason
 */
export async function download(
  address: string,
  to: string,
  options: DownloadOptions = {},
): Promise<Downloaded> {
  const { signal, tries = 4, pause = 1000 } = options;
  const part = await Part.open(to, address);
  try {
    let told: string | undefined;
    for (let failed = 0; ; ) {
      const before = part.bytes;
      try {
        told = await fetchRest(address, part, to, options);
        break;
      } catch (error) {
        signal?.throwIfAborted();
        if (!(error instanceof Again)) throw error;
        failed = part.bytes > before ? 1 : failed + 1;
        if (failed >= tries) {
          throw new TalkError(
            'resource/read',
            `${address}: ${error.message}. ${Math.round(part.bytes / 1e6)} MB are here and are kept; the same command goes on from there.`,
            { details: { url: address }, retryable: true, cause: error },
          );
        }
        await waited(pause * 2 ** (failed - 1), signal);
      }
    }
    return await finish(address, to, part, options, told);
  } finally {
    await part.close();
  }
}

/** Asks for what is missing, and takes it. Answers the hash of the whole that the server told. */
async function fetchRest(
  address: string,
  part: Part,
  to: string,
  { signal, progress, bytes, patience = 30_000 }: DownloadOptions,
): Promise<string | undefined> {
  const { url, headers } = sourceOf(address);
  const dead = new AbortController();
  let timer = setTimeout(() => dead.abort(), patience);
  const alive = () => {
    clearTimeout(timer);
    timer = setTimeout(() => dead.abort(), patience);
  };
  try {
    const { etag } = part;
    const response = await fetch(url, {
      headers: {
        ...headers,
        // Bytes as they are: a compressed answer could not be gone on with.
        'accept-encoding': 'identity',
        ...(etag && { range: `bytes=${part.bytes}-`, 'if-range': etag }),
      },
      signal: AbortSignal.any([dead.signal, ...(signal ? [signal] : [])]),
    });
    alive();
    const { from, total } = extent(address, response, part.bytes);
    if (bytes !== undefined && total !== undefined && total !== bytes) {
      throw wrong(address, `it has ${total} bytes and should have ${bytes}`);
    }
    await demandSpace(to, (total ?? 0) - from);
    if (response.status !== 416) {
      await part.begin({ url: address, etag: response.headers.get('etag') ?? '' }, from);
      for await (const piece of response.body ?? []) {
        alive();
        await part.add(piece);
        progress?.(part.bytes, total);
        if (bytes !== undefined && part.bytes > bytes)
          throw wrong(address, `it has more than ${bytes} bytes`);
      }
    }
    if (total !== undefined && part.bytes < total)
      throw new Again(`the connection ended at byte ${part.bytes} of ${total}`);
    return toldHash(response.headers);
  } catch (error) {
    if (error instanceof TalkError || error instanceof Again || signal?.aborted === true) throw error;
    const why = dead.signal.aborted ? `nothing came for ${patience / 1000} s` : reason(error as Error);
    throw new Again(why, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

/** Which bytes an answer holds. @throws TalkError for a refusal; Again */
function extent(
  address: string,
  { status, headers }: Response,
  have: number,
): { from: number; total?: number } {
  const length = headers.get('content-length');
  if (status === 200) return { from: 0, ...(length === null ? {} : { total: Number(length) }) };
  const range = /^bytes (?:(\d+)-\d+|\*)\/(\d+)$/.exec(headers.get('content-range') ?? '');
  if (status === 206 && range !== null && Number(range[1]) === have)
    return { from: have, total: Number(range[2]) };
  // All of it is here already.
  if (status === 416 && range !== null && Number(range[2]) === have) return { from: have, total: have };
  if (status === 408 || status === 429 || status >= 500 || status === 206 || status === 416) {
    throw new Again(`the server answered ${status}`);
  }
  const details = { url: address, status };
  if (status === 401 || status === 403) {
    throw new TalkError(
      'resource/not-authorized',
      `${address}: the server asks who you are (${status}). For Hugging Face put a token into HF_TOKEN, and accept the terms on the model's page.`,
      { details },
    );
  }
  if (status === 404 || status === 410) {
    throw new TalkError('resource/not-found', `${address}: there is no such file (${status}).`, { details });
  }
  throw new TalkError('resource/read', `${address}: the server answered ${status}.`, { details });
}

async function finish(
  address: string,
  to: string,
  part: Part,
  { sha256, bytes }: DownloadOptions,
  told: string | undefined,
): Promise<Downloaded> {
  const found = part.digest();
  const want = sha256 ?? told;
  if (want !== undefined && found !== want) {
    // A part that is wrong would be gone on with for ever.
    await part.discard();
    throw wrong(address, `its SHA-256 is ${found} and should be ${want}; it was thrown away`);
  }
  if (bytes !== undefined && part.bytes !== bytes) {
    await part.discard();
    throw wrong(address, `it has ${part.bytes} bytes and should have ${bytes}`);
  }
  await part.keep();
  return { path: to, bytes: part.bytes, sha256: found, verified: want !== undefined };
}

/** @throws TalkError resource/no-space before half of it is there */
async function demandSpace(to: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(dirname(to));
  if (bytes <= bavail * bsize) return;
  const mb = (n: number) => Math.ceil(n / 1e6);
  throw new TalkError(
    'resource/no-space',
    `${to} needs ${mb(bytes)} MB more, and ${dirname(to)} has ${mb(bavail * bsize)} MB left.`,
    { details: { path: to, bytes } },
  );
}

function wrong(address: string, what: string): TalkError {
  return new TalkError('stream/format', `${address} is not the file it should be: ${what}.`, {
    details: { url: address },
  });
}

function reason({ message, cause }: Error): string {
  return cause instanceof Error ? `${message}: ${cause.message}` : message;
}

function waited(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal?.addEventListener('abort', stop, { once: true });
  });
}
