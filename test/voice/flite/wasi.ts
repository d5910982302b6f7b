import t from 'tap';
import { ProgramExit, SilentWorld } from '../../../src/voice/flite/wasi.js';
import { WebAssembly } from '../../../src/voice/flite/webassembly.js';

/** (module (import "wasi_snapshot_preview1" ...) for fd_write, proc_exit and path_open */
function asker(): ReturnType<SilentWorld['imports']>[string] & { world: SilentWorld; memory: Uint8Array } {
  const name = [...Buffer.from('wasi_snapshot_preview1')];
  const entry = (field: string): number[] => [
    name.length,
    ...name,
    field.length,
    ...Buffer.from(field),
    0,
    0,
  ];
  const imports = [3, ...entry('fd_write'), ...entry('proc_exit'), ...entry('path_open')];
  const program = [0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 2, imports.length, ...imports];
  const world = new SilentWorld();
  const calls = world.imports(new WebAssembly.Module(Uint8Array.from(program)))['wasi_snapshot_preview1']!;
  const buffer = new ArrayBuffer(2048);
  world.attach({ buffer });
  return Object.assign(calls, { world, memory: new Uint8Array(buffer) }) as never;
}

function write(calls: ReturnType<typeof asker>, file: number, text: string): number {
  calls.memory.set(Buffer.from(text), 100);
  const view = new DataView(calls.memory.buffer);
  view.setUint32(0, 100, true);
  view.setUint32(4, text.length, true);
  t.equal(calls['fd_write']!(file, 0, 1, 8), 0);
  return view.getUint32(8, true);
}

t.test('collects what is printed to standard error, and only that', async (t) => {
  const calls = asker();
  t.equal(write(calls, 2, 'odd input\n'), 10);
  t.equal(write(calls, 1, 'ordinary'), 8);
  t.equal(calls.world.complaints(), 'odd input');
  t.equal(calls.world.complaints(), '', 'once');
});

t.test('keeps no more than a few lines of complaints', async (t) => {
  const calls = asker();
  for (let n = 0; n < 100; n++) write(calls, 2, 'x'.repeat(400));
  t.ok(calls.world.complaints().length <= 1000);
});

t.test('has no files', async (t) => {
  t.equal(asker()['path_open']!(), 8);
});

t.test('an exit is an exception', async (t) => {
  t.throws(() => asker()['proc_exit']!(3), new ProgramExit(3));
});
