/**
 * Thousands of utterances through the default voice: no crash, no growth, no sample lost.
 *
 *     node dist/test/soak/voice.js [share or count]      1 = 4,000 utterances; npm test runs a twentieth
 *
 * Prints one line per tenth and exits with 1 when something does not hold. Every fifth utterance is cut at a random moment, every tenth
 * is nonsense; the rest are sentences of random length, so that the memory of the voice meets every size in every order.
 */
import { clearSpeechCache, closeVoices, speak, warmVoices } from '../../src/voice/index.js';

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
/** Bytes per utterance the process may grow over the second half; the noise of 500 utterances is far below. */
const GROWTH = 8 * 1024;

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
const rss = (): number => {
  globalThis.gc?.();
  return process.memoryUsage().rss;
};
let [seconds, cuts, wrong, middle] = [0, 0, 0, 0];
const begun = performance.now();
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
  if (n === Math.floor(total / 2)) {
    clearSpeechCache();
    middle = rss();
  }
  if ((n + 1) % Math.max(1, Math.floor(total / 10)) === 0) {
    const speed = seconds / ((performance.now() - begun) / 1000);
    console.log(
      `${n + 1} utterances, ${seconds.toFixed(0)} s of speech at ${speed.toFixed(0)} x, ${cuts} cut, RSS ${(rss() / 2 ** 20).toFixed(0)} MB`,
    );
  }
}
clearSpeechCache();
const grown = (rss() - middle) / Math.max(1, total / 2);
await closeVoices();
console.log(
  `growth over the second half: ${(grown / 1024).toFixed(2)} KB per utterance; wrong totals: ${wrong}`,
);
const left = process.getActiveResourcesInfo().filter((kind) => kind === 'MessagePort' || kind === 'Worker');
if (left.length > 0) console.log(`left alive: ${left.join(' ')}`);
// A short run is all warm-up: only a long one can tell growth from settling.
if (wrong > 0 || left.length > 0 || (total >= 1000 && grown > GROWTH)) process.exitCode = 1;
