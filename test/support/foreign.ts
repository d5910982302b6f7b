/**
 * Peers that are not ours, each a process of its own: aiortc (Debian's python3-aiortc), as a WHEP player or as a WHIP server, and
 * GStreamer's webrtcbin (gstreamer1.0-nice, python3-gi), as a player.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PACKAGE } from '../../src/graph/find.js';
import { pair, type Skew, skewOf } from '../webrtc/support/skew.js';

const PYTHON = '/usr/bin/python3';
const AIORTC = join(PACKAGE, 'test/support/aiortc_peer.py');
const WEBRTCBIN = join(PACKAGE, 'test/support/webrtcbin_peer.py');

const runs = (command: string, ...args: string[]) =>
  spawnSync(command, args, { stdio: 'ignore' }).status === 0;
/** Tests that need one are skipped where it is not installed. */
export const hasAiortc = runs(PYTHON, '-c', 'import aiortc');
export const hasWebrtcbin =
  runs(PYTHON, '-c', "import gi; gi.require_version('GstWebRTC', '1.0')") &&
  runs('gst-inspect-1.0', 'nicesrc');

/** Who plays. */
export type Player = 'aiortc' | 'webrtcbin';

/** What a peer tells; see the programs. */
export interface Line {
  readonly offer?: string;
  readonly listening?: number;
  readonly state?: string;
  readonly type?: string;
  readonly deleted?: string;
  readonly frame?: number;
  readonly at?: number;
  readonly size?: readonly [number, number];
  readonly flash?: number;
  readonly beep?: number;
  readonly report?: 'video' | 'audio';
  readonly wall?: number;
  readonly rtp?: number;
  /** When it was told, Unix ms. */
  readonly came: number;
}

export class ForeignPeer {
  readonly lines: Line[] = [];
  /** What it complains about. */
  complaints = '';
  readonly #child: ChildProcess;
  readonly #told = new EventEmitter();

  private constructor(args: readonly string[]) {
    // However the test's own process ends, it ends with it.
    this.#child = spawn('setpriv', ['--pdeathsig', 'KILL', PYTHON, ...args], { stdio: 'pipe' });
    this.#told.setMaxListeners(0);
    const { stdout, stderr } = this.#child;
    if (stdout === null || stderr === null) throw new Error('a child without pipes');
    createInterface({ input: stdout }).on('line', (text) => {
      this.lines.push({ ...JSON.parse(text), came: performance.timeOrigin + performance.now() } as Line);
      this.#told.emit('line');
    });
    this.#child.once('exit', () => this.#told.emit('line'));
    stderr.setEncoding('utf8').on('data', (text: string) => {
      this.complaints += text;
    });
  }

  /** A WHIP server, of aiortc. It listens on the port, or on a free one. */
  static async serve(port = 0): Promise<ForeignPeer> {
    const peer = new ForeignPeer([AIORTC, 'serve', String(port)]);
    await peer.until(({ listening }) => listening !== undefined);
    return peer;
  }

  /** A player; `answer` is given its offer. */
  static async view(player: Player, answer: (offer: string) => Promise<string>): Promise<ForeignPeer> {
    const peer = new ForeignPeer(player === 'aiortc' ? [AIORTC, 'view'] : [WEBRTCBIN]);
    const { offer = '' } = await peer.until((line) => line.offer !== undefined);
    peer.#child.stdin?.write(`${JSON.stringify({ answer: await answer(offer) })}\n`);
    return peer;
  }

  get port(): number {
    return this.lines.find(({ listening }) => listening !== undefined)?.listening ?? 0;
  }

  /** The nth line that fits, as soon as it was told. */
  async until(fits: (line: Line) => boolean, n = 1): Promise<Line> {
    for (;;) {
      const found = this.lines.filter(fits)[n - 1];
      if (found !== undefined) return found;
      if (this.#child.exitCode !== null || this.#child.signalCode !== null)
        throw new Error(`the peer ended: ${this.complaints}`);
      await once(this.#told, 'line');
    }
  }

  /** Pictures per second of stream that it has decoded, over the last two. */
  get rate(): number {
    const frames = this.lines.filter(({ frame }) => frame !== undefined).slice(-51);
    const [first, last] = [frames[0]?.at ?? 0, frames.at(-1)?.at ?? 0];
    return (frames.length - 1) / (last - first);
  }

  /** Skew of what it saw and heard, ms. */
  get skew(): Skew {
    return skewOf(this.pairs);
  }

  /** Each flash with its beep: by the sender's reports where it tells them, else as it put both together itself. ms */
  get pairs(): { at: number; skew: number }[] {
    const reported = this.lines.some(({ report }) => report !== undefined);
    const wall = (kind: 'video' | 'audio', time: number): number => {
      if (!reported) return time * 1000;
      const report = this.lines.findLast((line) => line.report === kind);
      if (report?.wall === undefined || report.rtp === undefined) throw new Error(`no report of ${kind}`);
      return (report.wall + time - report.rtp) * 1000;
    };
    const of = (kind: 'video' | 'audio', times: (number | undefined)[]) =>
      times.flatMap((time) => (time === undefined ? [] : [wall(kind, time)]));
    const flashes = of(
      'video',
      this.lines.map(({ flash }) => flash),
    );
    return pair(
      flashes,
      of(
        'audio',
        this.lines.map(({ beep }) => beep),
      ),
    );
  }

  /** Forgets what it has told, but for the last report of each kind. */
  forget(): void {
    const reports = (['video', 'audio'] as const).map((kind) =>
      this.lines.findLast(({ report }) => report === kind),
    );
    this.lines.splice(0, this.lines.length, ...reports.filter((line) => line !== undefined));
  }

  freeze(): void {
    this.#child.kill('SIGSTOP');
  }

  /** As a crash: no goodbye to anybody. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }
}
