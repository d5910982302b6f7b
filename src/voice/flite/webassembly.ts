/** The few parts of WebAssembly this room uses, typed: the project's library setting leaves browser types out, where they are declared. */

/** Memory of an instance; the buffer changes whenever it grows. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
}

/** Functions an instance can call by number. */
export interface WasmTable {
  readonly length: number;
  get(index: number): unknown;
  set(index: number, value: unknown): void;
}

/** A function of an instance. */
export type WasmCall = (...args: number[]) => number;

/** Functions given to an instance, by module and name. */
export type WasmImports = Record<string, Record<string, WasmCall>>;

/** A compiled program; opaque. */
export interface WasmModule {
  readonly [Symbol.toStringTag]: string;
}

interface Api {
  Module: {
    new (bytes: Uint8Array<ArrayBuffer>): WasmModule;
    imports(module: WasmModule): { module: string; name: string; kind: string }[];
  };
  Instance: new (module: WasmModule, imports: WasmImports) => { readonly exports: Record<string, unknown> };
}

/** The global of the same name. */
export const WebAssembly: Api = (globalThis as unknown as { WebAssembly: Api }).WebAssembly;
