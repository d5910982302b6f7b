import t from 'tap';
import { exposeFunctions } from '../../../src/voice/flite/binary.js';
import { WebAssembly } from '../../../src/voice/flite/webassembly.js';

/** (module (func $hidden (result i32) i32.const 42) (func $shown (result i32) i32.const 7) (export "shown" (func $shown)) (table 1 funcref)) with names. */
// biome-ignore format: one section a line
const PROGRAM = Uint8Array.from([
  0, 97, 115, 109, 1, 0, 0, 0,
  1, 5, 1, 96, 0, 1, 127,
  3, 3, 2, 0, 0,
  4, 4, 1, 112, 0, 1,
  7, 9, 1, 5, 115, 104, 111, 119, 110, 0, 1,
  10, 11, 2, 4, 0, 65, 42, 11, 4, 0, 65, 7, 11,
  0, 7, 4, 106, 117, 110, 107, 1, 2,
  0, 23, 4, 110, 97, 109, 101, 1, 16, 2, 0, 6, 104, 105, 100, 100, 101, 110, 1, 5, 115, 104, 111, 119, 110,
]);

t.test('makes an inner function callable by its name, and the table', async (t) => {
  const program = exposeFunctions(PROGRAM, ['hidden', 'shown']);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(program), {});
  t.same(Object.keys(exports).sort(), ['hidden', 'shown', 'table']);
  t.equal((exports['hidden'] as () => number)(), 42);
  t.equal((exports['shown'] as () => number)(), 7);
});

t.test('leaves names and debug sections out', async (t) => {
  const program = exposeFunctions(PROGRAM, []);
  t.notOk(Buffer.from(program).includes('junk'));
  t.notOk(Buffer.from(program).includes('hidden'));
});

t.test('says which function another build lacks', async (t) => {
  t.throws(() => exposeFunctions(PROGRAM, ['gone']), {
    message: 'no function gone in the program',
  });
});

t.test('refuses what is no program, or half a one', async (t) => {
  t.throws(() => exposeFunctions(Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8]), []), {
    message: 'not a WebAssembly program',
  });
  t.throws(() => exposeFunctions(PROGRAM.subarray(0, 40), []), { message: 'the program ends too early' });
  t.throws(() => exposeFunctions(new Uint8Array(0), []), { message: 'the program ends too early' });
});
