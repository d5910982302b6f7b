import t, { type Test } from 'tap';
import { clearSpeechCache, speak, voiceEngine } from '../../../src/voice/index.js';
import fake, { type Edge } from '../../fakes/fake-edge.js';

async function open(t: Test): Promise<Edge> {
  const service = (await fake.open()) as Edge;
  Object.assign(process.env, service.environment);
  t.teardown(async () => {
    for (const name of Object.keys(service.environment)) delete process.env[name];
    clearSpeechCache();
    await (await voiceEngine('edge')).close();
    await service.close();
  });
  return service;
}

async function say(text: string, voice = 'edge', options = {}) {
  const chunks = [];
  for await (const chunk of speak({ text, voice, rate: 24000, options })) chunks.push(chunk);
  return chunks;
}

t.test('asks with the name the browser uses, and takes a name from either place', async (t) => {
  const service = await open(t);
  t.ok((await say('你好。', 'edgetts/zh-CN-YunxiNeural')).length > 0);
  t.ok((await say('你好。', 'edge', { ref_file: 'zh-CN-liaoning-XiaobeiNeural' })).length > 0);
  await t.rejects(say('Hello.', 'edge/xx-XX-NobodyNeural'), { message: /It says: "Unsupported voice/ });
  t.match(service.asked[0]?.headers, { pragma: 'no-cache', 'accept-language': 'en-US,en;q=0.9' });
  t.same(service.paths, ['speech.config', 'ssml', 'speech.config', 'ssml', 'speech.config', 'ssml']);
});

t.test('words come with their times and places', async (t) => {
  await open(t);
  const text = `R&D isn't "done", 你好!`;
  const marks = (await say(text)).flatMap(({ marks }) => marks).filter(({ type }) => type === 'word');
  t.same(
    marks.map((mark) => mark.type === 'word' && [mark.text, mark.offset]),
    [
      ['R', 0],
      ['D', 2],
      ["isn't", 4],
      ['done', 11],
      ['你好', 18],
    ],
  );
  // 25 ms and 7 samples for each character.
  t.same(
    marks.map(({ at }) => at),
    [0, 2, 4, 11, 18].map((place) => place * 607),
  );
});

t.test('the silence behind a text is no longer than the pause that belongs there', async (t) => {
  const service = await open(t);
  service.padding = 0.875;
  const count = async (text: string) =>
    (await say(text)).reduce((sum, { samples }) => sum + samples.length, 0);
  // 607 samples for each character; 0.12 s at the end of an utterance, 0.32 s between two sentences.
  t.equal(await count('Hello'), 5 * 607 + 2880);
  t.equal(await count('Hello there! And hello'), 11 * 607 + 7680 + 9 * 607 + 2880);
});

for (const ahead of [-3_600_000, 86_400_000]) {
  t.test(`a clock that is off by ${ahead / 3600_000} h is corrected, once for all`, async (t) => {
    const service = await open(t);
    service.ahead = ahead;
    t.ok((await say('Hello.')).length > 0);
    t.equal(service.calls, 2);
    t.ok((await say('Hello.')).length > 0);
    t.equal(service.calls, 3);
    t.ok((await (await voiceEngine('edge')).voices()).length > 0);
  });
}

t.test('a wrong clock is corrected for the list, too', async (t) => {
  const service = await open(t);
  service.ahead = -86_400_000;
  const engine = await voiceEngine('edge');
  t.match(await engine.voices({ named: true }), [{ name: 'zh-CN-YunxiaNeural' }]);
  t.equal(service.asked.length, 2);
  t.ok((await say('Hello.')).length > 0);
  t.equal(service.calls, 1, 'and for what is said then');
});

t.test('lists what the service has where it is asked for, and else what is known', async (t) => {
  await open(t);
  const engine = await voiceEngine('edge');
  t.match(await engine.voices({ named: true }), [
    { name: 'zh-CN-YunxiaNeural', language: 'zh-CN', gender: 'male', rate: 24000 },
  ]);
  delete process.env['EDGE_TTS_SERVER'];
  t.ok((await engine.voices()).length > 5);
});
