import { type Colour, hex } from './colour.js';

/** Cuts of `hair-styles.ts`. */
export type HairStyle =
  | 'lob'
  | 'bob'
  | 'long'
  | 'waves'
  | 'bun'
  | 'ponytail'
  | 'fringe'
  | 'pixie'
  | 'afro'
  | 'curls'
  | 'parted'
  | 'quiff'
  | 'crop'
  | 'buzz'
  | 'bald'
  | 'swept';
/** Cuts of `clothes.ts`. */
export type Clothes = 'blazer' | 'shirt' | 'crew' | 'vneck' | 'turtleneck';

/** Everything that makes one drawn person. Lengths are design pixels (1/512 of the picture's width), from the eye line. */
export interface Person {
  readonly name: string;
  readonly sex: 'female' | 'male';
  /** Years it should suggest, 18 to 70. */
  readonly age: number;
  /** Size of the whole head; 1 = 271 design pixels from crown to chin. */
  readonly head: number;
  readonly skin: { readonly base: Colour; readonly blush: number; readonly freckles: number };
  readonly face: {
    readonly cheek: number;
    readonly jaw: number;
    readonly chin: number;
    readonly chinWidth: number;
  };
  readonly eyes: {
    readonly apart: number;
    readonly width: number;
    readonly height: number;
    readonly tilt: number;
    readonly iris: Colour;
    readonly lash: number;
  };
  readonly brows: {
    readonly y: number;
    readonly thick: number;
    readonly arch: number;
    readonly colour: Colour;
  };
  readonly nose: { readonly length: number; readonly width: number };
  readonly lips: {
    readonly y: number;
    readonly width: number;
    readonly upper: number;
    readonly lower: number;
    readonly smile: number;
    readonly colour: Colour;
  };
  readonly hair: {
    readonly style: HairStyle;
    readonly colour: Colour;
    readonly part: number;
    readonly volume: number;
  };
  readonly beard: 'none' | 'stubble' | 'full';
  readonly glasses: boolean;
  readonly earrings: boolean;
  readonly necklace: boolean;
  readonly clothes: { readonly style: Clothes; readonly colour: Colour; readonly under: Colour };
  readonly background: { readonly colour: Colour; readonly glow: number };
  /** Side the key light comes from (-1 = viewer's left), its warmth and its contrast. */
  readonly light: { readonly side: -1 | 1; readonly warmth: number; readonly contrast: number };
}

/** The default presenter, tuned by hand. */
export const AVA: Person = {
  name: 'ava',
  sex: 'female',
  age: 29,
  head: 1.08,
  skin: { base: hex('#efc5a8'), blush: 0.6, freckles: 0 },
  face: { cheek: 91, jaw: 71, chin: 134, chinWidth: 23 },
  eyes: { apart: 42.5, width: 23.6, height: 12.3, tilt: 2.8, iris: hex('#80562f'), lash: 1 },
  brows: { y: -32, thick: 6.6, arch: 6, colour: hex('#553828') },
  nose: { length: 54, width: 15.5 },
  lips: { y: 90, width: 34.5, upper: 8.6, lower: 12.8, smile: 6.2, colour: hex('#c9686a') },
  hair: { style: 'lob', colour: hex('#553322'), part: 28, volume: 1.2 },
  beard: 'none',
  glasses: false,
  earrings: true,
  necklace: true,
  clothes: { style: 'blazer', colour: hex('#25406a'), under: hex('#f4f1ec') },
  background: { colour: hex('#a9bcc8'), glow: 1 },
  light: { side: -1, warmth: 0.5, contrast: 1.15 },
};
