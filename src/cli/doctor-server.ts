/**
 * What `talkgraph serve` needs of the machine: a free port, folders to write to, and what speeds it up.
 */
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, resolve } from 'node:path';
import type { Finding } from './doctor-checks.js';
import { DEFAULTS } from './serve/plan.js';

/** Where to look. */
export interface ServerPlaces {
  readonly port?: number;
  /** What it writes, by what is written there. */
  readonly folders?: Readonly<Record<string, string>>;
  /** What there is where an NVIDIA driver runs. */
  readonly driver?: string;
}

export async function checkServer({
  port = Number(DEFAULTS.port),
  folders,
  driver = '/proc/driver/nvidia/version',
}: ServerPlaces = {}): Promise<Finding[]> {
  const places = folders ?? (await usualFolders());
  return [
    await portFinding(port),
    ...(await Promise.all(Object.entries(places).map(([what, folder]) => folderFinding(what, folder)))),
    await gpuFinding(driver),
  ];
}

async function usualFolders(): Promise<Record<string, string>> {
  const { avatarsFolder } = await import('../avatar/folders.js');
  const avatars = avatarsFolder();
  const records = process.env['TALKGRAPH_RECORDS'] ?? resolve(dirname(avatars), 'record');
  return { 'new avatars': avatars, recordings: records };
}

async function portFinding(port: number): Promise<Finding> {
  const name = `port ${port}`;
  const code = await new Promise<string | undefined>((done) => {
    const server = createServer();
    server.once('error', ({ code = 'unknown' }: NodeJS.ErrnoException) => done(code));
    server.listen(port, '127.0.0.1', () => server.close(() => done(undefined)));
  });
  const base = { area: 'server', name, required: false };
  if (code === undefined) return { ...base, there: true, detail: 'free for talkgraph serve' };
  const detail = code === 'EADDRINUSE' ? 'somebody listens there, perhaps talkgraph' : code;
  return { ...base, there: false, detail, cure: 'talkgraph serve --port N takes another one' };
}

async function folderFinding(what: string, folder: string): Promise<Finding> {
  const base = { area: 'server', name: what, required: false };
  const writable = await canWrite(folder);
  if (writable) return { ...base, there: true, detail: `written to ${folder}` };
  const variable = what === 'recordings' ? 'TALKGRAPH_RECORDS' : 'TALKGRAPH_AVATARS';
  return {
    ...base,
    there: false,
    detail: `${folder} may not be written by this user`,
    cure: `sudo chown "$USER" ${folder}, or name another folder by ${variable}`,
  };
}

/** True where it can be written, or be made. */
async function canWrite(folder: string): Promise<boolean> {
  try {
    await access(folder, constants.W_OK);
    return true;
  } catch (error) {
    const up = dirname(folder);
    return (error as NodeJS.ErrnoException).code === 'ENOENT' && up !== folder && (await canWrite(up));
  }
}

async function gpuFinding(driver: string): Promise<Finding> {
  const there = await access(driver).then(
    () => true,
    () => false,
  );
  const detail = there
    ? 'its driver runs; npx talkgraph setup --cuda fetches what uses it'
    : 'none is needed: lips are moved by the CPU';
  return { area: 'server', name: 'NVIDIA GPU', there, required: false, detail };
}
