import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { readManifest } from '../../src/inference/manifest.js';
import { SpeechMouth } from '../../src/lipsync/speechmouth.js';
import { readVisemes } from '../../src/lipsync/visemes.js';
import { closeVoices } from '../../src/voice/index.js';
import { at, mouthTrack, type Phone } from '../support/mouthtrack.js';
import { HELD_OUT, spoken } from '../support/tinyliprun.js';

const manifest = await readManifest('tinylip');
const table = await readVisemes(manifest.visemes ?? '');
const [OPEN, WIDE, , TUCK] = [0, 1, 2, 3];
const MS = 1e6;
/** What a net with 120 ms of look-ahead knows of the frame at t. */
const AHEAD = 120 * MS;
t.teardown(closeVoices);

function mouthOf(phones: readonly Phone[]): SpeechMouth {
  const mouth = new SpeechMouth(table);
  tell(mouth, phones);
  return mouth;
}

function tell(mouth: SpeechMouth, phones: readonly Phone[], epoch = 0): void {
  const list = phones.map(({ phone, start, end }) => [phone, start * 1e6, (end - start) * 1e6]);
  mouth.event('phonemes', { pts: 0, epoch, list: JSON.stringify(list) });
}

/** "ama" and a rest. */
const AMA: Phone[] = [
  { phone: 'aa', start: 0.2, end: 0.4 },
  { phone: 'm', start: 0.4, end: 0.5 },
  { phone: 'aa', start: 0.5, end: 0.7 },
];

t.test('the table names every phoneme that the default voice makes', async (t) => {
  t.same(table.params, ['open', 'wide', 'up', 'tuck', 'teeth', 'tongue']);
  for (const text of HELD_OUT.slice(0, 6))
    for (const { phone } of (await spoken(text, 'flite/slt')).phones) t.ok(table.phones.has(phone), phone);
});

t.test('a vowel opens, a bilabial closes and presses, a rest is a rest', async (t) => {
  const mouth = mouthOf(AMA);
  const see = (ms: number) => mouth.at(ms * MS, ms * MS + AHEAD)!;
  t.ok(see(300)[OPEN]! > 0.8);
  t.ok(see(450)[OPEN]! < 0.05 && see(450)[TUCK]! < -0.5);
  t.ok(Math.abs(see(850)[OPEN]!) < 0.001);
  t.equal(mouth.at(20 * MS, 20 * MS + AHEAD), undefined, 'nothing is known of a voice that has not begun');
  t.equal(mouth.at(2000 * MS, 2000 * MS + AHEAD), undefined, 'nor of one that has gone');
});

t.test('sentences are the mouths that the net was taught, to a hundredth', async (t) => {
  let [worst, mean, count] = [0, 0, 0];
  for (const text of HELD_OUT.slice(0, 4)) {
    const { phones, seconds } = await spoken(text, 'flite/slt');
    const truth = mouthTrack(phones, seconds + 0.2);
    const mouth = mouthOf(phones);
    for (let n = 0; n < seconds * 25; n++) {
      const shown = mouth.at(n * 40 * MS, n * 40 * MS + AHEAD);
      for (const [k, track] of truth.entries()) {
        const off = Math.abs((shown?.[k] ?? 0) - at(track, n / 25));
        worst = Math.max(worst, off);
        mean += off;
        count++;
      }
    }
  }
  t.comment(`worst ${worst.toFixed(4)}, mean ${(mean / count).toFixed(5)}`);
  t.ok(mean / count < 0.003, `mean ${mean / count}`);
  t.ok(worst < 0.1, `worst ${worst}: the widest blur sees a little of what is said after 120 ms`);
});

t.test('what is said later changes nothing that was shown', async (t) => {
  const { phones, seconds } = await spoken(HELD_OUT[0]!, 'flite/slt');
  const all = mouthOf(phones);
  for (let n = 0; n < seconds * 25; n += 3) {
    const now = n * 40 * MS;
    const told = mouthOf(phones.filter(({ start }) => start * 1e9 < now + AHEAD));
    t.same(told.at(now, now + AHEAD), all.at(now, now + AHEAD), `frame ${n}`);
  }
});

t.test('speech after a cut ends what was told before it, and late news of that is no news', async (t) => {
  const mouth = mouthOf(AMA);
  tell(mouth, [{ phone: 'uw', start: 0.52, end: 0.7 }], 1);
  t.ok(Math.abs(mouth.at(450 * MS, 450 * MS + AHEAD)![TUCK]!) < 0.01, 'the bilabial is not said');
  t.ok(mouth.at(610 * MS, 610 * MS + AHEAD)![WIDE]! < -0.5, 'the next word is');
  tell(mouth, AMA, 0);
  t.ok(mouth.at(610 * MS, 610 * MS + AHEAD)![OPEN]! < 0.5);
});

t.test('a replay goes back in time, and what it says then counts', async (t) => {
  const mouth = mouthOf(AMA);
  mouth.event('replay-epoch', { pts: 350 * MS });
  tell(mouth, [{ phone: 'uw', start: 0.47, end: 0.67 }]);
  t.ok(mouth.at(570 * MS, 570 * MS + AHEAD)![WIDE]! < -0.5);
  t.ok(Math.abs(mouth.at(430 * MS, 430 * MS + AHEAD)![TUCK]!) < 0.01);
});

t.test('unknown phonemes and empty ones are no sound, and a thousand of them are no memory', async (t) => {
  const mouth = mouthOf([{ phone: 'xx', start: 0, end: 1 }]);
  tell(mouth, [{ phone: 'aa', start: 0, end: 0 }]);
  mouth.event('phonemes', { pts: 0 });
  mouth.event('word', { pts: 0, text: 'aa' });
  t.equal(mouth.at(500 * MS, 500 * MS + AHEAD), undefined);
  for (let n = 0; n < 1000; n++) tell(mouth, [{ phone: 'aa', start: n / 10, end: n / 10 + 0.1 }]);
  t.equal(mouth.at(500 * MS, 620 * MS), undefined, 'the oldest are gone');
  t.ok(mouth.at(99_000 * MS, 99_120 * MS)![OPEN]! > 0.8);
});

t.test('a table that is none is refused, with the place', async (t) => {
  const folder = t.testdir();
  const file = join(folder, 'visemes.json');
  const good = {
    params: ['open'],
    sigma_ms: [20],
    visemes: { sil: { target: [0], weight: [1] } },
    flite: { pau: 'sil' },
  };
  await writeFile(file, JSON.stringify(good));
  t.same((await readVisemes(file)).phones.get('pau'), ['sil']);
  const wrong: [object | string, RegExp][] = [
    ['{', /JSON/],
    [{ ...good, sigma_ms: [1, 2] }, /sigma_ms: expected 1 numbers/],
    [{ ...good, flite: { aa: 'ah' } }, /flite\.aa: there is no viseme ah/],
    [{ ...good, visemes: { sil: { target: [0, 1], weight: [1] } } }, /visemes\.sil: expected 1 numbers/],
    [{ ...good, visemes: { aa: { target: [0], weight: [1] } } }, /expected one called sil/],
  ];
  for (const [content, message] of wrong) {
    await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
    await t.rejects(readVisemes(file), { code: 'resource/settings', message });
  }
  await t.rejects(readVisemes(join(folder, 'none.json')), { code: 'resource/read' });
});
