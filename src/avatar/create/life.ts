/**
 * What makes a photo somebody who listens: the head sways and turns a little, the chest breathes, the eyes blink. Small
 * motions of what is there; nothing is painted but the shade of lashes.
 */
import type { Points } from '../../face/index.js';
import type { FaceSeen } from './analyse.js';
import { type Eye, eyesOf, shutEye } from './blink.js';
import type { Rgb } from './columns.js';
import { type Pose, Sway } from './sway.js';

/** Pictures of the loop, which goes on from the last to the first: eight seconds. */
export const ALIVE = 200;

/** Pictures in which the lids begin to fall: four seconds apart, not evenly. */
const BLINKS = [41, 148];
/** How far they are shut in each picture of a blink: down in 80 ms, up in 160 ms. */
const BLINK = [0.3, 0.85, 1, 0.75, 0.4, 0.12];

/** How far things move, in parts of the face's width; the head's roll in radians. */
const REACH = { right: 0.011, down: 0.005, turn: 0.014, nod: 0.007, roll: 0.006, breath: 0.011 };

/** How the head is held in a picture, in parts of `REACH`: whole turns a loop, so that it closes. */
export function poseAt(n: number): Pose {
  const wave = (turns: number, start: number) => Math.sin(2 * Math.PI * ((turns * n) / ALIVE + start));
  const side = 0.75 * wave(1, 0) + 0.25 * wave(3, 0.3);
  return {
    right: side,
    // A head turns to where it goes, a little ahead.
    turn: 0.75 * wave(1, 0.06) + 0.25 * wave(3, 0.42),
    roll: 0.7 * wave(1, 0.55) + 0.3 * wave(2, 0.1),
    down: 0.6 * wave(2, 0.4) + 0.4 * wave(1, 0.7),
    nod: 0.6 * wave(2, 0.45) + 0.4 * wave(3, 0.8),
    breath: 0.5 - 0.5 * wave(2, 0.25),
  };
}

/** How far the eyes are shut in a picture. */
export function blinkAt(n: number): number {
  for (const start of BLINKS) {
    const shut = BLINK[n - start];
    if (shut !== undefined) return shut;
  }
  return 0;
}

/** A photo that lives. */
export class Life {
  readonly #sway: Sway;
  readonly #face: FaceSeen;
  readonly #eyes: readonly Eye[];
  /** The photo with the eyes shut so far. */
  readonly #lids = new Map<number, Rgb>();

  constructor(size: { width: number; height: number }, face: FaceSeen) {
    this.#face = face;
    this.#sway = new Sway(size, face.points);
    this.#eyes = eyesOf(face.points);
  }

  /** False for a face whose eyes cannot be shut: one that looks aside, or is too small. */
  get blinks(): boolean {
    return this.#eyes.length > 0;
  }

  /** What is to be seen of the face in each picture. */
  faces(): FaceSeen[] {
    return Array.from({ length: ALIVE }, (_, n) => {
      const pose = this.#pose(n);
      const moved = (points: Points) => points.map((point) => this.#sway.moved(point, pose));
      const [left, right] = moved([this.#face.parting.left, this.#face.parting.right]);
      const parting = { ...this.#face.parting, left: left!, right: right! };
      return { ...this.#face, points: moved(this.#face.points), parting };
    });
  }

  /** Picture `n`, RGB rows without padding. @param photo always the same */
  draw(photo: Rgb, n: number): Uint8Array {
    return this.#sway.draw(this.#eyed(photo, blinkAt(n)), this.#pose(n));
  }

  #pose(n: number): Pose {
    const { scale, room } = this.#sway;
    const pose = poseAt(n);
    const far = (key: keyof Pose) => pose[key] * REACH[key] * room * (key === 'roll' ? 1 : scale);
    return {
      right: far('right'),
      down: far('down'),
      turn: far('turn'),
      nod: far('nod'),
      roll: far('roll'),
      breath: far('breath'),
    };
  }

  #eyed(photo: Rgb, shut: number): Rgb {
    if (shut === 0 || !this.blinks) return photo;
    let lids = this.#lids.get(shut);
    if (lids === undefined) {
      lids = { ...photo, data: Uint8Array.from(photo.data) };
      for (const eye of this.#eyes) shutEye(lids, eye, shut);
      this.#lids.set(shut, lids);
    }
    return lids;
  }
}
