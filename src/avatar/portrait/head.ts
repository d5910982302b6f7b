import type { Person } from './person.js';
import type { Point } from './svg.js';

/** Where the head is and what the face does. All zero = looking straight out of the picture. */
export interface Pose {
  /** Turn to the viewer's right, degrees. */
  readonly yaw: number;
  /** Nod down, degrees. */
  readonly pitch: number;
  /** Tilt clockwise, degrees. */
  readonly roll: number;
  /** Shift of the head in design pixels (1/512 of the picture's width). */
  readonly x: number;
  readonly y: number;
}

/** The neutral pose. */
export const STILL: Pose = { yaw: 0, pitch: 0, roll: 0, x: 0, y: 0 };

/** Height of a paraboloid that runs out smoothly below zero; `r2` is the squared distance, 1 at its rim. */
export const dome = (top: number, r2: number): number =>
  r2 < 1 ? top * (1 - r2) : -36 * (1 - Math.exp((-(r2 - 1) * top) / 36));

const RAD = Math.PI / 180;

/**
 * Puts head-local points on the canvas.
 *
 * Head-local: design pixels, origin between the eyes, x to the viewer's right, y down, z towards the viewer.
 * The face is taken as a paraboloid, so that features wander over it when the head turns, as they do on a real one.
 */
export class Head {
  readonly #origin: Point;
  readonly #cos: readonly [number, number, number];
  readonly #sin: readonly [number, number, number];
  readonly #scale: number;

  constructor(person: Person, pose: Pose, origin: Point) {
    this.#origin = [origin[0] + pose.x, origin[1] + pose.y];
    const angles = [pose.yaw * RAD, pose.pitch * RAD, pose.roll * RAD] as const;
    this.#cos = [Math.cos(angles[0]), Math.cos(angles[1]), Math.cos(angles[2])];
    this.#sin = [Math.sin(angles[0]), Math.sin(angles[1]), Math.sin(angles[2])];
    this.#scale = person.head;
  }

  /** Depth of the face's surface at a point, design pixels. */
  static depth(x: number, y: number): number {
    return dome(92, (x / 112) ** 2 + ((y - 10) / 178) ** 2);
  }

  /** A head-local point on the canvas; without `z` it lies on the face. */
  at(x: number, y: number, z = Head.depth(x, y)): Point {
    const pivot = 150; // the neck, below the eyes: nods and tilts turn about it
    const behind = 30;
    const [cy, cp, cr] = this.#cos;
    const [sy, sp, sr] = this.#sin;
    const dy = y - pivot;
    const dz = z + behind;
    const x1 = x * cy + dz * sy;
    const z1 = dz * cy - x * sy;
    const y1 = dy * cp + z1 * sp;
    const x2 = x1 * cr - y1 * sr;
    const y2 = y1 * cr + x1 * sr;
    return [this.#origin[0] + x2 * this.#scale, this.#origin[1] + (y2 + pivot) * this.#scale];
  }

  /** Several points at once. */
  all(points: readonly Point[], z?: number): Point[] {
    return points.map(([x, y]) => this.at(x, y, z));
  }
}
