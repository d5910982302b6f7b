/**
 * The outside world as flite sees it: nothing but a place to complain.
 *
 * Called as a library it reads no file, no argument and no clock; what it prints (warnings about odd input) is collected for error
 * texts. `node:wasi` is not used: a series of instances in one process ended in a segmentation fault, and it warns on every start.
 */

import {
  type WasmCall,
  type WasmImports,
  type WasmMemory,
  type WasmModule,
  WebAssembly,
} from './webassembly.js';

const SUCCESS = 0;
const BAD_DESCRIPTOR = 8;
const STANDARD_ERROR = 2;
/** Characters of complaints kept. */
const KEPT = 500;

/** Thrown when the program wants to end: from then on the instance is not to be used. */
export class ProgramExit extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`the program ended with status ${status}`);
    this.name = 'ProgramExit';
    this.status = status;
  }
}

/** Answers for `wasi_snapshot_preview1`. Every call it does not know says that there is no such file. */
export class SilentWorld {
  #memory: WasmMemory | undefined;
  #complaints = '';

  /** Gives the memory the calls point into; before that nothing may be called. */
  attach(memory: WasmMemory): void {
    this.#memory = memory;
  }

  /** What was printed to standard error since the last time, shortened. */
  complaints(): string {
    const all = this.#complaints.trim();
    this.#complaints = '';
    return all;
  }

  /** The functions a module asks for. */
  imports(module: WasmModule): WasmImports {
    const calls: Record<string, WasmCall> = {};
    for (const { name } of WebAssembly.Module.imports(module)) calls[name] = () => BAD_DESCRIPTOR;
    calls['proc_exit'] = (status = 0) => {
      throw new ProgramExit(status);
    };
    calls['fd_write'] = (file = 0, parts = 0, count = 0, written = 0) =>
      this.#write(file, parts, count, written);
    return { wasi_snapshot_preview1: calls };
  }

  #write(file: number, parts: number, count: number, written: number): number {
    const memory = this.#memory!.buffer;
    const view = new DataView(memory);
    let total = 0;
    for (let n = 0; n < count; n++) {
      const at = view.getUint32(parts + 8 * n, true);
      const length = view.getUint32(parts + 8 * n + 4, true);
      total += length;
      if (file === STANDARD_ERROR && this.#complaints.length < KEPT) {
        this.#complaints += new TextDecoder().decode(new Uint8Array(memory, at, Math.min(length, KEPT)));
      }
    }
    view.setUint32(written, total, true);
    return SUCCESS;
  }
}
