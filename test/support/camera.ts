/**
 * A video output device for machines whose kernel has none (test/fixtures/camera.c): a fake of the driver, and everything
 * above it, the stock v4l2sink included, is real. It is there for processes that are started by `run`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { PACKAGE } from '../../src/graph/find.js';

const SOURCE = join(PACKAGE, 'test', 'fixtures', 'camera.c');
const SCRIPT = fileURLToPath(new URL('./camera-play.js', import.meta.url));

/** What one run has shown. */
export interface Shown {
  /** Errors of the pipeline, as `code message`. */
  readonly errors: readonly string[];
  /** The GTypes of all elements, by path. */
  readonly types: Readonly<Record<string, string>>;
  /** Names of the messages. */
  readonly marks: readonly string[];
  /** Seconds from the first to the last picture, by the wall. */
  readonly seconds: number;
  /** What the driver was asked for: `size 64 48`, `rate 25 1`. */
  readonly driver: readonly string[];
  /** The pictures, YUYV, one after the other. */
  readonly pictures: Buffer;
}

export class Camera {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async make(): Promise<Camera> {
    const folder = await mkdtemp(join(tmpdir(), 'talkgraph-camera-'));
    const library = join(folder, 'camera.so');
    await finished(spawn('cc', ['-shared', '-fPIC', '-O1', '-o', library, SOURCE, '-ldl']));
    const camera = new Camera(folder);
    await camera.plug();
    return camera;
  }

  get device(): string {
    return join(this.#folder, 'video7');
  }

  /** What a process must begin with to have the device. With a file for `luma` pictures are lines in it, see camera.c. */
  environment(luma?: string): Record<string, string> {
    return {
      LD_PRELOAD: join(this.#folder, 'camera.so'),
      FAKE_CAMERA: this.device,
      FAKE_CAMERA_FRAMES: join(this.#folder, 'pictures'),
      FAKE_CAMERA_LOG: join(this.#folder, 'driver'),
      ...(luma !== undefined && { FAKE_CAMERA_LUMA: luma }),
    };
  }

  /** Plays a line to its end (or a mark), or its first error, in a process that has the device. */
  async run(line: string, env: Readonly<Record<string, string>> = {}, until = ''): Promise<Shown> {
    const [pictures, driver] = [join(this.#folder, 'pictures'), join(this.#folder, 'driver')];
    await Promise.all([rm(pictures, { force: true }), rm(driver, { force: true })]);
    const told = await finished(
      spawn(process.execPath, [SCRIPT, line, until], {
        env: {
          ...process.env,
          ...this.environment(),
          ...env,
        },
      }),
    );
    return {
      ...(JSON.parse(told) as Omit<Shown, 'driver' | 'pictures'>),
      driver: (await readFile(driver, 'utf8').catch(() => '')).split('\n').filter((one) => one !== ''),
      pictures: await readFile(pictures).catch(() => Buffer.alloc(0)),
    };
  }

  /** Pulls the device out once it has shown so many bytes. */
  async unplug(bytes: number): Promise<void> {
    const shown = () => statSync(join(this.#folder, 'pictures'), { throwIfNoEntry: false })?.size ?? 0;
    while (shown() < bytes) await delay(20);
    await rm(this.device);
  }

  async plug(): Promise<void> {
    await rm(this.device, { force: true });
    await symlink('/dev/null', this.device);
  }

  async close(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** What a process printed; rejects when it failed. */
async function finished(child: ReturnType<typeof spawn>): Promise<string> {
  let [out, complaints] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaints += text;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${child.spawnfile} ended with ${code}: ${complaints}`);
  return out;
}
