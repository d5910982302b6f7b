import t from 'tap';
import { closedOption, isLocal, resolveVoice, resolveVoices, speak } from '../../src/voice/index.js';
import type { OptionInfos } from '../../src/voice/options.js';
import { checkOptions, readQuery, shareOptions, withQuery } from '../../src/voice/voice-options.js';
import { FakeEngine, fakeVoice, ramp } from './fakes/engine.js';

const OPTIONS = {
  server: { type: 'address', blurb: 'where it is' },
  key: { type: 'secret', blurb: 'its key' },
  'ref-file': { type: 'file', blurb: 'a recording' },
  'ref-text': { type: 'string', blurb: 'what is said in it' },
  speed: { type: 'number', blurb: 'how fast', min: 0.5, max: 2 },
} as const satisfies OptionInfos;
const engine = { name: 'x', options: OPTIONS };
const plain = { name: 'y' };

t.test('options stand behind a name as in an address, whatever is in them', async (t) => {
  const options = { speed: '1.5', 'ref-text': 'One, two & three? 50 % = ½; a/b' };
  const written = withQuery('anna.wav', options);
  t.notMatch(written, /,|&.*&|\s/);
  t.same(readQuery(engine, written), { name: 'anna.wav', options });
  t.equal(withQuery('anna', {}), 'anna');
  t.same(readQuery(engine, 'anna?ref_text=Good+morning.').options, { 'ref-text': 'Good morning.' });
});

t.test('a question mark in a name is a sign of it', async (t) => {
  for (const name of ['what?', 'what?.wav', '/there/who?me.wav', '?', 'a?B=1'])
    t.same(readQuery(engine, name), { name });
  t.same(readQuery(plain, 'what?speed=2'), { name: 'what?speed=2' }, 'also where an engine has no options');
});

t.test(
  'an option that there is none of is refused with those that there are, a wrong value with what is right',
  async (t) => {
    t.throws(() => readQuery(engine, 'anna?emotion=sad'), {
      code: 'resource/settings',
      message: 'Expected key, ref-file, ref-text, server or speed for the voice x but received emotion.',
    });
    t.throws(() => checkOptions(plain, { speed: 1 }), { message: /Expected no option for the voice y/ });
    t.throws(() => checkOptions(engine, { speed: 'fast' }), { message: /number from 0.5 to 2 .* "fast"/ });
    t.doesNotThrow(() => checkOptions(engine, { speed: '' }), 'empty is unset');
  },
);

t.test('of several voices each gets the options it has, and one that none has is refused', async (t) => {
  t.same(shareOptions([engine, plain], { speed: 2 }), [{ speed: 2 }, {}]);
  t.throws(() => shareOptions([engine, plain], { pitch: 2 }), {
    message: /for the voice x and y but received pitch/,
  });
});

t.test('they are found wherever a voice is named', async (t) => {
  t.match(await resolveVoice('flite/rms?speed=1.2'), {
    name: 'flite/rms',
    voice: 'rms',
    options: { speed: '1.2' },
  });
  t.match(await resolveVoice('flite?speed=2'), { name: 'flite/slt', options: { speed: '2' } });
  t.match(await resolveVoice('rms?speed=2'), { name: 'flite/rms', options: { speed: '2' } });
  t.equal((await resolveVoice('rms')).options, undefined);
  const both = await resolveVoices('xtts/anna?language=de%2C flite,flite?speed=2');
  t.match(both, [
    { name: 'xtts/anna', options: { language: 'de, flite' } },
    { name: 'flite/slt', options: { speed: '2' } },
  ]);
  await t.rejects(resolveVoice('flite/slt?speed=9'), { code: 'resource/settings' });
  await t.rejects(resolveVoice('flite/slt?mood=9'), {
    code: 'resource/settings',
    message: /Expected speed for/,
  });
});

t.test('an engine hears of what its voice has, and of what the request sets before that', async (t) => {
  const fake = new FakeEngine(
    async function* () {
      yield { samples: ramp(800), rate: 8000 };
    },
    { options: OPTIONS },
  );
  const voice = { ...fakeVoice(fake), options: { speed: '1.5', 'ref-text': 'a' } };
  for await (const _ of speak({ text: 'Hello.', rate: 8000, voice, options: { speed: 2 } }));
  t.same(fake.requests[0]?.options, { speed: 2, 'ref-text': 'a' });
  const wrong = speak({ text: 'Hello.', rate: 8000, voice, options: { mood: 2 } });
  await t.rejects(wrong.next(), { code: 'resource/settings' });
});

t.test('a stranger names no file, no sound of others, no address and no key', async (t) => {
  for (const voice of [
    'file//etc/passwd',
    ' FILE/x',
    'pcm/0',
    'edge/x,file//etc/passwd',
    'flite , pcm/x',
    'xtts//etc/passwd',
    'xtts/anna.wav?speed=1',
    'flite,cosyvoice/../a.wav',
  ]) {
    t.equal(await isLocal(voice), true, voice);
  }
  for (const voice of [
    '',
    'flite/slt',
    'xtts/anna',
    'gpt-sovits//there/anna.wav',
    'nosuch/voice',
    'profile/x',
  ])
    t.equal(await isLocal(voice), false, voice);
  for (const name of ['server', 'key', 'ref-file', 'ref_file'])
    t.equal(closedOption(OPTIONS, { [name]: 'x' }), name);
  t.equal(closedOption(OPTIONS, { speed: 1, 'ref-text': 'a' }), undefined);
});
