import { hex, mix, shift } from './colour.js';
import type { HairStyle, Person } from './person.js';
import { Random } from './random.js';

const FEMALE_HAIR = [
  'lob',
  'bob',
  'long',
  'waves',
  'bun',
  'ponytail',
  'fringe',
  'pixie',
  'afro',
  'curls',
] as const;
const MALE_HAIR = ['parted', 'quiff', 'crop', 'buzz', 'bald', 'swept', 'curls', 'afro'] as const;
const HAIR_COLOURS = [
  '#1c1715',
  '#2e2019',
  '#4a2e20',
  '#6b4429',
  '#8a5a34',
  '#b98a52',
  '#d8b67c',
  '#8c3f22',
  '#a9572e',
];
const SKIN_TONES = [
  '#f5d8c6',
  '#f0c9ac',
  '#e8b896',
  '#dba680',
  '#c88e68',
  '#ad7550',
  '#916040',
  '#784c35',
  '#5f3c2d',
];
const IRIS_COLOURS = ['#5b3a22', '#7a5230', '#4a2f20', '#3f6b8a', '#5d86a3', '#5f7a4a', '#7c7a44', '#6f7780'];
const CLOTH_COLOURS = [
  '#23395d',
  '#2f3b45',
  '#5b2f3a',
  '#2f5a52',
  '#7b4b3a',
  '#3f4f7a',
  '#8a8f96',
  '#b04a3f',
  '#d7c3a5',
  '#4d6b46',
  '#6b4f86',
  '#e3e0da',
  '#1f2226',
  '#3b7a8c',
  '#c98a3a',
];
const BACK_COLOURS = [
  '#a9bcc8',
  '#c9c2b6',
  '#b6c4b4',
  '#c8b7b2',
  '#8fa3b5',
  '#d6d3cc',
  '#7f8f99',
  '#b9b3c6',
  '#9fb7b5',
  '#d3b999',
  '#59666f',
  '#6d5f66',
];

/** A person from a number: skin, proportions, hair, clothes, light. The same seed always gives the same person. */
export function personFromSeed(seed: number): Person {
  const r = new Random(seed * 2654435761 + 97);
  const female = r.chance(0.5);
  const age = Math.round(r.around(38, 22));
  const tone = r.next() * (SKIN_TONES.length - 1.001);
  const [from, to] = [SKIN_TONES[Math.floor(tone)]!, SKIN_TONES[Math.floor(tone) + 1]!];
  const base = shift(mix(hex(from), hex(to), tone % 1), 0, r.around(0, 0.008), r.around(0, 7));
  const light = 0.86 - base.l;
  const darkHair = light > 0.16;
  const natural = hex(
    r.pick(HAIR_COLOURS, darkHair ? [6, 5, 2, 1, 0.2, 0.1, 0.1, 0.1, 0.1] : [2, 3, 4, 4, 3, 2, 2, 1, 1]),
  );
  const grey = age > 48 ? r.next() : 0;
  const hair = mix(natural, hex('#c4c1bd'), grey * 0.85);
  const lipBase = mix(shift(base, -0.13, 0.045, -28), hex('#b5524f'), r.between(0.1, female ? 0.6 : 0.25));
  const style = r.pick<HairStyle>(female ? FEMALE_HAIR : MALE_HAIR);
  const jawReach = female ? 7 : 8;
  return {
    name: `seed-${seed}`,
    sex: female ? 'female' : 'male',
    age,
    head: r.around(1.03, 0.05),
    skin: {
      base,
      blush: r.between(0.15, female ? 0.7 : 0.4),
      freckles: light < 0.1 && r.chance(0.25) ? r.between(0.3, 1) : 0,
    },
    face: {
      cheek: r.around(93, 6),
      jaw: r.around(female ? 72 : 79, jawReach),
      chin: r.around(female ? 135 : 141, 6),
      chinWidth: r.around(female ? 25 : 33, 6),
    },
    eyes: {
      apart: r.around(42, 3),
      width: r.around(female ? 22 : 20.5, 1.8),
      height: r.around(female ? 11.6 : 9.8, 1.8),
      tilt: r.around(1.8, 2.4),
      iris: hex(r.pick(IRIS_COLOURS, darkHair ? [6, 3, 9, 0.03, 0.03, 0.15, 0.15, 0.05] : undefined)),
      lash: female ? r.between(0.6, 1) : 0.25,
    },
    brows: {
      y: r.around(female ? -30 : -26, 3.5),
      thick: r.around(female ? 6.6 : 9.5, 2),
      arch: r.around(female ? 6.5 : 3.5, 3),
      colour: shift(mix(hair, hex('#3a2a22'), 0.35), -0.03),
    },
    nose: { length: r.around(female ? 55 : 58, 5), width: r.around((female ? 16.5 : 19) + 8 * light, 3) },
    lips: {
      y: r.around(female ? 90 : 94, 4),
      width: r.around(female ? 33 : 35, 4),
      upper: r.around((female ? 8 : 6) + 6 * light, 2),
      lower: r.around((female ? 12 : 9.5) + 7 * light, 2.5),
      smile: r.around(3.6, 2.6),
      colour: lipBase,
    },
    hair: { style, colour: hair, part: r.around(0, 40), volume: r.around(1, 0.14) },
    beard: female ? 'none' : r.pick(['none', 'stubble', 'full'] as const, [5, 3, 2]),
    glasses: r.chance(0.16),
    earrings: female && r.chance(0.5),
    necklace: false,
    clothes: {
      style: r.pick(['blazer', 'shirt', 'crew', 'vneck', 'turtleneck'] as const),
      colour: hex(r.pick(CLOTH_COLOURS)),
      under: hex(r.pick(['#f4f1ec', '#e8edf2', '#2a2d33', '#dcd2c6', '#cfd9e6'])),
    },
    background: { colour: hex(r.pick(BACK_COLOURS)), glow: r.between(0.4, 1.2) },
    light: { side: r.chance(0.5) ? -1 : 1, warmth: r.between(0, 1), contrast: r.between(0.7, 1.25) },
  };
}
