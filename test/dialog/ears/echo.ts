/** Our own voice as it comes back through a loudspeaker, a room and a microphone, with and without somebody who speaks over it. */
import t from 'tap';
import { OwnVoice } from '../../../src/dialog/ears/ownvoice.js';
import { closeSharedPool } from '../../../src/inference/index.js';
import { closeVoices } from '../../../src/voice/index.js';
import { roomEcho } from '../../support/echo.js';
import { mix, pink } from '../../support/noises.js';
import { heardOver, heardWhile, ownVoice, theirOnsets } from '../../support/talkover.js';

t.teardown(async () => {
  await closeSharedPool();
  await closeVoices();
});

const [OURS, THEIRS] = [16, 4];
const far = await ownVoice(OURS);
const theirs = await heardOver(THEIRS, OURS);
const room = pink(OURS, -60);
const onsets = theirOnsets(THEIRS);

// All of them at once: hops of many share runs.
const cases = [
  { delay: 50, level: -10 },
  { delay: 220, level: -20 },
  { delay: 400, level: -30 },
]
  .map((one) => ({ ...one, echo: mix(roomEcho(far, one.delay, one.level), room) }))
  .map(({ echo, ...one }) => ({
    ...one,
    // At one of them: it costs as much as the others.
    deaf: one.delay === 220 ? heardWhile(far, echo, undefined) : undefined,
    alone: heardWhile(far, echo, new OwnVoice()),
    both: heardWhile(far, mix(echo, theirs), new OwnVoice()),
  }));
const nothingBack = [undefined, new OwnVoice()].map((own) => heardWhile(far, mix(room, theirs), own));

for (const { delay, level, deaf, alone, both } of cases) {
  t.test(`${delay} ms late at ${level} dB it is known, and who speaks over it is heard`, async (t) => {
    const plain = await deaf;
    if (plain) t.ok(plain.speech.length > 1, 'who does not know what it plays takes it for speech');
    const found = await alone;
    t.ok(Math.abs((found.delay ?? 0) / 1e6 - delay) <= 40, `found at ${found.delay}`);
    t.same(found.speech, [], 'nothing of it is speech');
    t.ok(found.likely.length <= 1, `it seemed so ${found.likely.length} times for a moment`);
    const { speech } = await both;
    const late = onsets.map((onset) => (speech.find((at) => at > onset) ?? Number.POSITIVE_INFINITY) - onset);
    t.comment(`heard after ms: ${late.map((one) => Math.round(1000 * one))}`);
    t.ok(late.filter((one) => one < 0.4).length >= THEIRS - 1, 'all but one at most within 400 ms');
    const nobody = speech.filter((at) => !onsets.some((onset) => at > onset && at < onset + 1.5));
    t.same(nobody, [], 'and nobody else is');
  });
}

t.test('where nothing comes back, others are heard as without it, after the first half second', async (t) => {
  const [plain, knowing] = await Promise.all(nothingBack);
  t.equal(knowing?.delay, undefined);
  t.equal(plain?.speech.length, THEIRS);
  t.same(knowing?.speech.slice(1), plain?.speech.slice(1));
  t.ok((knowing?.speech[0] ?? 0) - (plain?.speech[0] ?? 0) < 0.65, `first at ${knowing?.speech[0]}`);
});
