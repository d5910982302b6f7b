/**
 * Plays a pipeline to its end, for a person at a terminal: progress, Ctrl-C, an exit code.
 */
import { describe } from '../graph/catalog.js';
import type { ElementHandle } from '../graph/handle.js';
import type { Pipeline } from '../graph/pipeline.js';
import { EXIT } from './exit.js';
import { loadingLine, type ProgressLine, progressLine } from './progress.js';
import { doneSentence, type Reporter } from './report.js';
import type { Terminal } from './terminal.js';

/** How often the progress line is drawn, ms. */
const REDRAW = 200;

/**
 * Plays until the end of the stream, an error, or an interrupt. The first Ctrl-C ends the stream, so that a file being
 * written is complete; the second stops at once. The pipeline is closed when this resolves, with the exit code.
 */
export async function play(
  pipeline: Pipeline,
  terminal: Terminal,
  reporter: Reporter,
  progress: ProgressLine,
): Promise<number> {
  const playback = new Playback(pipeline, terminal, reporter, progress);
  try {
    return await playback.run();
  } finally {
    playback.dispose();
    await pipeline.close();
  }
}

class Playback {
  readonly #pipeline: Pipeline;
  readonly #reporter: Reporter;
  readonly #progress: ProgressLine;
  readonly #offInterrupt: () => void;
  #timer: NodeJS.Timeout | undefined;
  #interrupts = 0;
  #stopped = false;
  /** When it was told to play; what opening and preroll take is part of the time it took. */
  readonly #began = performance.now();
  #playing = false;
  #position: number | undefined;
  #live = false;
  /** How full the queues of a network source are. */
  #percent = 100;
  /** It waits for a queue to fill. */
  #filling = false;

  constructor(pipeline: Pipeline, terminal: Terminal, reporter: Reporter, progress: ProgressLine) {
    this.#pipeline = pipeline;
    this.#reporter = reporter;
    this.#progress = progress;
    this.#offInterrupt = terminal.onInterrupt(() => this.#interrupt());
    pipeline.on('latency', ({ live }) => {
      this.#live = live;
    });
    pipeline.on('buffering', ({ percent }) => {
      this.#percent = percent;
      void this.#buffering();
    });
    pipeline.on('mark', ({ name, fields }) => {
      if (name === 'loading' && !this.#playing) this.#progress.show(loadingLine(fields));
    });
    if (terminal.watched && writesFile(pipeline)) {
      this.#timer = setInterval(() => this.#draw(), REDRAW);
    }
  }

  async run(): Promise<number> {
    try {
      await this.#pipeline.play();
      this.#progress.clear();
      this.#playing = true;
      const finished = this.#pipeline.finished();
      void this.#buffering();
      this.#reporter.status('Playing. Ctrl-C ends the stream, a second time stops at once.');
      await finished;
    } catch (error) {
      if (this.#stopped) return EXIT.interrupted;
      this.#reporter.failure(error);
      return EXIT.failed;
    }
    // A short stream may reach its end before the stop does: it was stopped all the same.
    if (this.#stopped) return EXIT.interrupted;
    const position = this.#pipeline.position() ?? this.#position;
    this.#progress.clear();
    this.#reporter.status(doneSentence(position, this.#elapsed()));
    return EXIT.ok;
  }

  dispose(): void {
    clearInterval(this.#timer);
    this.#progress.clear();
    this.#offInterrupt();
  }

  #interrupt(): void {
    this.#interrupts++;
    if (this.#interrupts === 1 && this.#playing) {
      this.#reporter.status(
        '\nEnding the stream. Ctrl-C again stops at once; a file may then be incomplete.',
      );
      // What goes wrong here is told by `finished`, which is waited for.
      this.#pipeline.eos().catch(() => undefined);
      return;
    }
    if (this.#stopped) return;
    this.#stopped = true;
    this.#reporter.status('\nStopped.');
    this.#pipeline.stop().catch((error: unknown) => this.#reporter.failure(error));
  }

  /** As every player: wait while a network source fills its queue, unless time does not wait. */
  async #buffering(): Promise<void> {
    const filling = this.#percent < 100;
    if (!this.#playing || this.#live || this.#stopped || this.#filling === filling) return;
    // What was asked for counts, not where the pipeline is: it may be full again before it has paused.
    this.#filling = filling;
    try {
      if (this.#filling) await this.#pipeline.pause();
      else await this.#pipeline.play();
    } catch {
      // The bus tells the same error, and that one is reported.
    }
  }

  #draw(): void {
    if (!this.#playing || this.#pipeline.closed) return;
    this.#position = this.#pipeline.position() ?? this.#position;
    const duration = this.#pipeline.duration();
    this.#progress.show(progressLine({ position: this.#position, duration, elapsed: this.#elapsed() }));
  }

  /** Since it was told to play, ns. */
  #elapsed(): number {
    return (performance.now() - this.#began) * 1e6;
  }
}

/** True when some sink of the pipeline writes to a place that a property `location` names. */
function writesFile(pipeline: Pipeline): boolean {
  return pipeline.elements({ recurse: true }).some(isFileSink);
}

function isFileSink(element: ElementHandle): boolean {
  if (element.factory === undefined) return false;
  try {
    const { klass, properties } = describe(element.factory);
    return /Sink/.test(klass) && properties.some((one) => one.name === 'location');
  } catch {
    return false;
  }
}
