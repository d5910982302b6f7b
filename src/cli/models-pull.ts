/**
 * `talkgraph models pull`: weights from the network.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type DownloadOptions, download } from '../download/index.js';
import { readModel } from '../inference/index.js';
import { EXIT, UsageError } from './exit.js';
import { type Archive, archiveOf, placeOf, unpack } from './models-archive.js';
import { importFrom } from './models-import.js';
import { importOptions } from './models-options.js';
import { noMoreThan, readOptions } from './options.js';
import type { Terminal } from './terminal.js';
import { work } from './work.js';

/** Fetches the weights of a model that is described here, or imports a file from an address. */
export async function run(args: string[], terminal: Terminal): Promise<number> {
  const { accept, sha256, rest } = ownOptions(args);
  const archive = rest.map(archiveOf).find((one) => one !== undefined);
  if (archive !== undefined) return await fromArchive(archive, sha256, rest, terminal);
  const address = rest.find((arg) => /^https?:\/\//.test(arg));
  if (address !== undefined) return await fromAddress(address, sha256, rest, terminal);
  const { positionals } = readOptions(rest, {});
  noMoreThan(1, positionals);
  const [what] = positionals;
  if (what === undefined)
    throw new UsageError('what should be fetched?', 'A name from "talkgraph models", or an address.');
  const { name, url, path, licence, consent, sha256: known, bytes } = await readModel(what);
  if (url === undefined) {
    throw new UsageError(
      `the model.yaml of ${name} says no "url", so its weights are nowhere to be fetched.`,
    );
  }
  if (consent !== undefined && !accept) {
    throw new UsageError(`${name}: ${consent} (${licence})`, 'If you agree, say so: --accept.');
  }
  await fetched(name, url, path, { ...(known && { sha256: known }), ...(bytes && { bytes }) }, terminal);
  terminal.out(`${name}: ${path}\n`);
  return EXIT.ok;
}

async function fromAddress(
  url: string,
  sha256: string | undefined,
  rest: readonly string[],
  terminal: Terminal,
): Promise<number> {
  const base = decodeURIComponent(new URL(url).pathname.split('/').at(-1) ?? '');
  const file = join(
    cacheFolder(terminal),
    `${createHash('sha256').update(url).digest('hex').slice(0, 16)}-${safe(base)}`,
  );
  // Read before anything is fetched: what is wrong with the command line should not cost a gigabyte.
  const request = importOptions(rest.map((arg) => (arg === url ? file : arg)));
  await mkdir(cacheFolder(terminal), { recursive: true });
  // It has its name only when it is whole: an import that failed need not fetch it again.
  if (!existsSync(file)) {
    const found = await fetched(base, url, file, sha256 === undefined ? {} : { sha256 }, terminal);
    if (!found.verified) {
      terminal.out(
        `Nobody said what ${base} should be. Its SHA-256 is ${found.sha256}: compare it, or say --sha256.\n`,
      );
    }
  }
  const exit = await importFrom(request, terminal);
  await rm(file, { force: true });
  return exit;
}

/** A folder of a model of sherpa-onnx, as its releases have them. */
async function fromArchive(
  archive: Archive,
  sha256: string | undefined,
  rest: readonly string[],
  terminal: Terminal,
): Promise<number> {
  noMoreThan(1, readOptions(rest, {}).positionals);
  const folder = placeOf(archive);
  const file = join(cacheFolder(terminal), safe(`${archive.name}.archive`));
  await mkdir(cacheFolder(terminal), { recursive: true });
  const found = await fetched(
    archive.name,
    archive.url,
    file,
    sha256 === undefined ? {} : { sha256 },
    terminal,
  );
  if (!found.verified) terminal.out(`Its SHA-256 is ${found.sha256}: compare it, or say --sha256.\n`);
  try {
    await unpack(file, archive, folder);
  } finally {
    await rm(file, { force: true });
  }
  terminal.out(`${archive.name}: ${folder}\n`);
  if (archive.kind === 'voice')
    terminal.out(`Speak with it: SHERPA_TTS_MODEL=${folder} and --voice sherpa/0\n`);
  return EXIT.ok;
}

async function fetched(name: string, url: string, to: string, options: DownloadOptions, terminal: Terminal) {
  return await work(terminal, `Fetching ${name}, MB`, async ({ tick, signal }) =>
    download(url, to, {
      ...options,
      signal,
      progress: (done, total) => tick(mb(done), mb(total ?? done)),
    }),
  );
}

const mb = (bytes: number) => Math.round(bytes / 1e6);

/** A file name without anything a file system could take amiss. */
function safe(name: string): string {
  return name.replace(/[^\w.-]/g, '_').slice(-80) || 'file';
}

function cacheFolder({ env }: Terminal): string {
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'talkgraph', 'downloads');
}

/** The options that import does not know. */
function ownOptions(args: readonly string[]): { accept: boolean; sha256?: string; rest: string[] } {
  const at = args.findIndex((arg) => arg === '--sha256' || arg.startsWith('--sha256='));
  const joined = at >= 0 && args[at] !== '--sha256';
  const sha256 = joined ? args[at]?.slice('--sha256='.length) : at >= 0 ? args[at + 1] : undefined;
  if (at >= 0 && !/^[0-9a-f]{64}$/.test(sha256 ?? ''))
    throw new UsageError('--sha256 takes 64 hexadecimal digits');
  const taken = new Set(at < 0 ? [] : joined ? [at] : [at, at + 1]);
  return {
    accept: args.includes('--accept'),
    ...(sha256 === undefined ? {} : { sha256 }),
    rest: args.filter((arg, i) => arg !== '--accept' && !taken.has(i)),
  };
}
