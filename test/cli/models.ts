import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { run } from '../../src/cli/main.js';
import { PACKAGE } from '../../src/graph/find.js';
import type { EncoderFamily } from '../../src/inference/index.js';
import { putWeights } from '../checkpoint/support/musetalk.js';
import { ears } from '../support/ears.js';
import { fakeTerminal } from '../support/terminal.js';

const fixtures = join(PACKAGE, 'test', 'fixtures', 'checkpoint');
const folder = join(t.testdir(), 'models');
process.env['TALKGRAPH_MODELS'] = folder;

async function models(...args: string[]) {
  const terminal = fakeTerminal();
  const exit = await run(['models', ...args], terminal);
  return { exit, ...terminal.written };
}

const checkpoint = join(fixtures, 'wav2lip-96-legacy.pth');

t.test('imports, says how fast it is, and lists', async (t) => {
  const { exit, out } = await models('import', checkpoint, '--name', 'mine');
  t.equal(exit, 0);
  t.match(out, `mine: Wav2Lip 96, in ${join(folder, 'mine')}\n`);
  t.match(out, /^One picture takes [\d.]+ ms on one core, [\d.]+ a second; live needs 25\.$/m);
  const list = await models();
  t.match(list.out, /^tinylip +wav2lip 96, mel; Apache-2\.0$/m);
  t.match(list.out, /^mine +wav2lip 96, mel; not stated in the file; .*non-commercial use$/m);
  const data = JSON.parse((await models('--json')).out);
  t.match(
    data.find((one: { name: string }) => one.name === 'mine'),
    { family: 'wav2lip', size: 96, path: join(folder, 'mine', 'mine.onnx') },
  );
});

t.test('options reach the manifest', async (t) => {
  const args = ['--fp16', '--licence', 'mine alone', '--window-offset-ms', '-80', '--no-run'];
  const { exit, out } = await models('import', checkpoint, '--name', 'half', ...args);
  t.equal(exit, 0);
  t.notMatch(out, /One picture/);
  t.match((await models()).out, /^half +wav2lip 96, mel; mine alone$/m);
  const ave = join(fixtures, 'ultralight-ave-320.safetensors');
  const spoken = await models('import', ave, '--name', 'ave', '--features', 'ave');
  t.match(spoken.out, /hears ave features, and there is no encoder that makes them: import one with/);
});

t.test('an encoder is imported, tried on speech, listed, and found by those that hear it', async (t) => {
  const file = (family: EncoderFamily) => {
    const path = join(folder, `${family}.onnx`);
    writeFileSync(path, ears(family));
    return path;
  };
  const { exit, out } = await models('import', file('hubert'), '--name', 'ears', '--licence', 'MIT');
  t.equal(exit, 0);
  t.match(out, /^ears: HuBERT encoder, vectors of 1024 \(ONNX\), in /m);
  t.match(
    out,
    /^A second of speech takes it \d+ ms on one core \(context=short\); live needs less than 1000\.$/m,
  );
  // This one hears every row by itself; only the normalisation of the stretch is another.
  t.match(
    out,
    /^Features with context=short are [\d.]+ % off those with context=reference \(RMS, [3-9]\.\d s of speech\)\.$/m,
  );
  const rows = await models('import', file('ave'), '--name', 'looks');
  t.match(rows.out, /takes it \d+ ms/);
  t.notMatch(rows.out, /context=reference/);
  t.match((await models()).out, /^ears +hubert encoder; MIT$/m);
  t.match((await models('check', 'ears')).out, /^ears +good: [\d.]+ ms on one core/m);
  const face = join(fixtures, 'ultralight-hubert.pth');
  const lips = await models('import', face, '--name', 'lips');
  t.match(lips.out, /It hears hubert features; the encoder ears makes them\./);
});

t.test('a MuseTalk from a folder, and what it hears with', async (t) => {
  const from = t.testdir({ musetalkV15: {}, 'sd-vae': {}, whisper: {} });
  const { out: none, err, exit: failed } = await models('import', from, '--name', 'muse', '--no-run');
  t.match({ none, err, failed }, { none: '', err: /There is no UNet of a MuseTalk in/, failed: 1 });
  const unet = putWeights(join(from, 'musetalkV15', 'unet.pth'), 'unet');
  const vae = putWeights(join(from, 'sd-vae', 'diffusion_pytorch_model.bin'), 'vae');
  putWeights(join(from, 'whisper', 'pytorch_model.bin'), 'whisper');
  const { exit, out } = await models('import', from, '--name', 'muse', '--no-run');
  t.equal(exit, 0);
  t.match(out, `muse: MuseTalk, in ${join(folder, 'muse')}\nwhisper: Whisper encoder (128 wide), in `);
  const list = (await models()).out;
  t.match(list, /^muse +musetalk 256, whisper; not stated in the files; MuseTalk: /m);
  t.match(list, /^whisper +whisper encoder; not stated in the file; /m);
  const half = await models('import', unet, '--vae', vae, '--name', 'half-muse', '--fp16', '--no-run');
  t.equal(half.exit, 0);
  t.match(await models('import', unet, '--name', 'x'), { exit: 1, err: /--vae sd-vae/ });
  rmSync(join(folder, 'half-muse', 'latents.onnx'));
  const check = await models('check', 'half-muse');
  t.match(check, { exit: 1, out: /half-muse has a manifest but no weights: .*latents\.onnx is missing/ });
});

t.test('what cannot be done is said, and nothing is left', async (t) => {
  const cases: [string[], number, RegExp][] = [
    [['import'], 2, /which file should be imported/],
    [['import', checkpoint], 2, /what should the model be called/],
    [['import', checkpoint, 'b', '--name', 'x'], 2, /"b" is one word too many/],
    [['import', checkpoint, '--name', 'mine'], 2, /There is a model mine already.*--replace/],
    [['import', checkpoint, '--name', '../x'], 2, /cannot be the name of a model/],
    [['import', checkpoint, '--name', 'x', '--size', 'big'], 2, /--size takes a number, not "big"/],
    [
      ['import', checkpoint, '--name', 'x', '--features', 'hubart'],
      2,
      /no features "hubart", did you mean "hubert"/,
    ],
    [['import', checkpoint, '--name', 'x', '--sise', '96'], 2, /no option --sise, did you mean --size/],
    [['import', 'none.pth', '--name', 'x'], 1, /There is no file none\.pth/],
    [['import', join(PACKAGE, 'README.md'), '--name', 'x'], 1, /this is no checkpoint/],
    [['imprt'], 2, /models knows no "imprt", did you mean "import"/],
  ];
  for (const [args, exit, err] of cases) t.match(await models(...args), { exit, err }, args.join(' '));
  t.notOk(existsSync(join(folder, 'x')));
});

t.test('a model without its weights, and one whose manifest is wrong, are listed as such', async (t) => {
  rmSync(join(folder, 'half', 'half.onnx'));
  writeFileSync(join(folder, 'ave', 'model.yaml'), 'name: ave\n');
  const { exit, out } = await models();
  t.equal(exit, 0);
  t.match(out, /^half +its weights are missing: .*half\.onnx$/m);
  t.match(out, /^ave +The manifest .* is not right: family/m);
});

t.test('help', async (t) => {
  const terminal = fakeTerminal();
  t.equal(await run(['help', 'models'], terminal), 0);
  t.match(terminal.written.out, /talkgraph models import FILE --name NAME/);
});
