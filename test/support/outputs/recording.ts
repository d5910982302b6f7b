/** A meter of the file that a session is recorded into, read by programs that had no part in writing it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Branch } from '../../../src/session/branch.js';
import { readRecording } from '../../webrtc/support/file.js';
import { pair } from '../../webrtc/support/skew.js';
import { type Lab, type Meter, NOTHING, type Taken, unixNow } from './meter.js';

export class RecordingMeter implements Meter {
  readonly name: 'mp4' | 'mkv';
  readonly #lab: Lab;
  #folder = '';
  #branch: Branch | undefined;
  #files = 0;
  #begun = 0;

  constructor(lab: Lab, kind: 'mp4' | 'mkv') {
    this.#lab = lab;
    this.name = kind;
  }

  async begin(): Promise<void> {
    if (this.#folder === '') this.#folder = await mkdtemp(join(tmpdir(), 'talkgraph-recorded-'));
    this.#branch = await this.#lab.add('recordsink', { location: this.#file(++this.#files) });
    this.#begun = unixNow();
  }

  /** Ends the file and begins another. */
  async take(): Promise<Taken> {
    if (this.#branch === undefined) return NOTHING;
    await this.kill();
    const [file, begun] = [this.#file(this.#files), this.#begun];
    await this.begin();
    const { flashes, beeps } = await readRecording(file);
    await rm(file);
    return { pairs: pair(flashes, beeps).map(({ at, skew }) => ({ at: begun + at, skew })), latencies: [] };
  }

  async kill(): Promise<void> {
    await this.#branch?.close();
    this.#branch = undefined;
  }

  async end(): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }

  #file(n: number): string {
    return join(this.#folder, `${n}.${this.name}`);
  }
}
