/**
 * What `launch` tells of a running pipeline: lines for a person, or one JSON object a message for a program.
 */
import { TalkError } from '../element/error.js';
import type { PipelineEvents } from '../graph/events.js';
import { ObjectHandle } from '../graph/object.js';
import type { Pipeline } from '../graph/pipeline.js';
import { GraphError, reportProblem } from '../graph/problem.js';
import { EXIT } from './exit.js';
import { showFailure } from './failure.js';
import type { LaunchRequest } from './launch-options.js';
import { seconds } from './progress.js';
import type { Terminal } from './terminal.js';

/** The events that are reported, all but the end of everything. */
const EVENTS = [
  'error',
  'warning',
  'info',
  'eos',
  'state',
  'latency',
  'tag',
  'mark',
  'qos',
  'progress',
  'buffering',
  'property',
  'stream-start',
  'segment-done',
  'duration',
  'dropped',
] as const satisfies readonly (keyof PipelineEvents)[];
type Reported = (typeof EVENTS)[number];

/** Reports one pipeline's events until it is closed. `beforeLine` is called before anything is printed. */
export class Reporter {
  readonly #terminal: Terminal;
  readonly #request: LaunchRequest;
  readonly #redact: (text: string) => string;
  readonly #beforeLine: () => void;
  readonly #shown = new Set<unknown>();

  constructor(
    terminal: Terminal,
    request: LaunchRequest,
    redact: (text: string) => string,
    beforeLine: () => void,
  ) {
    this.#terminal = terminal;
    this.#request = request;
    this.#redact = redact;
    this.#beforeLine = beforeLine;
  }

  /** Listens to a pipeline. */
  attach(pipeline: Pipeline): void {
    if (this.#request.verbose) pipeline.watchProperties();
    for (const name of EVENTS) {
      pipeline.on(name, (...args: unknown[]) => this.#event(name, args[0]));
    }
  }

  /** Shows an error, once, however many ways it came. Those behind the first mostly follow from it. */
  failure(error: unknown): void {
    if (this.#shown.has(error)) return;
    this.#shown.add(error);
    const { json, verbose, messages } = this.#request;
    if (json) this.#json('error', error);
    else if (this.#shown.size === 1 || verbose || messages) this.#problem('error', error);
  }

  /** One line of status for the person; nothing with --quiet or --json. */
  status(text: string): void {
    if (this.#request.quiet || this.#request.json) return;
    this.#beforeLine();
    this.#terminal.err(`${text}\n`);
  }

  /** The last JSON object: how it ended. */
  end(exit: number): void {
    if (this.#request.json) this.#write({ type: 'end', exit });
  }

  #event(name: Reported, payload: unknown): void {
    if (name === 'error') this.failure(payload);
    else if (this.#request.json) this.#json(name, payload);
    else this.#print(name, payload);
  }

  #print(name: Exclude<Reported, 'error'>, payload: unknown): void {
    if (name === 'warning' || name === 'info') {
      if (!this.#request.quiet) this.#problem(name, payload);
      return;
    }
    const text = this.#text(name, payload);
    if (text === undefined) return;
    this.#beforeLine();
    this.#terminal.out(`${this.#redact(text)}\n`);
  }

  #problem(level: 'error' | 'warning' | 'info', error: unknown): void {
    this.#beforeLine();
    showFailure(error, this.#terminal, { verbose: this.#request.verbose, level, redact: this.#redact });
  }

  /** The line of a message; undefined for what was not asked for. */
  #text(name: Reported, payload: unknown): string | undefined {
    const { verbose, tags, messages } = this.#request;
    const facts = (payload ?? {}) as Record<string, unknown>;
    if (name === 'property') {
      return verbose ? `${facts['element']}: ${facts['name']} = ${plain(facts['value'])}` : undefined;
    }
    if (name === 'tag' && (tags || messages)) {
      const found = Object.entries(facts['tags'] as object).map(([tag, value]) => `${tag}: ${plain(value)}`);
      return `tags from ${facts['element']}: ${found.join(', ')}`;
    }
    if (!messages) return undefined;
    if (name === 'mark') return `${facts['name']} from ${facts['element']}: ${list(facts['fields'])}`;
    if (name === 'dropped') return `dropped: ${plain(payload)} messages, this process was too busy`;
    return `${name}: ${list(facts)}`.replace(/: $/, '');
  }

  #json(name: Reported, payload: unknown): void {
    if (payload instanceof TalkError) {
      const { code, message, element, debug, details, retryable } = payload;
      this.#write({ type: name, code, message, element, debug, details, retryable });
    } else if (payload instanceof Error) {
      this.#write({ type: name, code: 'core/failed', message: payload.message });
    } else if (typeof payload === 'object' && payload !== null) {
      this.#write({ type: name, ...payload });
    } else {
      this.#write({ type: name, ...(payload !== undefined && { value: payload }) });
    }
  }

  #write(message: Record<string, unknown>): void {
    this.#terminal.out(`${this.#redact(JSON.stringify(message, jsonValue))}\n`);
  }
}

/** A graph that was not even started, as the messages of --json; answers the exit code. */
export function refuseAsJson(error: TalkError, terminal: Terminal): number {
  const { code, message, details, retryable } = error;
  const problems = error instanceof GraphError ? error.problems.map(reportProblem) : undefined;
  const exit = problems ? EXIT.usage : EXIT.failed;
  const told = { type: 'error', code, message, details, retryable, ...(problems && { problems }) };
  terminal.out(`${JSON.stringify(told, jsonValue)}\n${JSON.stringify({ type: 'end', exit })}\n`);
  return exit;
}

/** What JSON has no word for: bytes by their number, handles by their path, integers past 2^53 as text. */
function jsonValue(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (value instanceof ObjectHandle) return value.path;
  if (ArrayBuffer.isView(value)) return { bytes: value.byteLength };
  return value;
}

function plain(value: unknown): string {
  if (typeof value === 'string') return value;
  return JSON.stringify(value, jsonValue) ?? String(value);
}

/** `a=1, b=x`; times of messages are ns and stay so: who asked for messages wants them exact. */
function list(facts: unknown): string {
  return Object.entries((facts ?? {}) as Record<string, unknown>)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${plain(value)}`)
    .join(', ');
}

/** `Done: 10.0 s of media in 2.1 s (4.8x).` */
export function doneSentence(position: number | undefined, elapsed: number): string {
  if (position === undefined || position <= 0) return `Done in ${seconds(elapsed)}.`;
  return `Done: ${seconds(position)} of media in ${seconds(elapsed)} (${(position / elapsed).toFixed(1)}x).`;
}
