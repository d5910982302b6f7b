/**
 * Captions in step with the sound, of the marks that travel with it: a sentence that is long is told in pieces that end at words.
 *
 * A cue is told when its end is known, at most `LONGEST` after its beginning, and cues follow each other without a hole: where nothing is said
 * there are empty ones, because whoever puts them into a file beside sound and pictures waits for them. Of what was cut, what was heard.
 */
import { ms, type Ns } from '../element/time.js';

/** What is read from `pts` on for `duration`; empty: nothing. */
export interface Cue {
  readonly pts: Ns;
  readonly duration: Ns;
  readonly text: string;
}

export type MarkFields = Readonly<Record<string, unknown>>;

/** A piece is not longer than this, nor than so many signs: two lines of 42, as broadcasters have it. */
const LONGEST: Ns = ms(3000);
const MOST = 84;
/** Nothing is told to be nothing this often. */
const EMPTY: Ns = ms(1000);

/** A word that was heard: where it ends in the sentence, and the moment from which on it counts as heard. */
interface Word {
  readonly end: number;
  readonly middle: Ns;
}

/** What is being said, and the part of it that is on the screen. */
interface Piece {
  pts: Ns;
  readonly text: string;
  /** Where in the text it begins. */
  from: number;
  /** Where the last word that was told ends. */
  cursor: number;
  words: Word[];
  /** The voice tells its words. */
  worded: boolean;
}

export class Captions {
  /** Up to here everything is told. */
  #told: Ns | undefined;
  #now: Ns = 0;
  #piece: Piece | undefined;
  /** Where a cut ends what is said; what is marked behind it belongs to what nobody hears. */
  #until: Ns = Number.POSITIVE_INFINITY;
  #out: Cue[] = [];

  /** Where a cut ends what is said; Infinity: there is none. */
  get until(): Ns {
    return this.#until;
  }

  /** A mark of the stream by its short name, right before the sound that it belongs to. */
  mark(name: string, fields: MarkFields): Cue[] {
    const pts = Number(fields['pts'] ?? Number.NaN);
    if (Number.isNaN(pts)) return [];
    this.#told ??= pts;
    if (name === 'utterance-start') this.#until = Number.POSITIVE_INFINITY;
    if (pts >= this.#until) {
      this.#end(this.#until);
      return this.#give();
    }
    if (name === 'sentence') {
      this.#close(pts);
      const text = String(fields['text'] ?? '').replace(/\s+/g, ' ');
      this.#piece = { pts, text, from: 0, cursor: 0, words: [], worded: false };
    } else if (name === 'word')
      this.#word(String(fields['text'] ?? ''), pts, Number(fields['duration'] ?? 0));
    else if (name === 'utterance-end') this.#close(pts);
    return this.#give();
  }

  /** The sound has come so far. */
  advance(now: Ns): Cue[] {
    this.#told ??= now;
    this.#now = now;
    if (now >= this.#until) this.#end(this.#until);
    const piece = this.#piece;
    if (piece === undefined) {
      if (now - this.#told >= EMPTY) this.#tell(now, now, '');
    } else if (now - piece.pts >= LONGEST) {
      if (piece.worded) this.#break(piece, now, piece.cursor);
      else {
        // Nobody says where in it we are: all of it stays.
        this.#tell(piece.pts, now, piece.text);
        piece.pts = now;
      }
    }
    return this.#give();
  }

  /** What is said ends at `pts`, which may still be to come. */
  cut(pts: Ns): Cue[] {
    this.#until = pts;
    if (this.#told !== undefined && pts <= this.#now) this.#end(pts);
    return this.#give();
  }

  /** The end of the sound. */
  finish(now: Ns): Cue[] {
    if (now >= this.#until) this.#end(this.#until);
    this.#close(now);
    this.#tell(now, now, '');
    return this.#give();
  }

  #word(word: string, pts: Ns, duration: Ns): void {
    const piece = this.#piece;
    const at = piece === undefined || word === '' ? -1 : piece.text.indexOf(word, piece.cursor);
    // A number that is said otherwise than it is written has no place of its own.
    if (piece === undefined || at < 0) return;
    piece.worded = true;
    const end = at + word.length;
    const long = pts + duration - piece.pts > LONGEST || end - piece.from > MOST;
    if (long && piece.words.length > 0) this.#break(piece, pts, at);
    piece.words.push({ end, middle: pts + duration / 2 });
    piece.cursor = end;
  }

  /** The piece ends at sign `to` of its sentence; the next one begins there. */
  #break(piece: Piece, at: Ns, to: number): void {
    this.#tell(piece.pts, at, piece.text.slice(piece.from, to));
    piece.pts = at;
    piece.from = to;
    piece.words = [];
  }

  #close(at: Ns): void {
    const piece = this.#piece;
    this.#piece = undefined;
    if (piece !== undefined) this.#tell(piece.pts, at, piece.text.slice(piece.from));
  }

  /** A cut has taken place: a word counts when half of it was heard. */
  #end(at: Ns): void {
    const piece = this.#piece;
    this.#piece = undefined;
    if (piece === undefined) return;
    const heard = piece.worded
      ? (piece.words.findLast(({ middle }) => middle < at)?.end ?? piece.from)
      : piece.text.length;
    this.#tell(piece.pts, at, piece.text.slice(piece.from, heard));
  }

  #tell(from: Ns, to: Ns, text: string): void {
    const told = this.#told ?? from;
    const begin = Math.max(from, told);
    if (begin > told) this.#out.push({ pts: told, duration: begin - told, text: '' });
    if (to > begin) this.#out.push({ pts: begin, duration: to - begin, text: text.trim() });
    this.#told = Math.max(begin, to);
  }

  #give(): Cue[] {
    const out = this.#out;
    this.#out = [];
    return out;
  }
}

/** Begins a WebVTT file: https://www.w3.org/TR/webvtt1/ */
export const VTT_HEAD = 'WEBVTT\n\n';

/** A cue in it, its times from `zero` on; nothing for an empty one. */
export function vttCue({ pts, duration, text }: Cue, zero: Ns): string {
  const line = text.replace(/\s+/g, ' ').trim();
  if (line === '') return '';
  const escaped = line.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `${clock(pts - zero)} --> ${clock(pts + duration - zero)}\n${escaped}\n\n`;
}

function clock(time: Ns): string {
  const all = Math.max(0, Math.round(time / 1e6));
  const pad = (value: number, width = 2) => String(Math.floor(value)).padStart(width, '0');
  return `${pad(all / 3_600_000)}:${pad((all / 60_000) % 60)}:${pad((all / 1000) % 60)}.${pad(all % 1000, 3)}`;
}
