import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { importModel, readRows } from '../../checkpoint/index.js';
import { TalkError } from '../../element/error.js';
import { avatarsFolder } from '../folders.js';
import { type NewAvatar, type WriteOptions, writePackage } from '../package.js';
import { frames } from '../words.js';
import { boxesOf, isThereAndBack, KINDS, type Kind } from './boxes.js';
import { numberedImages } from './images.js';
import { copyLatents, type MuseTalkFolder, meanMask } from './musetalk.js';
import { evenSize, pixelsOf, sizeOf } from './pictures.js';
import { findMouth, squaresOf, USUAL } from './squares.js';
import { demandWithin } from './within.js';

/** How a LiveTalking avatar is imported. */
export interface LiveTalkingOptions extends WriteOptions {
  readonly id: string;
  /** Default: what the folder's files say. */
  readonly model?: Kind;
  /** What people call it; default the id. */
  readonly name?: string;
  readonly licence?: string;
  readonly consent?: string;
  /** Pictures a second; LiveTalking plays 25. */
  readonly framerate?: number;
  readonly store?: NewAvatar['store'];
  /** Where it goes; default `avatarsFolder()`. */
  readonly root?: string;
  /** Where a network that comes with it goes; default the first folder of models. */
  readonly models?: string;
  /** Whether the mouth is looked for in the pictures, for models that LiveTalking has no box for. Default true. */
  readonly look?: boolean;
  /** Called when it is known how many pictures there are. */
  readonly begins?: (total: number) => void;
}

/** What was found and made. */
export interface ImportedAvatar {
  readonly id: string;
  readonly folder: string;
  readonly model: Kind;
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  /** The model that came with it, by the name it has now: Ultralight networks are one person's. */
  readonly network?: string;
  /** What somebody should know: sentences. */
  readonly notes: readonly string[];
}

/**
 * Makes an avatar of a folder that LiveTalking plays: `full_imgs/` and `coords.pkl`, of any of its three models. The
 * folder is only read.
 *
 * @throws TalkError resource/not-found for what is missing; stream/format, stream/wrong-type for what is not what it should
 *   be; whatever `writePackage` throws
 */
export async function importLiveTalking(
  source: string,
  options: LiveTalkingOptions,
): Promise<ImportedAvatar> {
  const folder = resolve(source);
  await demandFolder(folder);
  await demandWithin(folder);
  const model = options.model ?? kindOf(folder);
  const notes: string[] = [];
  const file = join(folder, 'coords.pkl');
  let images = await numberedImages(join(folder, 'full_imgs'));
  let rows = await readRows(file, 4);
  if (rows.length !== images.length) {
    notes.push(
      `There are ${images.length} pictures and ${rows.length} boxes; what is too much at the end was left out.`,
    );
    images = images.slice(0, rows.length);
    rows = rows.slice(0, images.length);
  }
  const total = rows.length;
  if (isThereAndBack(rows)) {
    images = images.slice(0, images.length / 2);
    rows = rows.slice(0, images.length);
    notes.push(
      'It was written there and back; the second half was left out, it is played there and back anyway.',
    );
  }
  const { width, height } = await sizeOf(images[0]!);
  const { boxes, without } = boxesOf(model, rows, { width, height, file });
  if (without.length > 0) {
    notes.push(
      `In ${frames(without.length)} LiveTalking found no face; the box there is that of the nearest that has one.`,
    );
  }
  options.begins?.(images.length);
  const [even, odd] = [evenSize({ width, height }), width % 2 !== 0 || height % 2 !== 0];
  if (odd)
    notes.push(`Pictures have even sides here: ${width}x${height} became ${even.width}x${even.height}.`);
  const look = options.look ?? true;
  const place = look ? await findMouth(images, boxes, even) : undefined;
  if (look && place === undefined) {
    notes.push(
      'No face was found in its pictures: the default model gets squares that fit most faces; look at a preview.',
    );
  }
  const { id, name = id, licence, consent, framerate = 25, store, root = avatarsFolder() } = options;
  const to = await writePackage(
    root,
    id,
    {
      about: {
        name,
        ...(licence === undefined ? {} : { licence }),
        ...(consent === undefined ? {} : { consent }),
        origin: `LiveTalking's avatar ${basename(folder)}, made for ${model}`,
        ...even,
        framerate: `${framerate}/1`,
        loop: 'there-and-back',
      },
      pictures: pixelsOf(images, { width, height }, even),
      count: images.length,
      boxes: () => ({ own: squaresOf(boxes, place ?? USUAL[model]), crops: { [model]: boxes } }),
      ...(model === 'musetalk' && {
        more: (scratch: string) =>
          museTalk(scratch, { folder, total, frames: images.length, boxes, without }, notes),
      }),
      comment: [`Imported by "talkgraph avatar import ${basename(folder)}".`],
      ...(store === undefined ? {} : { store }),
    },
    options,
  );
  const network = model === 'ultralight' ? await networkOf(folder, id, options, notes) : undefined;
  return { id, folder: to, model, ...(network && { network }), ...even, frames: images.length, notes };
}

/** Latents and mask, where they are there. */
async function museTalk(scratch: string, of: MuseTalkFolder, notes: string[]) {
  const has = (name: string) => existsSync(join(of.folder, name));
  if (!has('latents.pt'))
    notes.push('There is no latents.pt in it: MuseTalk cannot paint it, other models can.');
  else await copyLatents(join(scratch, 'latents.f16'), of);
  const masked = has('mask') && has('mask_coords.pkl');
  if (masked) {
    const off = await meanMask(join(scratch, 'musetalk-mask.png'), of);
    notes.push(
      `Its masks became one, their mean, which no frame's is further from than ${off.toFixed(1)} levels of 255.`,
    );
  }
  return {
    ...(has('latents.pt') && { latents: 'latents.f16' }),
    ...(masked && { masks: { musetalk: 'musetalk-mask.png' } }),
  };
}

/** Imports the network of an Ultralight avatar under the avatar's name. */
async function networkOf(
  folder: string,
  id: string,
  { models, replace = false }: LiveTalkingOptions,
  notes: string[],
): Promise<string | undefined> {
  const file = join(folder, 'ultralight.pth');
  if (!existsSync(file)) {
    notes.push('There is no ultralight.pth in it: import its network with "talkgraph models import".');
    return undefined;
  }
  const name = id.toLowerCase().replace(/[^a-z0-9._-]/g, '-');
  await importModel(file, { name, replace, ...(models === undefined ? {} : { folder: models }) });
  return name;
}

/** Which model a folder was made for, by the files that only one of them has. */
function kindOf(folder: string): Kind {
  if (existsSync(join(folder, 'ultralight.pth'))) return 'ultralight';
  return ['latents.pt', 'mask_coords.pkl', 'mask'].some((file) => existsSync(join(folder, file)))
    ? 'musetalk'
    : 'wav2lip';
}

async function demandFolder(folder: string): Promise<void> {
  if ((await stat(folder).catch(() => undefined))?.isDirectory() !== true) {
    throw new TalkError('resource/not-found', `There is no folder ${folder}.`, { details: { folder } });
  }
  const missing = ['full_imgs', 'coords.pkl'].filter((name) => !existsSync(join(folder, name)));
  if (missing.length === 0) return;
  throw new TalkError(
    'resource/not-found',
    `${folder} is no avatar of LiveTalking for ${KINDS.join(', ')}: it has no ${missing.join(' and no ')}.`,
    { details: { folder, missing: missing.join(' ') } },
  );
}
