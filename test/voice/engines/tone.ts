import t from 'tap';
import { speak } from '../../../src/voice/index.js';

async function say(text: string, rate: number, voice = 'tone'): Promise<number[]> {
  const samples: number[] = [];
  for await (const chunk of speak({ text, rate, voice })) samples.push(...chunk.samples);
  return samples;
}

t.test('makes sines of the asked length from phase zero, exact to the sample, at any rate', async (t) => {
  for (const rate of [8800, 16000, 24000, 48000]) {
    const samples = await say('440:0.5 0:0.2 880:0.1:0.25', rate);
    t.equal(samples.length, Math.round(0.8 * rate));
    const place = (n: number): number => {
      const at = n / rate;
      if (n < Math.round(0.5 * rate)) return 0.5 * Math.sin(2 * Math.PI * 440 * at);
      if (n < Math.round(0.7 * rate)) return 0;
      return 0.25 * Math.sin((2 * Math.PI * 880 * (n - Math.round(0.7 * rate))) / rate);
    };
    t.ok(samples.every((value, n) => Math.abs(value - Math.round(32767 * place(n))) <= 1));
  }
});

t.test('does not drift over a long sequence of odd lengths', async (t) => {
  t.equal((await say('100:0.0333 '.repeat(300), 44100)).length, Math.round(0.0333 * 300 * 44100));
});

t.test('puts a click on the first sample of each tone', async (t) => {
  const samples = await say('1:0.1 0:0.05 1:0.1', 8000, 'tone/click');
  t.same(
    samples.flatMap((value, n) => (value === 0 ? [] : [n])),
    [0, 1200],
  );
});

t.test('makes square waves', async (t) => {
  t.same(
    await say('1000:0.001:1', 8000, 'tone/square'),
    [32767, 32767, 32767, 32767, -32767, -32767, -32767, -32767],
  );
});

t.test('beeps for any other text and is silent for none', async (t) => {
  t.equal((await say('hello', 10_000)).length, 2000);
  t.same(await say('  ', 8000), []);
});

t.test('tells when each tone begins', async (t) => {
  const { value: first } = await speak({ text: '440:0.5 880:0.25', rate: 8000, voice: 'tone' }).next();
  t.match(
    first?.marks.filter(({ type }) => type === 'word'),
    [
      { at: 0, end: 4000, text: '440:0.5', offset: 0 },
      { at: 4000, end: 6000, text: '880:0.25', offset: 8 },
    ],
  );
});

t.test('says what is wrong with a sequence', async (t) => {
  await t.rejects(say('440:0.5 x', 8000), {
    code: 'resource/settings',
    message: /FREQUENCY:SECONDS.* for tone 2\./,
  });
  await t.rejects(say('5000:1', 8000), { code: 'resource/settings', message: /at most 4000 Hz/ });
  await t.rejects(say('500:1:2', 8000), { code: 'resource/settings', message: /level/ });
  await t.rejects(say('500:4000', 8000), { code: 'resource/settings', message: /hour/ });
});
