/**
 * `talkgraph models pull sherpa/NAME`: a voice or a recogniser of sherpa-onnx, which come as archives: fetched, unpacked and looked at.
 *
 * Unpacked by the program `tar`, as it does: nothing outside of the folder, nobody's owners and rights. An archive with anything in it but files
 * and folders is refused.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { TalkError } from '../element/index.js';
import { modelFolders } from '../inference/index.js';
import { voiceModel } from '../voice/sherpa/files.js';
import { UsageError } from './exit.js';

const RELEASES = 'https://github.com/k2-fsa/sherpa-onnx/releases/download';
const ARCHIVE = /\.(tar\.(bz2|gz|xz)|tgz)$/;
const NAME = /^[A-Za-z0-9][\w.-]{0,99}$/;

/** An archive to fetch: where it lies, what its folder is called, and what it is to be. */
export interface Archive {
  readonly url: string;
  readonly name: string;
  readonly kind: 'voice' | 'other';
}

/** What `sherpa/NAME` (a voice), `sherpa-asr/NAME` or the address of an archive stands for; undefined for anything else. */
export function archiveOf(what: string): Archive | undefined {
  const [, kind, name = ''] = /^(sherpa|sherpa-asr)\/(.+)$/.exec(what) ?? [];
  if (kind !== undefined) {
    if (!NAME.test(name)) throw new UsageError(`"${name}" is no name of a model of sherpa-onnx`);
    const release = kind === 'sherpa' ? 'tts-models' : 'asr-models';
    return {
      url: `${RELEASES}/${release}/${name}.tar.bz2`,
      name,
      kind: kind === 'sherpa' ? 'voice' : 'other',
    };
  }
  if (!URL.canParse(what)) return undefined;
  const base = decodeURIComponent(new URL(what).pathname.split('/').at(-1) ?? '');
  const stem = base.replace(ARCHIVE, '');
  return stem !== base && NAME.test(stem) ? { url: what, name: stem, kind: 'other' } : undefined;
}

/** Where an archive is unpacked to. Throws UsageError where something is there already. */
export function placeOf({ name }: Archive): string {
  const folder = join(modelFolders()[0] ?? 'models', name);
  if (existsSync(folder)) throw new UsageError(`there is a folder ${folder} already; remove it first.`);
  return folder;
}

/** Unpacks it, whole or not at all. Throws TalkError stream/format for what is no such archive, or has more in it than files. */
export async function unpack(file: string, { name, kind }: Archive, folder: string): Promise<void> {
  const part = join(folder, '..', `.${name}.part`);
  await rm(part, { recursive: true, force: true });
  await mkdir(part, { recursive: true });
  try {
    const how = ['--strip-components=1', '--no-same-owner', '--no-same-permissions'];
    await promisify(execFile)('tar', ['-x', '-f', file, '-C', part, ...how]).catch((cause: unknown) => {
      throw new TalkError('stream/format', `The archive of ${name} cannot be unpacked.`, {
        cause,
        debug: String((cause as { stderr?: unknown }).stderr ?? cause),
      });
    });
    const entries = await readdir(part, { recursive: true, withFileTypes: true });
    if (entries.some((entry) => !entry.isFile() && !entry.isDirectory()))
      throw new TalkError(
        'stream/format',
        `Expected files in the archive of ${name}, but there are links in it.`,
      );
    if (kind === 'voice') await voiceModel(part);
    await rename(part, folder);
  } finally {
    await rm(part, { recursive: true, force: true });
  }
}
