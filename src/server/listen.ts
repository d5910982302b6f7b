/** An address to listen on, plain or by TLS. */
import { readFile } from 'node:fs/promises';
import type { FastifyInstance } from 'fastify';
import { TalkError } from '../element/index.js';

/** Files in PEM: the certificate, with those between it and its root, and its private key. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

/** Throws TalkError resource/settings for a file that cannot be read. */
export async function readTls({ cert, key }: TlsFiles): Promise<{ cert: Buffer; key: Buffer }> {
  const read = (path: string) =>
    readFile(path).catch((cause: unknown) => {
      throw new TalkError('resource/settings', `The file ${path} for TLS cannot be read.`, { cause });
    });
  return { cert: await read(cert), key: await read(key) };
}

/** Why an address cannot be listened on, by what the system calls it. */
const TROUBLE: Readonly<Record<string, (host: string, port: number) => TalkError>> = {
  EADDRINUSE: (host, port) =>
    new TalkError(
      'resource/busy',
      `Port ${port} of ${host} is taken. Stop who listens there, or choose another port.`,
    ),
  EACCES: (host, port) =>
    new TalkError(
      'resource/not-authorized',
      `Port ${port} of ${host} needs rights this process has not; ports from 1024 on do not.`,
    ),
  EADDRNOTAVAIL: (host) =>
    new TalkError(
      'resource/settings',
      `Expected an address of this machine to listen on but received ${host}.`,
    ),
  ENOTFOUND: (host) =>
    new TalkError(
      'resource/settings',
      `Expected an address of this machine to listen on but nobody knows ${host}.`,
    ),
};

/** Resolves with the address. Throws TalkError for one that cannot be had; the server is closed then. */
export async function listen(app: FastifyInstance, host: string, port: number): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (error) {
    await app.close();
    throw TROUBLE[(error as NodeJS.ErrnoException).code ?? '']?.(host, port) ?? error;
  }
}
