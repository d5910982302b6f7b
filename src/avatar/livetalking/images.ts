import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { TalkError } from '../../element/error.js';

/**
 * The numbered pictures of a folder in the order LiveTalking reads them: by the number that is their name, padded
 * or not, PNG or JPEG in any case.
 * @throws TalkError resource/not-found when there is no folder or no picture, stream/format for a name that is no number
 */
export async function numberedImages(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw new TalkError('resource/not-found', `There is no folder ${folder}.`, {
      details: { folder },
      cause,
    });
  });
  const images = names.filter((name) => /\.(png|jpe?g)$/i.test(name) && !name.startsWith('.'));
  if (images.length === 0) {
    throw new TalkError('resource/not-found', `${folder} holds no PNG or JPEG pictures.`, {
      details: { folder },
    });
  }
  const odd = images.find((name) => !/^\d+\./.test(name));
  if (odd !== undefined) {
    throw new TalkError(
      'stream/format',
      `${join(folder, odd)}: pictures of an avatar are numbered, such as 00000000.png; this one is not.`,
      { details: { folder, file: odd } },
    );
  }
  const numbered = images.map((name) => ({ name, number: Number.parseInt(name, 10) }));
  numbered.sort((a, b) => a.number - b.number);
  const twice = numbered.findIndex(({ number }, i) => number === numbered[i - 1]?.number);
  if (twice > 0) {
    const pair = `${numbered[twice - 1]!.name} and ${numbered[twice]!.name}`;
    throw new TalkError('stream/format', `${folder}: ${pair} have the same number.`, { details: { folder } });
  }
  return numbered.map(({ name }) => join(folder, name));
}
