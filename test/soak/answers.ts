/**
 * Answers of a language model, cut at random moments by the next question, and as many cuts of a voice behind a service.
 *
 *     node dist/test/soak/answers.js [share]      1 = 500 cuts of each; npm test runs a twentieth
 *
 * Exits with 1 when the model is told a word that was not heard, an old answer sounds behind its cut, or half of the connections are let
 * go later than 50 ms after it. When the other side notices is printed too: it lives in this process and shares its turns.
 */
import { closeVoices } from '../../src/voice/index.js';
import { FakeChat } from '../fakes/fake-openai-chat.js';
import { cutAnswers } from '../support/answercuts.js';
import { cutVoice } from '../support/voicecuts.js';

/** ms */
const BUDGET = 50;

const total = Math.max(1, Math.round(500 * Number(process.argv[2] ?? 1)));
const fake = await FakeChat.open();
const cuts = await cutAnswers(fake, total, Math.random);
await fake.close();
const voices = await cutVoice(total, Math.random);
await closeVoices();

const wrong = cuts.filter(({ told, heard }) => told !== heard).length;
for (const [n, { told, heard }] of cuts.entries()) {
  if (told !== heard) console.log(`cut ${n + 1}: heard "${heard}", told "${told}"`);
}
const late = cuts.filter((cut) => cut.late > 0).length;
console.log(`${total} cuts: ${wrong} told wrongly, ${late} sounded on`);
let slow = false;
for (const [name, values] of [
  ['the language model’s connection was let go', cuts.map(({ letGo }) => letGo)],
  ['its server, in this process, noticed', cuts.map(({ noticed }) => noticed)],
  ['the voice’s connection was let go', voices],
] as const) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (part: number) => (sorted[Math.floor(part * (sorted.length - 1))] ?? 0).toFixed(1);
  const over = values.filter((ms) => ms > BUDGET).length;
  console.log(`${name} after ${at(0.5)} ms, p99 ${at(0.99)}, at most ${at(1)}; ${over} over ${BUDGET} ms`);
  slow ||= name.endsWith('let go') && Number(at(0.5)) > BUDGET;
}
process.exit(wrong + late > 0 || slow ? 1 : 0);
