/**
 * Moves a head and a chest in a photo, by a few pixels: the picture is bent softly, most where the head is and not at all at its
 * edges. What is behind the head is bent along; that is not seen as long as it is little.
 */
import { around, type Point, type Points } from '../../face/index.js';
import { between } from './between.js';
import type { Rgb } from './columns.js';

/** How a head is held, against the photo. */
export interface Pose {
  /** Pixels. */
  readonly right: number;
  readonly down: number;
  /** How far the middle of the face goes beyond its rim, pixels: the head turns, and nods. */
  readonly turn: number;
  readonly nod: number;
  /** To the right, radians. */
  readonly roll: number;
  /** How far the shoulders are up, pixels. */
  readonly breath: number;
}

/** How much of each motion is seen at a place, 0 to 1. */
interface Share {
  readonly head: number;
  readonly depth: number;
  readonly chest: number;
}

/** The head's ellipse against the face's width and height, and where nothing moves any more, in parts of it. */
const HEAD = { across: 0.62, down: 0.85, above: 0.25, end: 2.3 };
/** The same of what is nearer to the camera than the head's rim. */
const FACE = { across: 0.62, down: 0.8 };
/** Shoulders: how far below the chin they are, in parts of the face's height; how far to the side, of its width. */
const SHOULDERS = { begin: 0.15, full: 0.9, within: 0.9, end: 1.7 };
/** The edge of the picture stands still; towards it motion ends over so much of the face's width. */
const EDGE = 0.4;

/** A photo that can be bent. */
export class Sway {
  readonly #width: number;
  readonly #height: number;
  readonly #face: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly #edge: number;
  readonly #middle: Point;
  /** Rows and columns in which something moves. */
  readonly #window: { readonly x0: number; readonly x1: number; readonly y0: number; readonly y1: number };
  /** `Share` of each pixel of the window. */
  readonly #shares: Float32Array;
  readonly #rows: Float32Array;

  /** @param points of the face in the photo */
  constructor({ width, height }: { width: number; height: number }, points: Points) {
    this.#width = width;
    this.#height = height;
    this.#face = around(points);
    const { x, y, w, h } = this.#face;
    this.#edge = EDGE * w;
    this.#middle = { x: x + w / 2, y: y + h / 2 };
    const reach = Math.max(HEAD.across * HEAD.end, SHOULDERS.end) * w;
    const up = (HEAD.above + HEAD.down * HEAD.end) * h;
    this.#window = {
      x0: Math.max(0, Math.floor(this.#middle.x - reach)),
      x1: Math.min(width, Math.ceil(this.#middle.x + reach)),
      y0: Math.max(0, Math.floor(this.#middle.y - up)),
      y1: height,
    };
    const { x0, x1, y0, y1 } = this.#window;
    this.#shares = new Float32Array(3 * (x1 - x0) * (y1 - y0));
    this.#rows = new Float32Array(3 * (x1 - x0) * height);
    let at = 0;
    for (let row = y0; row < y1; row++)
      for (let column = x0; column < x1; column++) {
        const { head, depth, chest } = this.#share(column + 0.5, row + 0.5);
        this.#shares[at++] = head;
        this.#shares[at++] = depth;
        this.#shares[at++] = chest;
      }
  }

  /** Width of the face, pixels: what motions are measured by. */
  get scale(): number {
    return this.#face.w;
  }

  /** How much room there is around the face for it to move, 0 to 1. */
  get room(): number {
    const { x, y, w, h } = this.#face;
    const least = Math.min(x, y, this.#width - x - w, this.#height - y - h);
    return Math.min(1, Math.max(0, least / this.#edge));
  }

  /** Where something of the photo is in a pose. */
  moved({ x, y }: Point, pose: Pose): Point {
    let at = { x, y };
    // What is shown at a place comes from elsewhere: the other way round by trying.
    for (let i = 0; i < 3; i++) {
      const { right, down } = this.#motion(at.x, at.y, this.#share(at.x, at.y), pose);
      at = { x: x + right, y: y + down };
    }
    return at;
  }

  /** The photo in a pose: RGB rows without padding. */
  draw({ data }: Rgb, pose: Pose): Uint8Array {
    // Rounds, and keeps to 0..255.
    const out = Uint8ClampedArray.from(data);
    this.#across(Float32Array.from(data), pose);
    this.#down(out, pose);
    return new Uint8Array(out.buffer);
  }

  /** First half: along the rows. */
  #across(photo: Float32Array, { right, roll, turn }: Pose): void {
    const { x0, x1, y0, y1 } = this.#window;
    const shares = this.#shares;
    let to = 0;
    let share = 0;
    for (let row = y0; row < y1; row++) {
      const line = { from: photo, base: 3 * row * this.#width, step: 3, last: this.#width - 1 };
      const whole = right - roll * (row + 0.5 - this.#middle.y);
      for (let column = x0; column < x1; column++, share += 3, to += 3)
        between(line, column - shares[share]! * whole - shares[share + 1]! * turn, this.#rows, to);
    }
  }

  /** Second half: along the columns. */
  #down(out: Uint8ClampedArray, { down, roll, nod, breath }: Pose): void {
    const { x0, x1, y0, y1 } = this.#window;
    const shares = this.#shares;
    const line = new Float32Array(3 * (x1 - x0));
    const columns = Array.from({ length: x1 - x0 }, (_, n) => ({
      from: this.#rows,
      base: 3 * n,
      step: line.length,
      last: y1 - y0 - 1,
    }));
    let share = 0;
    for (let row = 0; row < y1 - y0; row++) {
      for (let n = 0; n < columns.length; n++, share += 3) {
        const whole = down + roll * (n + x0 + 0.5 - this.#middle.x);
        const place = row - shares[share]! * whole - shares[share + 1]! * nod + shares[share + 2]! * breath;
        between(columns[n]!, place, line, 3 * n);
      }
      out.set(line, 3 * ((row + y0) * this.#width + x0));
    }
  }

  #share(x: number, y: number): Share {
    const { w, h, y: top } = this.#face;
    const [dx, dy] = [x - this.#middle.x, y - this.#middle.y];
    const toEdge = (place: number, size: number) =>
      1 - fall(Math.min(place, size - place) / this.#edge, 0, 1);
    const inside = toEdge(x, this.#width) * toEdge(y, this.#height);
    const r = Math.hypot(dx / (HEAD.across * w), (dy + HEAD.above * h) / (HEAD.down * h));
    const f = Math.min(1, Math.hypot(dx / (FACE.across * w), dy / (FACE.down * h)));
    const chin = top + h;
    const below = Math.max(1, this.#height - chin);
    const chest =
      (1 - fall((y - chin) / h, SHOULDERS.begin, SHOULDERS.full)) *
      fall(Math.abs(dx) / w, SHOULDERS.within, SHOULDERS.end) *
      fall((y - chin) / below, 0.6, 1) *
      Math.min(1, below / h);
    return {
      head: inside * fall(r, 1, HEAD.end),
      depth: inside * (1 - f * f) ** 2,
      chest,
    };
  }

  #motion(x: number, y: number, { head, depth, chest }: Share, pose: Pose): { right: number; down: number } {
    return {
      right: head * (pose.right - pose.roll * (y - this.#middle.y)) + depth * pose.turn,
      down: head * (pose.down + pose.roll * (x - this.#middle.x)) + depth * pose.nod - chest * pose.breath,
    };
  }
}

/** 1 up to `from`, softly to 0 at `to`. */
function fall(value: number, from: number, to: number): number {
  const t = Math.min(1, Math.max(0, (value - from) / (to - from)));
  return 1 - t * t * (3 - 2 * t);
}
