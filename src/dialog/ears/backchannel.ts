/** Words that say "I am listening" and want no answer, and words that are an echo of what we say ourselves. */

const WORDS = [
  // English
  'mm mhm mmhm mhmm hmm hm um uh uhhuh ah oh yeah yep yes ok okay right sure wow aha',
  // German, French, Spanish
  'ja genau aha stimmt oui ouais si vale claro',
  // Chinese, Japanese: said in one piece, so each is a word of its own
  '嗯 嗯嗯 哦 噢 啊 呃 对 对对 对对对 好 好的 是 是的 行 うん はい ええ',
];
const BACKCHANNELS = new Set(WORDS.flatMap((line) => line.split(' ')));

/** Signs that are words by themselves, as nothing stands between them. */
const SIGN = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;

/** The words of a text in lower case, without what is not said; each Chinese or Japanese sign counts as one. */
export function wordsOf(text: string): string[] {
  const parts = text.toLowerCase().match(/[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*/gu) ?? [];
  return parts.flatMap((part) => (SIGN.test(part) ? [...part] : part.replace(/['’-]/g, '')));
}

/** True where somebody says no more than that they are listening. */
export function isBackchannel(text: string): boolean {
  const runs = text.toLowerCase().match(/[\p{L}\p{N}'’-]+/gu) ?? [];
  if (runs.length === 0 || runs.length > 3) return false;
  return runs.every((run) => BACKCHANNELS.has(run.replace(/['’-]/g, '')));
}

/** How many words of a text are more than that. */
export function weightyWords(text: string): number {
  return isBackchannel(text) ? 0 : wordsOf(text).length;
}

/** Of so many words that were heard this part must stand in what was said, for it to be an echo. */
const SAME = 0.75;

/**
 * True where what was heard is what was said: our own voice, come back through the microphone. Words must come in the same
 * order; a recogniser gets some of them wrong. One word alone is never an echo: people answer with the words they are asked with.
 */
export function isEcho(heard: string, said: string): boolean {
  const [words, ours] = [wordsOf(heard), wordsOf(said)];
  if (words.length < 2) return false;
  return commonInOrder(words, ours) >= SAME * words.length;
}

/** Length of the longest common subsequence, in memory of one row. */
function commonInOrder(a: readonly string[], b: readonly string[]): number {
  let row = new Array<number>(b.length + 1).fill(0);
  for (const one of a) {
    const next = [0];
    for (const [i, other] of b.entries()) {
      next.push(one === other ? (row[i] ?? 0) + 1 : Math.max(row[i + 1] ?? 0, next[i] ?? 0));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
