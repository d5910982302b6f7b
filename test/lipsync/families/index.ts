/** A new family is one file: in a copy of talkgraph that differs by nothing else it speaks. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { PACKAGE } from '../../../src/graph/find.js';
import { familyOf } from '../../../src/inference/families.js';
import { readManifest } from '../../../src/inference/index.js';
import { heardInput } from '../../../src/lipsync/heard.js';
import { putAvatar } from '../../support/drawnavatar.js';
import { constant, model, node } from '../../support/onnx.js';
import { renders } from '../../support/renders.js';
import { registerRig } from '../../support/script.js';

registerRig();

const folder = t.testdir();
const copy = join(folder, 'talkgraph');
const SIZE = 64;

/** What lies in the package and is not compiled is only read. */
function copyPackage(): void {
  cpSync(join(PACKAGE, 'dist', 'src'), join(copy, 'dist', 'src'), { recursive: true });
  cpSync(join(PACKAGE, 'dist', 'elements'), join(copy, 'dist', 'elements'), { recursive: true });
  cpSync(join(PACKAGE, 'src', 'cli', 'talkgraph.mjs'), join(copy, 'src', 'cli', 'talkgraph.mjs'));
  for (const name of ['node_modules', 'native', 'models', 'data', 'graphs', 'package.json']) {
    symlinkSync(join(PACKAGE, name), join(copy, name));
  }
}

/** A net of the family: it paints the negative, paler the louder it is. */
function putGlow(): void {
  const onnx = model({
    nodes: [
      node('ReduceMean', ['sound'], 'mean', { axes: [1, 2, 3], keepdims: 1 }),
      node('Mul', ['mean', 'little'], 'louder'),
      node('Add', ['louder', 'negative'], 'light'),
      node('Mul', ['light', 'face'], 'out'),
    ],
    constants: [constant('little', [1], [0.05]), constant('negative', [1], [-0.8])],
    inputs: { sound: [1, 80, 16], face: [3, SIZE, SIZE] },
    outputs: { out: [3, SIZE, SIZE] },
  });
  mkdirSync(join(folder, 'glow'));
  writeFileSync(join(folder, 'glow', 'glow.onnx'), onnx);
  writeFileSync(
    join(folder, 'glow', 'model.yaml'),
    `name: glow
family: glow
file: glow.onnx
sha256: ${createHash('sha256').update(onnx).digest('hex')}
licence: ours
size: ${SIZE}
window-offset-ms: 0
inputs: { sound: [1, 80, 16], face: [3, ${SIZE}, ${SIZE}] }
outputs: { out: [3, ${SIZE}, ${SIZE}] }
`,
  );
}

async function talkgraph(args: string[]): Promise<{ exit: number; out: string; err: string }> {
  const child = spawn(process.execPath, [join(copy, 'src', 'cli', 'talkgraph.mjs'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', TALKGRAPH_MODELS: folder },
  });
  const written = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => (written.out += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (written.err += text));
  const [exit] = (await once(child, 'close')) as [number];
  return { exit, ...written };
}

t.test('one file in src/lipsync/families and a model.yaml, and its model speaks', async (t) => {
  copyPackage();
  putGlow();
  await putAvatar(folder, 'one', { width: 320, height: 320, frames: 3, side: 180 });
  const before = await talkgraph(['models', 'check', 'glow']);
  t.match(before, {
    exit: 1,
    out: /family: Invalid option: expected one of "musetalk"\|"ultralight"\|"wav2lip"/,
  });

  cpSync(
    join(PACKAGE, 'dist', 'test', 'lipsync', 'support', 'glow.js'),
    join(copy, 'dist/src/lipsync/families/glow.js'),
  );
  const after = await talkgraph(['models', 'check', 'glow']);
  t.match(after, { exit: 0, out: /glow +good: / });
  await renders(t, folder, 'glow', 'one', talkgraph);
});

t.test('what sets families apart is read from their files', async (t) => {
  t.equal(heardInput(await readManifest('tinylip', [join(PACKAGE, 'models')])), 'mel');
  t.equal(heardInput({ family: 'ultralight' }), 'audio');
  t.equal(familyOf('musetalk').shown, 'latent');
  t.throws(
    () => familyOf('none'),
    /Expected one of musetalk, ultralight, wav2lip for a family but received none/,
  );
});
