import { join } from 'node:path';
import t from 'tap';
import { PACKAGE } from '../../../src/graph/find.js';
import { SpeechMouth } from '../../../src/lipsync/speechmouth.js';
import { readVisemes } from '../../../src/lipsync/visemes.js';
import { voiceEngine } from '../../../src/voice/index.js';
import { Azure } from '../../fakes/fake-azure.js';
import { lead, sayAs } from '../fakes/remote.js';

t.test('asks in three messages, with the key at the door', async (t) => {
  const fake = await lead(t, new Azure());
  const { count, error } = await sayAs('azuretts/en-US-AvaMultilingualNeural', 'Hello & <goodbye>.');
  t.equal(error, undefined);
  t.equal(count, fake.sound('Hello & <goodbye>.').length);
  t.same(fake.paths, ['speech.config', 'synthesis.context', 'ssml']);
  t.same(fake.said, ['Hello & <goodbye>.']);
  t.equal(fake.asked[0]?.headers['ocp-apim-subscription-key'], fake.secrets[0]);
  t.notOk(fake.asked[0]?.url.href.includes(fake.secrets[0]!), 'not in the address');
});

t.test('words and mouth shapes come with their times, to the end of the sound', async (t) => {
  await lead(t, new Azure());
  const { count, marks } = await sayAs('azure', 'A bee, 你好');
  t.same(
    marks.flatMap((mark) => (mark.type === 'word' ? [[mark.text, mark.at, mark.end, mark.offset]] : [])),
    // 607 samples for each character: a comma has none of its own.
    [
      ['A', 0, 607, 0],
      ['bee', 1214, 3035, 2],
      ['你好', 4249, 5463, 7],
    ],
  );
  const shapes = marks.flatMap((mark) => (mark.type === 'phoneme' ? [mark] : []));
  t.same(
    shapes.map(({ at, end }) => [at, end]),
    Array.from({ length: 9 }, (_, n) => [n * 607, (n + 1) * 607]),
  );
  t.equal(shapes.at(-1)?.end, count);
  // 65 % 21 is 2, and one more is 3: the mouth of "ao"; then a pause.
  t.same(
    shapes.slice(0, 2).map(({ phone }) => phone),
    ['ao', 'pau'],
  );
});

t.test('the default face model opens and closes its mouth by the shapes', async (t) => {
  await lead(t, new Azure());
  // To the fake a j is the mouth of "aa" and an h that of "p".
  const { marks } = await sayAs('azure', 'jjjjjjhhhjjjjjj');
  const us = (samples: number) => Math.round((samples * 1e6) / 24000);
  const list = marks.flatMap((mark) =>
    mark.type === 'phoneme' ? [[mark.phone, us(mark.at), us(mark.end - mark.at)]] : [],
  );
  const mouth = new SpeechMouth(await readVisemes(join(PACKAGE, 'models', 'tinylip', 'visemes.json')));
  mouth.event('phonemes', { pts: 0, list: JSON.stringify(list) });
  // 25 ms for each character.
  const open = [75, 190, 300].map((ms) => mouth.at(ms * 1e6, 500e6)?.[0] ?? Number.NaN);
  t.ok(open[0]! > 0.5 && open[1]! < 0.1 && open[2]! > 0.5, `open ${open.map((one) => one.toFixed(2))}`);
});

t.test('the silence behind a text is no longer than a pause, and a shape ends with the sound', async (t) => {
  const fake = await lead(t, new Azure());
  fake.padding = 0.8;
  const { count, marks } = await sayAs('azure', 'A bee');
  t.equal(count, 5 * 607 + 2880);
  t.match(marks.at(-1), { type: 'phoneme', at: 4 * 607, end: count });
});

t.test('a voice that is not there, and a style it is asked for', async (t) => {
  await lead(t, new Azure());
  t.match((await sayAs('azure/xx-XX-NobodyNeural', 'Hello.')).error, {
    code: 'resource/settings',
    retryable: false,
    message: /It says: "Unsupported voice xx-XX-NobodyNeural\."/,
  });
  const options = { style: 'cheerful', speed: 1.2, pitch: -3, volume: 10 };
  t.ok((await sayAs('azure', 'Hello.', options)).count > 0, 'well-formed for the service');
});

t.test('the region makes the address, and nothing but a region does', async (t) => {
  const engine = await voiceEngine('azure');
  t.teardown(() => {
    for (const name of ['AZURE_SPEECH_KEY', 'AZURE_TTS_REGION']) delete process.env[name];
  });
  t.match(engine.lacks(), /AZURE_SPEECH_KEY/);
  process.env['AZURE_SPEECH_KEY'] = 'a key';
  t.match(engine.lacks(), /AZURE_TTS_REGION/);
  t.match((await sayAs('azure', 'Hello.')).error, {
    code: 'resource/settings',
    message: /AZURE_TTS_REGION/,
  });
  process.env['AZURE_TTS_REGION'] = 'example.com/';
  t.match((await sayAs('azure', 'Hello.')).error, {
    code: 'resource/settings',
    message: /Expected a region .* "example\.com\/"/,
  });
  process.env['AZURE_TTS_REGION'] = 'WestEurope';
  t.equal(engine.lacks(), undefined);
});

t.test('lists what the service has, and what is known without a key', async (t) => {
  const fake = await lead(t, new Azure());
  const engine = await voiceEngine('azure');
  t.match(await engine.voices(), [
    { name: 'en-US-AvaMultilingualNeural', language: 'en-US', gender: 'female', rate: 24000 },
  ]);
  delete process.env['AZURE_SPEECH_KEY'];
  t.ok((await engine.voices()).length > 5);
  t.equal(fake.asked.length, 1);
});

t.test('closed with 4429, it was asked for too much', async (t) => {
  const fake = await lead(t, new Azure());
  fake.closes = 4429;
  const { error } = await sayAs('azure', 'Hello.');
  t.match(error, { code: 'resource/rate', retryable: true, details: { closeCode: 4429 } });
  t.equal(fake.calls, 2);
});
