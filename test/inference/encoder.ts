import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { findEncoder, isEncoder, netOf, readEncoder } from '../../src/inference/encoder.js';
import { readManifest } from '../../src/inference/manifest.js';
import { putStandIn } from '../support/standin.js';

const HUBERT = `name: ears
family: hubert
file: ears.onnx
licence: ours
names: { audio: input_values, hidden: last_hidden_state }
inputs: { audio: [any] }
outputs: { hidden: [any, 1024] }
`;

function put(folder: string, name: string, text: string): string {
  mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, name, 'model.yaml'), text);
  return folder;
}

t.test('reads an encoder and fills in what its file leaves open', async (t) => {
  const folder = put(t.testdir(), 'ears', HUBERT);
  const encoder = await readEncoder('ears', [folder]);
  t.ok(isEncoder(encoder));
  t.match(netOf(encoder, { input: 3520, rows: 10 }), {
    name: 'ears',
    path: join(folder, 'ears', 'ears.onnx'),
    names: { audio: 'input_values', hidden: 'last_hidden_state' },
    pixels: 'floats',
    inputs: { audio: [3520] },
    outputs: { hidden: [10, 1024] },
  });
});

t.test('names what is wrong with the manifest of an encoder', async (t) => {
  const folder = t.testdir();
  const cases: [string, string, RegExp][] = [
    ['audio: [any]', 'sound: [any]', /an encoder of the family hubert has one input, audio/],
    ['audio: [any]', 'audio: [any, 2]', /inputs.audio must be \[any\]/],
    ['hidden: [any, 1024]', 'hidden: [any, any]', /outputs.hidden must be \[any,any\], at most one any/],
    ['hidden: [any, 1024]', 'rows: [any, 1024]', /an output called hidden/],
    ['family: hubert', 'family: hubart', /family: /],
    ['family: hubert', 'family: whisper', /has one input, mel/],
  ];
  for (const [from, to, message] of cases) {
    put(folder, 'ears', HUBERT.replace(from, to));
    await t.rejects(readEncoder('ears', [folder]), { code: 'resource/settings', message });
  }
});

t.test('the layers of Whisper may be one output, or one each in order', async (t) => {
  const whisper = (outputs: string) =>
    put(
      t.testdirName,
      'w',
      `name: w\nfamily: whisper\nfile: w.onnx\nlicence: MIT\ninputs: { mel: [80, any] }\noutputs: ${outputs}\n`,
    );
  t.testdir();
  await readEncoder('w', [whisper('{ hidden: [any, 5, 384] }')]);
  await readEncoder('w', [whisper('{ hidden.0: [1500, 384], hidden.1: [1500, 384] }')]);
  await t.rejects(
    readEncoder('w', [whisper('{ hidden.0: [1500, 384], hidden.2: [1500, 384] }')]),
    /in order/,
  );
  await t.rejects(readEncoder('w', [whisper('{ hidden: [any, 384] }')]), /outputs.hidden must be/);
});

t.test('a lip-sync model finds its encoder: the named one, or the first of the family', async (t) => {
  const folder = putStandIn(t.testdir());
  put(
    folder,
    'a-wenet',
    HUBERT.replace('name: ears', 'name: a-wenet').replace(/family.*/, 'family: nothing'),
  );
  put(folder, 'ears', HUBERT);
  put(folder, 'more-ears', HUBERT.replace('name: ears', 'name: more-ears'));
  const wants = { name: 'lips', features: 'hubert' } as const;
  t.equal((await findEncoder(wants, [folder])).name, 'ears');
  t.equal((await findEncoder({ ...wants, encoder: 'more-ears' }, [folder])).name, 'more-ears');
  await t.rejects(findEncoder({ ...wants, encoder: 'nobody' }, [folder]), { code: 'resource/not-found' });
  await t.rejects(findEncoder({ ...wants, features: 'ave', encoder: 'ears' }, [folder]), {
    code: 'resource/settings',
    message: 'The model lips hears ave features, its encoder ears makes hubert ones.',
  });
  await t.rejects(findEncoder({ ...wants, features: 'ave' }, [folder]), {
    code: 'resource/not-found',
    message: /no encoder that makes them: import one with "talkgraph models import/,
  });
});

t.test('an encoder is no lip-sync model, and the message says so', async (t) => {
  const folder = put(t.testdir(), 'ears', HUBERT);
  await t.rejects(readManifest('ears', [folder]), {
    code: 'resource/settings',
    message: /"ears" makes hubert features .* draws no mouth/,
  });
});
