/**
 * Properties of an element: declared once with `as const satisfies Properties`, and from that declaration come the
 * type of `this.props`, the GObject properties, the checks, and what `inspect` prints.
 */

interface Common {
  /** What it does, in a phrase without a full stop. */
  readonly blurb: string;
  /** Unit of the number: `ms`, `Hz`, `frames`, … */
  readonly unit?: string;
  /** When it may be set from outside: up to READY, or at any time. Without it: before the element is started. */
  readonly mutable?: 'ready' | 'playing';
  /** Never printed, never dumped, not readable from outside. */
  readonly secret?: boolean;
  /** Set by the element only. */
  readonly readonly?: boolean;
}

export interface TextProperty extends Common {
  readonly type: 'string' | 'path';
  readonly default: string;
}

export interface BoolProperty extends Common {
  readonly type: 'bool';
  readonly default: boolean;
}

export interface NumberProperty extends Common {
  readonly type: 'int' | 'uint' | 'int64' | 'uint64' | 'double';
  readonly default: number;
  /** Smallest and largest legal value; the type's own limits when left out. */
  readonly min?: number;
  readonly max?: number;
  /** The range that makes sense, for sliders. */
  readonly ui?: readonly [number, number];
}

export interface EnumProperty extends Common {
  readonly type: 'enum';
  readonly values: readonly [string, ...string[]];
  readonly default: string;
}

export type Property = TextProperty | BoolProperty | NumberProperty | EnumProperty;

/** Properties by name. Names are kebab-case, as launch lines are. */
export type Properties = Readonly<Record<string, Property>>;

/** The TypeScript value behind a declared property. */
export type ValueOf<P> = P extends { type: 'bool' }
  ? boolean
  : P extends { type: 'enum'; values: readonly (infer V)[] }
    ? V
    : P extends { type: 'string' | 'path' }
      ? string
      : number;

/** What `this.props` is: every property by its declared name, live and writable. */
export type Values<P> = { -readonly [K in keyof P]: ValueOf<P[K]> };

/**
 * What the declaration cannot say by itself: the default of an enum is one of its values. A class that extends
 * `Source<typeof X.properties>` with a wrong default does not compile.
 */
export type Checked<P> = {
  readonly [K in keyof P]: P[K] extends { type: 'enum'; values: readonly (infer V)[]; default: infer D }
    ? D extends V
      ? P[K]
      : { readonly default: V }
    : P[K];
};

/** Limits of the number types; doubles are limited by GObject's own. */
export const LIMITS: Readonly<Record<NumberProperty['type'], readonly [number, number]>> = {
  int: [-(2 ** 31), 2 ** 31 - 1],
  uint: [0, 2 ** 32 - 1],
  // Beyond 2^53 a JavaScript number is not exact any more.
  int64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  uint64: [0, Number.MAX_SAFE_INTEGER],
  double: [-Number.MAX_VALUE, Number.MAX_VALUE],
};
