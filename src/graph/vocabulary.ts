/**
 * What a graph may speak of: the elements that exist here, their pads and properties.
 *
 * The catalog of this process answers it (`catalog.ts`); everything that checks or prints graphs only needs this much.
 */

/** How the text of a property is read. `other` is anything that only GStreamer's own parser can judge. */
export type PropertyType =
  | 'string'
  | 'bool'
  | 'int'
  | 'uint'
  | 'int64'
  | 'uint64'
  | 'double'
  | 'enum'
  | 'flags'
  | 'fraction'
  | 'caps'
  | 'other';

/** One property of an element. */
export interface PropertyInfo {
  readonly name: string;
  readonly type: PropertyType;
  readonly writable: boolean;
  readonly secret: boolean;
  readonly blurb: string;
  readonly unit?: string;
  readonly min?: number | bigint;
  readonly max?: number | bigint;
  readonly default?: string | number | bigint | boolean;
  /** Nicks of an enum or of flags. */
  readonly values?: readonly string[];
  /** The numbers behind them, where they are known. */
  readonly numbers?: readonly number[];
}

/** One pad template: `src_%u` stands for any number. */
export interface PadInfo {
  readonly name: string;
  readonly direction: 'sink' | 'src';
  readonly presence: 'always' | 'sometimes' | 'request';
}

/** One element. */
export interface ElementInfo {
  readonly name: string;
  readonly blurb: string;
  readonly pads: readonly PadInfo[];
  readonly properties: ReadonlyMap<string, PropertyInfo>;
}

/** All elements of this process. */
export interface Vocabulary {
  /** Every factory name. */
  names(): Iterable<string>;
  /** One element, or undefined when there is none of that name. */
  element(name: string): ElementInfo | undefined;
  /** A sentence for a name that exists and still cannot be made here (a missing device or library). */
  whyNot?(name: string): string | undefined;
  /** What is wrong with a text of caps, as the rest of a sentence that begins with it; undefined when it is right. */
  capsProblem?(text: string): string | undefined;
}

/** A property by its name; `_` may stand for `-`, as in GStreamer. */
export function findProperty(element: ElementInfo, name: string): PropertyInfo | undefined {
  return element.properties.get(name) ?? element.properties.get(name.replaceAll('_', '-'));
}

/** The template a pad name belongs to: its own name, or one with `%u`, `%d` or `%s` that it fits. */
export function findPad(element: ElementInfo, direction: 'sink' | 'src', name: string): PadInfo | undefined {
  const pads = element.pads.filter((pad) => pad.direction === direction);
  return pads.find((pad) => pad.name === name) ?? pads.find((pad) => fits(pad.name, name));
}

function fits(template: string, name: string): boolean {
  if (!template.includes('%')) return false;
  const pattern = template
    .split(/(%[uds])/)
    .map((piece) => ({ '%u': '(?:\\d+|%u)', '%d': '(?:-?\\d+|%d)', '%s': '.+' })[piece] ?? literally(piece))
    .join('');
  return new RegExp(`^${pattern}$`).test(name);
}

function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
