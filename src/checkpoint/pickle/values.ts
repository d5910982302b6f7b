/**
 * What a pickle can hold, as plain data: nothing in it has behaviour.
 */

/** A tuple; a list is an array. */
export class Tuple {
  readonly items: readonly Value[];

  constructor(items: readonly Value[]) {
    this.items = items;
  }
}

/** A class or function that the allow-list knows: its name, and what calling it gives. */
export class Constructor {
  /** `module.name`, as Python says it. */
  readonly name: string;
  readonly call: (args: readonly Value[]) => Value;

  constructor(name: string, call: (args: readonly Value[]) => Value) {
    this.name = name;
    this.call = call;
  }
}

/** Something that a constructor of the allow-list made, and perhaps was given its state afterwards. */
export class Made<T = unknown> {
  readonly kind: string;
  value: T;

  constructor(kind: string, value: T) {
    this.kind = kind;
    this.value = value;
  }
}

export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | Tuple
  | Value[]
  | Map<Value, Value>
  | Set<Value>
  | Constructor
  | Made;

/** What is known about the names in a pickle. */
export interface Allowed {
  /** The constructor of that name, or undefined: then the pickle is refused. */
  find(module: string, name: string): Constructor | undefined;
  /** What stands behind a persistent id. Throws PickleError for one that it does not know. */
  persistent(id: Value): Value;
  /** Gives an object its state; false when it can have none. */
  build(target: Made, state: Value): boolean;
}
