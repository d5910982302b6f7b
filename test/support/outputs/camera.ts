/**
 * A meter of the virtual camera: the real element and the real stock sink on a fake device (test/fixtures/camera.c), in this process,
 * which must have begun with the device's environment.
 *
 * The picture has no sound with it: a pair is a flash with the moment at which a loudspeaker on the same clock would beep.
 */
import { readFile, rm, symlink, writeFile } from 'node:fs/promises';
import type { ElementHandle } from '../../../src/graph/handle.js';
import type { PadHandle } from '../../../src/graph/pad.js';
import { type Lab, type Meter, NOTHING, type Taken } from './meter.js';

/** The device and its lines, as the parent has told. */
const { FAKE_CAMERA: DEVICE = '', FAKE_CAMERA_LUMA: LINES = '' } = process.env;
/** True in a process that has a fake device. */
export const hasCamera = LINES !== '';

export class CameraMeter implements Meter {
  readonly name = 'camera, fake';
  readonly #lab: Lab;
  #parts: ElementHandle[] = [];
  #pad: PadHandle | undefined;

  constructor(lab: Lab) {
    this.#lab = lab;
  }

  async begin(): Promise<void> {
    await this.end();
    await rm(DEVICE, { force: true });
    await symlink('/dev/null', DEVICE);
    await writeFile(LINES, '');
    const { pipeline } = this.#lab;
    const add = (fragment: string) => {
      const part = pipeline.add(fragment);
      this.#parts.push(part);
      return part;
    };
    const camera = add(`v4l2sink name=camera-under-test max-lateness=40000000 device=${DEVICE}`);
    const queue = add('queue name=camera-queue leaky=downstream max-size-time=1000000000');
    const first = add('errorignore name=camera-first');
    queue.link(camera);
    first.link(queue);
    for (const part of this.#parts) await part.sync();
    this.#pad = pipeline.element('picture').requestPad('src_%u');
    const sink = first.pad('sink');
    if (sink !== undefined) this.#pad.link(sink);
  }

  async take(): Promise<Taken> {
    if (this.#parts.length === 0) return NOTHING;
    const lines = (await readFile(LINES, 'utf8')).trim().split('\n');
    await writeFile(LINES, '');
    const flashes: number[] = [];
    let white = true;
    for (const [luma = 0, at = 0] of lines.map((line) => line.split(' ').map(Number))) {
      if (luma > 160 && !white) flashes.push(at);
      white = luma > 160;
    }
    const latencies = this.#lab.latencies(flashes);
    const due = (this.#lab.pipeline.latency()?.min ?? 0) / 1e6;
    return { pairs: latencies.map((late, n) => ({ at: flashes[n] ?? 0, skew: due - late })), latencies };
  }

  /** Pulled out: the driver answers no more. */
  async kill(): Promise<void> {
    await rm(DEVICE, { force: true });
  }

  async end(): Promise<void> {
    this.#pad?.unlink();
    await this.#pad?.release();
    this.#pad = undefined;
    for (const part of this.#parts.splice(0)) if (part.alive) await part.remove();
  }
}
