/**
 * The outside world as flite sees it: nothing at all.
 *
 * Called as a library it reads no file, no argument and no clock. What it prints (complaints about odd input) is thrown away: it may
 * hold what somebody said, and belongs in no log. `node:wasi` is not used: a series of instances in one process ended
 * in a segmentation fault, and it warns on every start.
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

/** Thrown when the program wants to end: from then on the instance is not to be used. */
export class ProgramExit extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`the program ended with status ${status}`);
    this.name = 'ProgramExit';
    this.status = status;
  }
}

/**
 * Answers to everything a module asks of `wasi_snapshot_preview1`: it can write into the void and it can end; there are no files. `memory`
 * is asked for when the program runs, not before.
 */
export function emptyWorld(module: WasmModule, memory: () => WasmMemory): WasmImports {
  const calls: Record<string, WasmCall> = {};
  for (const { name } of WebAssembly.Module.imports(module)) calls[name] = () => BAD_DESCRIPTOR;
  calls['proc_exit'] = (status = 0) => {
    throw new ProgramExit(status);
  };
  calls['fd_write'] = (_file = 0, parts = 0, count = 0, written = 0) => {
    const view = new DataView(memory().buffer);
    let total = 0;
    for (let n = 0; n < count; n++) total += view.getUint32(parts + 8 * n + 4, true);
    view.setUint32(written, total, true);
    return SUCCESS;
  };
  return { wasi_snapshot_preview1: calls };
}
