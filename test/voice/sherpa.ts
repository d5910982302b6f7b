/** sherpa-onnx's own library and a net of ours with a VITS's interface: no weights can be had where tests run. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import SherpaEngine from '../../src/voice/engines/sherpa.js';
import { type SpeakRequest, speak } from '../../src/voice/index.js';
import { voiceModel } from '../../src/voice/sherpa/files.js';
import { VoiceHost } from '../../src/voice/sherpa/host.js';
import { LETTER, STANDIN_RATE, standInVoice } from '../support/standinvoice.js';

async function lengthOf(request: Partial<SpeakRequest> & Pick<SpeakRequest, 'text'>): Promise<number> {
  let count = 0;
  for await (const { samples } of speak({ rate: STANDIN_RATE, ...request })) count += samples.length;
  return count;
}

function open(t: Test, engine = new SherpaEngine()) {
  const model = standInVoice(join(t.testdir(), 'vits-standin'));
  t.teardown(() => engine.close());
  const voice = (name: string) => ({ engine, voice: name, name: `sherpa/${name}` });
  const say = (text: string, options = {}, name = '0') =>
    lengthOf({ text, voice: voice(name), options: { model, ...options } });
  return { engine, model, say };
}

t.test('tells voices apart by their files', async (t) => {
  const folders: Record<string, Record<string, string>> = {
    'vits-piper-en_US-amy-low': { 'en_US-amy-low.onnx': '', 'tokens.txt': '', 'espeak-ng-data': '' },
    'vits-zh-aishell3': {
      'vits-aishell3.onnx': '',
      'vits-aishell3.int8.onnx': '',
      'tokens.txt': '',
      'lexicon.txt': '',
      'date.fst': '',
    },
    'matcha-icefall-en_US-ljspeech': {
      'model-steps-3.onnx': '',
      'vocos-22khz-univ.onnx': '',
      'tokens.txt': '',
    },
    'kokoro-multi-lang-v1_0': {
      'model.onnx': '',
      'voices.bin': '',
      'tokens.txt': '',
      'lexicon-us-en.txt': '',
      'lexicon-zh.txt': '',
    },
    'kitten-nano-en-v0_1-fp16': { 'model.fp16.onnx': '', 'voices.bin': '', 'tokens.txt': '' },
  };
  const dir = t.testdir(folders);
  const found = await Promise.all(Object.keys(folders).map((name) => voiceModel(join(dir, name))));
  t.same(
    found.map(({ family }) => family),
    ['vits', 'vits', 'matcha', 'kokoro', 'kitten'],
  );
  const at = (folder: string, file: string) => join(dir, folder, file);
  t.match(found[0]!.config, {
    model: { vits: { dataDir: at('vits-piper-en_US-amy-low', 'espeak-ng-data') } },
  });
  t.match(found[1]!.config, {
    model: { vits: { model: /int8/, lexicon: /lexicon\.txt$/ } },
    ruleFsts: at('vits-zh-aishell3', 'date.fst'),
  });
  t.match(found[2]!.config, { model: { matcha: { acousticModel: /model-steps-3/, vocoder: /vocos/ } } });
  t.match(found[3]!.config, {
    model: { kokoro: { lexicon: /us-en\.txt,.*zh\.txt$/, voices: /voices\.bin$/ } },
  });
  await t.rejects(voiceModel(join(dir, 'nope')), { code: 'resource/not-found', message: /no such folder/ });
  await t.rejects(voiceModel(dir), { code: 'resource/not-found', message: /no tokens\.txt/ });
});

t.test('says each sentence to the sample, by the speaker and as fast as it is told', async (t) => {
  const { say } = open(t);
  t.equal(await say('hello there.'), 12 * LETTER);
  t.equal(await say('one two. three!'), (8 + 6) * LETTER);
  t.equal(await say('hello there.', { speed: 2 }, '2'), 12 * Math.ceil(LETTER / 2));
  await t.rejects(say('hello', {}, '3'), {
    code: 'resource/not-found',
    message: /from 0 to 2 .* received 3/,
  });
  await t.rejects(say('hello', { speed: 0 }), { code: 'resource/settings' });
});

t.test('a voice that is made ready is loaded before it is asked', async (t) => {
  const { model } = open(t);
  const host = new VoiceHost('sherpa-onnx-node', await voiceModel(model));
  t.teardown(() => host.close());
  t.equal(host.pid, undefined);
  host.warm();
  const { pid } = host;
  t.type(pid, 'number');
  const signal = new AbortController().signal;
  const sound = await host.say({ owner: 0, text: 'hello', speaker: 0, speed: 1, signal });
  t.equal(sound?.samples.length, 5 * LETTER);
  t.equal(host.pid, pid, 'by the process that was there');
  // Where no model is set there is nothing to load.
  await new SherpaEngine().warm();
});

t.test('what the library dies of fails alone: what waits is said by a new process', async (t) => {
  const { say } = open(t);
  const [bad, good] = await Promise.allSettled([say('你好'), say('hello')]);
  t.match(bad, { status: 'rejected', reason: { code: 'library/failed', retryable: false } });
  t.same(good, { status: 'fulfilled', value: 5 * LETTER });
});

t.test('a broken model, no model and no package are told, and end nobody', async (t) => {
  const { model, say } = open(t);
  writeFileSync(join(model, 'model.onnx'), 'garbage');
  await t.rejects(say('hello'), { code: 'library/init', debug: /Protobuf/ });
  await t.rejects(say('hello', { model: '/nowhere' }), { code: 'resource/not-found' });
  const without = open(t, new SherpaEngine('sherpa-onnx-node-that-nobody-has'));
  await t.rejects(without.say('hello'), {
    code: 'core/missing-element',
    message: /npm install sherpa-onnx-node/,
  });
  t.match(without.engine.lacks(), /needs SHERPA_TTS_MODEL/);
});

t.test('holds no more models than it may', async (t) => {
  const { model, say } = open(t);
  for (let n = 0; n < 4; n++) await say('hello', { model: standInVoice(join(model, `${n}`)) });
  await t.rejects(say('hello'), { code: 'resource/quota' });
});
