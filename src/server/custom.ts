/** `custom_config` of an offer: LiveTalking's custom actions, as clips of one session. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import {
  type Action,
  avatarsFolder,
  importClip,
  readActions,
  readAvatar,
  readForeignActions,
} from '../avatar/index.js';
import { TalkError } from '../element/index.js';

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
  readonly #made = join(avatarsFolder(), '.clips');
  /** One after the other: coding pictures leaves cores to those who speak. */
  #making: Promise<unknown> = Promise.resolve();

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
    const drop = () => rm(folder, { recursive: true, force: true });
    try {
      for (const action of actions) {
        const clip = await this.#clip(action, manifest.framerate);
        await symlink(clip, join(folder, action.name));
      }
      return { folder, drop };
    } catch (error) {
      await drop();
      throw error;
    }
  }

  /** The clip of an action, made if nobody has asked for it before, or its files are others by now. */
  async #clip(action: Action, framerate: string): Promise<string> {
    const files = [dirname(action.images[0] ?? ''), action.images[0] ?? '', action.sound ?? ''];
    const known = await Promise.all(
      files.map(async (file) => (file === '' ? 0 : (await stat(file)).mtimeMs)),
    );
    const facts = JSON.stringify([files, known, action.images.length, framerate]);
    const id = createHash('sha256').update(facts).digest('hex').slice(0, 32);
    const folder = join(this.#made, id);
    const turn = this.#making.then(async () => {
      if (existsSync(folder)) return;
      // Many may give it other numbers.
      const called = { ...action, name: basename(files[0] ?? '') };
      await importClip(this.#made, id, called, { framerate }, { webp: QUICK }).catch((error: unknown) => {
        // Another server of the same folder may have been quicker.
        if (!existsSync(folder)) throw error;
      });
    });
    this.#making = turn.catch(() => undefined);
    await turn;
    return folder;
  }
}
