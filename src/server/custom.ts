/** `custom_config` of an offer: LiveTalking's custom actions, as clips of one session. */
import { createHash } from 'node:crypto';
import { mkdtemp, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { type Action, avatarsFolder, readActions, readAvatar, readForeignActions } from '../avatar/index.js';
import { TalkError } from '../element/index.js';
import { MadeClips } from './madeclips.js';

/** Pictures of one action at most: twenty minutes. */
const MOST = 30_000;
/** Custom actions are played once or twice: little time for coding, and some more bytes. */
const QUICK = { quality: 90, effort: 0 } as const;

/** The clips of one session. */
export interface SessionClips {
  /** Folder for the graph's parameter `clips`. */
  readonly folder: string;
  /** The session has ended. */
  drop(): Promise<void>;
}

/**
 * Makes clips of what offers name, each once: pictures and sound that lie on the server, in the folder `customvideo` beside
 * the avatars (or `TALKGRAPH_CUSTOM`), or among the avatars. A session has links to its own.
 */
export class CustomClips {
  readonly #avatars = avatarsFolder();
  readonly #custom = process.env['TALKGRAPH_CUSTOM'] ?? join(dirname(avatarsFolder()), 'customvideo');
  readonly #made = new MadeClips(join(avatarsFolder(), '.clips'));

  /**
   * @param config the list as JSON
   * @param avatar whose clips they are: its frame rate counts
   * @throws TalkError stream/format, resource/not-found, resource/quota
   */
  async make(config: string, avatar: string): Promise<SessionClips> {
    // LiveTalking's paths begin beside its folder `data`, so do these; or in the folder itself.
    const places = [dirname(dirname(this.#custom)), dirname(this.#custom), this.#custom, this.#avatars];
    return await this.#folder(
      await readForeignActions(config, [this.#custom, this.#avatars], places),
      avatar,
    );
  }

  /** The same of a list that whoever runs the server names: what is in it may lie anywhere. @throws as `make` */
  async ofFile(file: string, avatar: string): Promise<SessionClips> {
    return await this.#folder(await readActions(file), avatar);
  }

  async #folder(actions: readonly Action[], avatar: string): Promise<SessionClips> {
    const large = actions.find(({ images }) => images.length > MOST);
    if (large !== undefined) {
      throw new TalkError(
        'resource/quota',
        `Expected at most ${MOST} pictures for an action but received ${large.images.length}.`,
      );
    }
    const { manifest } = await readAvatar(avatar);
    const folder = await mkdtemp(join(tmpdir(), 'talkgraph-clips-'));
    const taken: string[] = [];
    const drop = async () => {
      for (const id of taken.splice(0)) this.#made.drop(id);
      await rm(folder, { recursive: true, force: true });
    };
    try {
      for (const action of actions) {
        const id = await idOf(action, manifest.framerate);
        const clip = await this.#made.take(id, (root) => write(root, id, action, manifest.framerate));
        taken.push(id);
        await symlink(clip, join(folder, action.name));
      }
      return { folder, drop };
    } catch (error) {
      await drop();
      throw error;
    }
  }
}

/** What a clip is called: by its files, and when they were written. */
async function idOf({ images, sound }: Action, framerate: string): Promise<string> {
  const files = [dirname(images[0] ?? ''), images[0] ?? '', sound ?? ''];
  const known = await Promise.all(files.map(async (file) => (file === '' ? 0 : (await stat(file)).mtimeMs)));
  const facts = JSON.stringify([files, known, images.length, framerate]);
  return createHash('sha256').update(facts).digest('hex').slice(0, 32);
}

async function write(root: string, id: string, action: Action, framerate: string): Promise<void> {
  // Many may give it other numbers.
  const called = { ...action, name: basename(dirname(action.images[0] ?? '')) };
  const { importClip } = await import('../avatar/making.js');
  await importClip(root, id, called, { framerate }, { webp: QUICK });
}
