/**
 * Thousands of utterances through the default voice: no crash, no growth, no sample lost.
 *
 *     node dist/test/soak/voice.js [share or count]      1 = 4,000 utterances; npm test runs a twentieth
 *
 * Prints one line per tenth and exits with 1 when something does not hold. Every fifth utterance is cut at a random moment, every tenth
 * is nonsense; the rest are sentences of random length, so that the memory of the voice meets every size in every order.
 */
import { clearSpeechCache, closeVoices, speak, warmVoices } from '../../src/voice/index.js';
import { Trend } from './support/trend.js';

const WORDS =
  'the a quick brown fox jumps over 3.14 lazy dogs, while Dr. Smith pays $20 for 7 green apples and sings loudly'.split(
    ' ',
  );
const NONSENSE = [
  '\u0001\u001b[0m',
  '你好，世界。',
  'مرحبا بالعالم؟',
  '😀👩🏽‍🚀',
  'x'.repeat(80),
  '1'.repeat(60),
  '-'.repeat(100),
  'a.b.c...d?!',
  '\ud83d',
];
/** Bytes an utterance may leave behind. */
const LIMIT = 8 * 1024;
/** Utterances after which the allocators and the memory of the voice's thread have settled. */
const SETTLED = 1000;

const asked = Number(process.argv[2] ?? 1);
const total = Math.round(asked <= 1 ? 4000 * asked : asked);
let seed = 1;
const random = (below: number): number => {
  seed = (seed * 48271) % 2147483647;
  return seed % below;
};

function text(n: number): string {
  if (n % 10 === 9) return NONSENSE[random(NONSENSE.length)]!;
  return `${Array.from({ length: 1 + random(30) }, () => WORDS[random(WORDS.length)]).join(' ')}.`;
}

await warmVoices();
const trend = new Trend('utterance', total, SETTLED);
let [seconds, cuts, wrong] = [0, 0, 0];
const begun = performance.now();
const looks = new Set(trend.stops());
for (let n = 0; n < total; n++) {
  const rate = [16000, 24000, 48000][n % 3]!;
  const stopAfter = n % 5 === 4 ? random(20) : Number.POSITIVE_INFINITY;
  const speech = speak({ text: text(n), rate });
  let [count, chunks] = [0, 0];
  for await (const { samples } of speech) {
    count += samples.length;
    if (++chunks > stopAfter) break;
  }
  if (chunks > stopAfter) cuts++;
  else if (count !== (speech.sentences.at(-1)?.end ?? 0)) wrong++;
  seconds += count / rate;
  if (looks.has(n + 1)) {
    // What it keeps on purpose is no growth.
    clearSpeechCache();
    await trend.look(n + 1);
  }
  if ((n + 1) % Math.max(1, Math.floor(total / 10)) === 0) {
    const speed = seconds / ((performance.now() - begun) / 1000);
    console.log(
      `${n + 1} utterances, ${seconds.toFixed(0)} s of speech at ${speed.toFixed(0)} x, ${cuts} cut`,
    );
  }
}
const settled = trend.judge(LIMIT);
await closeVoices();
console.log(`wrong totals: ${wrong}`);
const left = process.getActiveResourcesInfo().filter((kind) => kind === 'MessagePort' || kind === 'Worker');
if (left.length > 0) console.log(`left alive: ${left.join(' ')}`);
if (wrong > 0 || left.length > 0 || !settled) process.exitCode = 1;
