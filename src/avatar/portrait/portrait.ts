import sharp from 'sharp';
import { neck } from './body.js';
import { brows } from './brows.js';
import { clothes } from './clothes.js';
import { css, hex, mix, shift } from './colour.js';
import { beard, glasses } from './extras.js';
import { eyes } from './eyes.js';
import { face, skinPaints } from './face.js';
import { ears, nose } from './features.js';
import { type Geometry, measure } from './geometry.js';
import { hairBack, hairFront } from './hair.js';
import { Head, type Pose, STILL } from './head.js';
import { lipLine, mouth } from './mouth.js';
import { personFromSeed } from './people.js';
import { AVA, type Person } from './person.js';
import { Definitions, ellipse, type Point } from './svg.js';

/** How to draw; everything has a default: a 512x512 picture of the neutral face. */
export interface PortraitOptions {
  /** Picture size in pixels, each 64 to 2048. Height may be 1 to 1.5 times the width. */
  readonly width?: number;
  readonly height?: number;
  /** Head turn, nod, tilt (degrees) and shift (1/512 of the width). */
  readonly pose?: Partial<Pose>;
  /** 0 open to 1 shut. */
  readonly blink?: number;
  /** -1 to 1, right and down positive (viewer's view). */
  readonly gaze?: Point;
  /** 0 breathed out to 1 breathed in. */
  readonly breath?: number;
  /** Raised brows, -1 to 1. */
  readonly brow?: number;
  /** Added to the person's smile, design pixels the corners rise. The lips stay closed. */
  readonly mouth?: { readonly smile?: number };
}

/** A drawn portrait: the SVG text and what is where in the picture. */
export interface Portrait {
  readonly svg: string;
  readonly geometry: Geometry;
  readonly person: Person;
}

/** The person with this seed; 'ava' is the hand-tuned default presenter. */
export const person = (who: number | 'ava' | Person): Person =>
  who === 'ava' ? AVA : typeof who === 'number' ? personFromSeed(who) : who;

/** Draws a person, mouth closed. Pure: equal arguments give equal text. */
export function drawPortrait(who: number | 'ava' | Person, options: PortraitOptions = {}): Portrait {
  const { width = 512, height = width, blink = 0, gaze = [0, 0], breath = 0, brow = 0 } = options;
  const base = person(who);
  const smile = base.lips.smile + (options.mouth?.smile ?? 0);
  const p: Person = { ...base, lips: { ...base.lips, smile } };
  const pose: Pose = { ...STILL, ...options.pose };
  const tall = (height / width) * 512;
  // Eyes at 40 % of a square; of a taller picture the room is shared between head and chest.
  const origin: Point = [256, 212 + (tall - 512) * 0.36];
  const rise = breath * 2.2;
  const head = new Head(p, { ...pose, y: pose.y - rise * 0.55 }, origin);
  const torso = (x: number, y: number): Point => [
    256 + pose.x * 0.25 + x * (1 + breath * 0.004) * p.head,
    origin[1] + y * p.head - rise * Math.min(1, Math.max(0, (y - 120) / 60)),
  ];
  const chinNow = head.at(0, p.face.chin);
  const chinRest: Point = [256, origin[1] + p.face.chin * p.head];
  const follow: Point = [chinNow[0] - chinRest[0], (chinNow[1] - chinRest[1]) * 0.6];
  const defs = new Definitions();
  const skin = skinPaints(p);
  const look = { blink, gaze, brow };
  const parts = [
    background(p, tall, defs),
    hairBack(p, head, defs),
    neck(p, torso, follow, defs, skin),
    clothes(p, torso, defs),
    ears(p, head, defs, skin),
    face(p, head, defs, skin),
    beard(p, head, defs, skin),
    mouth(p, head, defs, skin),
    nose(p, head, defs, skin),
    eyes(p, head, defs, skin, look),
    brows(p, head, defs, look),
    hairFront(p, head, defs),
    glasses(p, head, defs),
  ].join('');
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 512 ${Math.round(tall * 1000) / 1000}">${defs}${parts}</svg>`;
  return {
    svg,
    person: p,
    geometry: measure(p, head, lipLine(p), { width, height, scale: width / 512 }, look),
  };
}

/** The portrait's pixels: RGB, 8 bit, no alpha, `width * height * 3` bytes. */
export async function rasterize(
  portrait: Portrait,
): Promise<{ data: Buffer; width: number; height: number }> {
  const { data, info } = await sharp(Buffer.from(portrait.svg))
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

function background({ background: b, light }: Person, tall: number, defs: Definitions): string {
  const far = css(shift(b.colour, -0.1, 0.004));
  const near = css(mix(b.colour, hex('#ffffff'), 0.32 * b.glow));
  const wall = defs.linear(
    [light.side < 0 ? 0 : 512, 0],
    [light.side < 0 ? 512 : 0, tall],
    [
      [0, css(shift(b.colour, 0.03))],
      [1, far],
    ],
  );
  const glow = defs.radial([256 + light.side * 60, tall * 0.36], 330, [
    [0, near, 0.85],
    [0.55, css(b.colour), 0.4],
    [1, css(b.colour), 0],
  ]);
  return `<rect width="512" height="${tall}" fill="${wall}"/>${ellipse([256 + light.side * 60, tall * 0.36], 340, 340, glow)}`;
}
