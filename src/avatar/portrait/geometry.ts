import type { Look } from './eyes.js';
import type { Head } from './head.js';
import type { Person } from './person.js';
import { type Point, sample } from './svg.js';

/** What is where in a drawn picture. All lengths in pixels of that picture, x right, y down, not rounded. */
export interface Geometry {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly mouth: {
    /** Middle of the line between the lips. */
    readonly centre: Point;
    /** Half the distance between the corners. */
    readonly halfWidth: number;
    /** The corners, viewer's left and right. */
    readonly corners: readonly [Point, Point];
    /** 25 points along the line between the lips, left to right. */
    readonly line: readonly Point[];
    /** Height of the lips' outer edge above and below the middle of the line. */
    readonly upper: number;
    readonly lower: number;
    /** Tilt of the line through the corners, degrees clockwise. */
    readonly tilt: number;
  };
  /** Lowest point of the chin. */
  readonly chin: Point;
  /** Below the nose, where the upper lip begins. */
  readonly noseBase: Point;
  /** Centres of the eyes, viewer's left and right, and how far they are shut. */
  readonly eyes: { readonly left: Point; readonly right: Point; readonly blink: number };
  /** Eyebrows to chin, cheek to cheek. */
  readonly face: Box;
  /** The square a lip-sync model gets: the lips meet at 60 % of its height, 13 % lies below the chin. */
  readonly box: Box;
}

/** A rectangle in pixels of the picture, fractional. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/**
 * Where the lips meet and where the chin ends in the box, as parts of its height from the top. Room is left
 * below the chin because the jaw drops. tinylip is trained on exactly this crop (`models/tinylip`).
 */
export const MOUTH_LINE = 0.63;
export const CHIN_LINE = 0.87;

/** Measures a placed head. */
export function measure(
  person: Person,
  head: Head,
  lipLine: readonly Point[],
  picture: { width: number; height: number; scale: number },
  look: Look,
): Geometry {
  const px = ([x, y]: Point): Point => [x * picture.scale, y * picture.scale];
  const at = (x: number, y: number) => px(head.at(x, y));
  const seam = sample(lipLine, 25);
  const line = seam.map(([x, y]) => at(x, y));
  const [left, right] = [line[0]!, line[24]!];
  const { lips, eyes, face, nose, brows } = person;
  const size = person.head * picture.scale;
  const centre = line[12]!;
  const chin = px(head.at(0, face.chin, 20));
  // One size for a person, whatever the pose: a box that breathes would make the pasted mouth swim.
  const side = ((face.chin - seam[12]![1]) / (CHIN_LINE - MOUTH_LINE)) * size;
  return {
    name: person.name,
    width: picture.width,
    height: picture.height,
    mouth: {
      centre,
      halfWidth: Math.hypot(right[0] - left[0], right[1] - left[1]) / 2,
      corners: [left, right],
      line,
      upper: lips.upper * size,
      lower: lips.lower * size,
      tilt: (Math.atan2(right[1] - left[1], right[0] - left[0]) * 180) / Math.PI,
    },
    chin,
    noseBase: at(0, nose.length + 5),
    eyes: { left: at(-eyes.apart, 0), right: at(eyes.apart, 0), blink: look.blink },
    face: {
      x: at(-face.cheek, 8)[0],
      y: at(0, brows.y - brows.arch)[1],
      w: at(face.cheek, 8)[0] - at(-face.cheek, 8)[0],
      h: chin[1] - at(0, brows.y - brows.arch)[1],
    },
    box: { x: centre[0] - side / 2, y: centre[1] - MOUTH_LINE * side, w: side, h: side },
  };
}
