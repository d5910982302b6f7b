/**
 * A real RTMP server: nginx with its RTMP module, on a free port of loopback, from a configuration of its own. It records
 * what is published; the system's own nginx is neither used nor touched.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const MODULE = '/usr/lib/nginx/modules/ngx_rtmp_module.so';

/** One process, so that killing it kills all of it. */
const configuration = (folder: string, port: number) => `
load_module ${MODULE};
daemon off;
master_process off;
pid ${folder}/nginx.pid;
error_log stderr info;
events { worker_connections 64; }
rtmp {
  server {
    listen 127.0.0.1:${port};
    application live { live on; record all; record_unique on; record_path ${folder}/recordings; }
    application closed { live on; deny publish all; }
  }
}
`;

export class RtmpServer {
  readonly port: number;
  readonly #folder: string;
  #process: ChildProcess | undefined;
  /** All that it has said. */
  log = '';

  private constructor(folder: string, port: number) {
    this.#folder = folder;
    this.port = port;
  }

  /** A server that is not running yet. Its port is free now, and nobody else asks for just that one. */
  static async make(): Promise<RtmpServer> {
    const folder = await mkdtemp(join(tmpdir(), 'talkgraph-nginx-'));
    const probe = createServer().listen(0, '127.0.0.1');
    await once(probe, 'listening');
    const { port } = probe.address() as { port: number };
    probe.close();
    await once(probe, 'close');
    await writeFile(join(folder, 'nginx.conf'), configuration(folder, port));
    await mkdir(join(folder, 'recordings'));
    return new RtmpServer(folder, port);
  }

  url(key: string, application = 'live'): string {
    return `rtmp://127.0.0.1:${this.port}/${application}/${key}`;
  }

  /** Resolves when it takes connections. */
  async start(): Promise<void> {
    // However the test's own process ends, nginx ends with it.
    const command = ['--pdeathsig', 'KILL', '/usr/sbin/nginx', '-p', this.#folder];
    const child = spawn('setpriv', [...command, '-c', join(this.#folder, 'nginx.conf')], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#process = child;
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.log += text;
    });
    while (!(await this.#answers())) {
      if (child.exitCode !== null) throw new Error(`nginx ended: ${this.log}`);
      await delay(20);
    }
  }

  /** As a crash: no goodbye to anybody. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** It takes what comes as long as its machine does, and answers nothing. */
  freeze(): void {
    this.#process?.kill('SIGSTOP');
  }

  /** The recordings, oldest first. Whole when their publisher has gone. */
  async recordings(): Promise<string[]> {
    const folder = join(this.#folder, 'recordings');
    return (await readdir(folder)).sort().map((name) => join(folder, name));
  }

  /** Resolves when its log says it. */
  async says(words: RegExp): Promise<void> {
    while (!words.test(this.log)) await delay(20);
  }

  async close(): Promise<void> {
    await this.#end('SIGKILL');
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }

  #answers(): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = connect(this.port, '127.0.0.1');
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
  }
}
