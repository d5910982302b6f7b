/**
 * What is wrong with a graph, where, and how a person sees it:
 *
 *     graphs/render.yaml:14:27: ttssrc has no property "voise", did you mean "voice"?
 *       14 |   say: { factory: ttssrc, voise: $voice }
 *          |                           ^^^^^
 */
import { TalkError } from '../element/error.js';
import { positionOf, type Spot } from './source.js';

/** One complaint. `message` is a sentence without its full stop, so that a place can stand before it. */
export interface Problem {
  readonly message: string;
  readonly spot?: Spot;
}

/** Same, as data for `--json` and editors: line and column count from 1. */
export interface ProblemReport {
  message: string;
  file?: string;
  line?: number;
  column?: number;
  length?: number;
}

/** Collects complaints, so that a person sees all of them at once and not one per try. */
export class Problems {
  readonly list: Problem[] = [];
  /** What was said in each source, at which place. */
  readonly #said = new Map<unknown, Set<string>>();

  /** Adds a complaint; the same sentence at the same place is said once. */
  add(message: string, spot?: Spot): void {
    const said = this.#said.get(spot?.source) ?? new Set();
    this.#said.set(spot?.source, said);
    const key = `${spot?.start} ${message}`;
    if (said.has(key)) return;
    said.add(key);
    this.list.push(spot === undefined ? { message } : { message, spot });
  }

  /** True when nothing was found wrong. */
  get none(): boolean {
    return this.list.length === 0;
  }

  /** Throws everything collected as one GraphError; does nothing when there is none. */
  throwIfAny(): void {
    if (!this.none) throw new GraphError(this.list);
  }
}

/** Two columns on a terminal: East Asian wide forms and emoji. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
/** No column at all: combining marks, variation selectors; joiners and other invisible signs. */
const NARROW = /\p{Mn}|\p{Cf}/u;

/** Terminal columns that a piece of text takes; tabs are kept by the caller. */
function columns(text: string): number {
  let n = 0;
  for (const char of text) n += NARROW.test(char) ? 0 : WIDE.test(char) ? 2 : 1;
  return n;
}

/** What is shown of a very long line: the part around the place, with dots where something was left out. */
function windowAround(line: string, at: number): { text: string; at: number } {
  const shown = 140;
  if (line.length <= shown) return { text: line, at };
  const start = Math.max(0, Math.min(at - shown / 2, line.length - shown));
  const head = start > 0 ? '…' : '';
  const tail = start + shown < line.length ? '…' : '';
  return { text: head + line.slice(start, start + shown) + tail, at: at - start + head.length };
}

/** One complaint as text: place, sentence, the line, a caret. */
export function renderProblem(problem: Problem): string {
  const { message, spot } = problem;
  if (spot === undefined) return message;
  const { line, column, text: whole } = positionOf(spot.source, spot.start);
  const { text, at } = windowAround(whole, column - 1);
  const marked = text.slice(at, at + Math.max(spot.end - spot.start, 1));
  // A tab before the caret stays a tab, so that both lines indent alike.
  const indent = Array.from(text.slice(0, at), (c) => (c === '\t' ? '\t' : ' '.repeat(columns(c))));
  const number = String(line);
  return [
    `${spot.source.file}:${line}:${column}: ${message}`,
    `  ${number} | ${text}`,
    `  ${' '.repeat(number.length)} | ${indent.join('')}${'^'.repeat(Math.max(columns(marked), 1))}`,
  ].join('\n');
}

/** One complaint as data. */
export function reportProblem({ message, spot }: Problem): ProblemReport {
  if (spot === undefined) return { message };
  const { line, column } = positionOf(spot.source, spot.start);
  return { message, file: spot.source.file, line, column, length: Math.max(spot.end - spot.start, 1) };
}

/** Complaints that are shown; who sees more at once has taken the wrong file. */
const SHOWN = 50;

/** The first complaints, one below the other. */
function render(problems: readonly Problem[]): string {
  const more = problems.length - SHOWN;
  const lines = problems.slice(0, SHOWN).map(renderProblem);
  return (more > 0 ? [...lines, `… and ${more} more`] : lines).join('\n');
}

/** A graph that is not right (`resource/settings`): all complaints, in the order of the files they stand in. */
export class GraphError extends TalkError {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const sorted = [...problems].sort(byPlace);
    super('resource/settings', render(sorted), {
      details: { problems: sorted.length },
    });
    this.problems = sorted;
  }
}

function byPlace(a: Problem, b: Problem): number {
  const file = (a.spot?.source.file ?? '').localeCompare(b.spot?.source.file ?? '');
  return file !== 0 ? file : (a.spot?.start ?? 0) - (b.spot?.start ?? 0);
}
