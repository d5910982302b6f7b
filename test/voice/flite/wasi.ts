import t from 'tap';
import { emptyWorld, ProgramExit } from '../../../src/voice/flite/wasi.js';
import { type WasmCall, WebAssembly } from '../../../src/voice/flite/webassembly.js';

const buffer = new ArrayBuffer(64);

/** The answers to a module that asks for three of them. */
function world(): Record<string, WasmCall> {
  const from = 'wasi_snapshot_preview1';
  const entry = (field: string): number[] => [
    from.length,
    ...Buffer.from(from),
    field.length,
    ...Buffer.from(field),
    0,
    0,
  ];
  const imports = [3, ...entry('fd_write'), ...entry('proc_exit'), ...entry('path_open')];
  const module = new WebAssembly.Module(
    Uint8Array.from([0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 2, imports.length, ...imports]),
  );
  return emptyWorld(module, () => ({ buffer }))[from]!;
}

t.test('takes everything that is printed, as if it were', async (t) => {
  const view = new DataView(buffer);
  view.setUint32(4, 10, true);
  view.setUint32(12, 7, true);
  t.equal(world()['fd_write']!(2, 0, 2, 16), 0);
  t.equal(view.getUint32(16, true), 17);
});

t.test('has no files', async (t) => {
  t.equal(world()['path_open']!(), 8);
});

t.test('an exit is an exception', async (t) => {
  t.throws(() => world()['proc_exit']!(3), new ProgramExit(3));
});
