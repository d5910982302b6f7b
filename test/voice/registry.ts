import t from 'tap';
import {
  closeVoices,
  engineNames,
  listVoices,
  resolveVoice,
  voiceEngine,
  warmVoices,
} from '../../src/voice/index.js';

t.teardown(closeVoices);

t.test(
  'finds every file of the folder, and each engine says of itself what its file is called',
  async (t) => {
    const names = await engineNames();
    t.ok(names.includes('flite') && names.includes('tone'));
    for (const name of names) {
      const engine = await voiceEngine(name);
      t.equal(engine.name, name);
      t.ok(await engine.accepts(engine.info.defaultVoice), `${name} has its default voice`);
      t.equal(await voiceEngine(name), engine, 'one object serves everybody');
    }
  },
);

t.test('resolves engine and name, an engine alone, a bare name and nothing', async (t) => {
  for (const [asked, name] of [
    ['flite/rms', 'flite/rms'],
    ['flite', 'flite/slt'],
    ['flite/', 'flite/slt'],
    ['kal16', 'flite/kal16'],
    ['tone', 'tone/sine'],
    [' tone/click ', 'tone/click'],
    ['', 'flite/slt'],
    [undefined, 'flite/slt'],
  ] as const) {
    t.equal((await resolveVoice(asked)).name, name);
  }
});

t.test('names the nearest voices and engines when there is none of that name', async (t) => {
  await t.rejects(resolveVoice('flite/sllt'), {
    code: 'resource/not-found',
    message: 'The voice engine flite has no voice sllt. Did you mean slt?',
    details: { suggestions: 'slt' },
  });
  await t.rejects(resolveVoice('flyte/slt'), {
    code: 'resource/not-found',
    message: /no voice engine flyte\. Did you mean flite\?/,
  });
  await t.rejects(resolveVoice('tonne'), { code: 'resource/not-found', message: /Did you mean tone\?/ });
  await t.rejects(resolveVoice('zzzzzzzz/x'), { message: /There are .*flite.*tone/ });
});

t.test("knows LiveTalking's names of engines", async (t) => {
  t.equal((await resolveVoice('fishtts/x')).name, 'fish/x');
  t.equal((await resolveVoice('edgetts')).name, 'edge/zh-CN-YunxiaNeural');
  t.equal((await resolveVoice('omnitts')).name, 'omni/vivian');
  t.equal((await resolveVoice('qwentts')).name, 'qwen/Cherry');
  t.equal((await resolveVoice('azuretts/en-US-AriaNeural')).name, 'azure/en-US-AriaNeural');
});

t.test('lists engines and voices as data', async (t) => {
  const { engines } = await listVoices();
  t.match(
    engines.find(({ name }) => name === 'flite'),
    { default: true, defaultVoice: 'slt', voices: [{ name: 'slt', language: 'en-US', rate: 16000 }] },
  );
  t.equal(engines.filter((engine) => engine.default).length, 1);
  t.same(
    (await listVoices('tone')).engines.map(({ name }) => name),
    ['tone'],
  );
  t.same(JSON.parse(JSON.stringify(engines)).length, engines.length, 'it can be printed');
  await t.rejects(listVoices('nope'), { code: 'resource/not-found' });
});

t.test('warms the voice it is asked for', async (t) => {
  await warmVoices('tone');
  await warmVoices();
  await t.rejects(warmVoices('nope/x'));
});
