/**
 * A player of an RTMP stream: rtmp2src in a process of its own, whose tags are kept with the time they came, until they are read by
 * content.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TagReader } from '../../../src/rtmp/flv.js';
import { readRecording } from '../../webrtc/support/file.js';
import { pair } from '../../webrtc/support/skew.js';
import { type Pair, unixNow } from './meter.js';

/** ms between two attempts: a server that was just started has nothing to play yet. */
const AGAIN = 250;
const RATE = 25;

export class RtmpPlayer {
  readonly #url: string;
  #child: ChildProcess | undefined;
  #over = false;
  #bytes: Buffer[] = [];
  /** When pictures came, Unix ms. */
  #pictures: number[] = [];
  #begun: () => void = () => undefined;

  private constructor(url: string) {
    this.#url = url;
  }

  /** Resolves when the first picture has come, however often it takes until the stream is there. */
  static async play(url: string): Promise<RtmpPlayer> {
    const player = new RtmpPlayer(url);
    const begun = new Promise<void>((resolve) => {
      player.#begun = resolve;
    });
    player.#play();
    await begun;
    return player;
  }

  /** Stops, and tells what there was: skews, and when flashes came, Unix ms. */
  async end(): Promise<{ pairs: Pair[]; flashes: number[] }> {
    this.#over = true;
    const child = this.#child;
    if (child !== undefined && child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
    this.#begun();
    if (this.#pictures.length === 0) return { pairs: [], flashes: [] };
    const folder = await mkdtemp(join(tmpdir(), 'talkgraph-player-'));
    try {
      const file = join(folder, 'played.flv');
      await writeFile(file, Buffer.concat(this.#bytes));
      const { video, flashes, beeps } = await readRecording(file);
      const [from = 0] = this.#pictures;
      const start = (video?.start ?? 0) * 1000;
      const came = flashes.flatMap((at) => this.#pictures[Math.round(((at - start) * RATE) / 1000)] ?? []);
      return {
        pairs: pair(flashes, beeps).map(({ at, skew }) => ({ at: from + at - start, skew })),
        flashes: came,
      };
    } finally {
      await rm(folder, { recursive: true });
    }
  }

  #play(): void {
    if (this.#over) return;
    const line = ['rtmp2src', `location=${this.#url}`, '!', 'fdsink', 'fd=1', 'sync=false'];
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'gst-launch-1.0', '-q', ...line], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    this.#child = child;
    const reader = new TagReader();
    [this.#bytes, this.#pictures] = [[], []];
    child.stdout.on('data', (bytes: Buffer) => {
      const now = unixNow();
      this.#bytes.push(bytes);
      const pictures = reader.push(bytes).filter(({ of, kind }) => of === 'video' && kind !== 'setup');
      for (const _ of pictures) this.#pictures.push(now);
      if (pictures.length > 0) this.#begun();
    });
    child.once('exit', () => {
      if (this.#pictures.length === 0) setTimeout(() => this.#play(), AGAIN);
    });
  }
}
