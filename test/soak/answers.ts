/**
 * Answers of a language model, cut at random moments by the next question.
 *
 *     node dist/test/soak/answers.js [share]      1 = 500 cuts; npm test runs a twentieth
 *
 * Exits with 1 when the model is told a word that was not heard, an old answer sounds behind its cut, or half of the connections take
 * more than 150 ms to close (the budget is 50 on a machine that has nothing else to do).
 */
import { closeVoices } from '../../src/voice/index.js';
import { FakeChat } from '../fakes/fake-openai-chat.js';
import { cutAnswers } from '../support/answercuts.js';

const total = Math.max(1, Math.round(500 * Number(process.argv[2] ?? 1)));
const fake = await FakeChat.open();
const cuts = await cutAnswers(fake, total, Math.random);
await fake.close();
await closeVoices();
const closed = cuts.map((cut) => cut.closed).sort((a, b) => a - b);
const median = closed[total >> 1] ?? 0;
const wrong = cuts.filter(({ told, heard }) => told !== heard).length;
const late = cuts.filter((cut) => cut.late > 0).length;
const slowest = closed.at(-1) ?? 0;
console.log(
  `${total} cuts: ${wrong} told wrongly, ${late} sounded on, closed after ${median.toFixed(1)} ms, at most ${slowest.toFixed(1)}`,
);
process.exit(wrong + late > 0 || median > 150 ? 1 : 0);
