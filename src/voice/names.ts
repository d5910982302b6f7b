/** LiveTalking's names for engines, kept so that its users' settings go on working. */
export const ALIASES: Readonly<Record<string, string>> = {
  edgetts: 'edge',
  fishtts: 'fish',
  azuretts: 'azure',
  qwentts: 'qwen',
  omnitts: 'omni',
};

/** Names that a sentence lists. */
const MOST = 20;

/** The end of an error's sentence: the names nearest to a mistyped one, best first, at most five; the first twenty when none is near. */
export function didYouMean(word: string, names: readonly string[]): { sentence: string; names: string[] } {
  const scored = names
    .map((name) => ({ name, distance: distance(word.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const near = scored
    .filter(({ name, distance: d }) => d <= Math.max(1, Math.floor(name.length / 3)))
    .slice(0, 5);
  const chosen = (near.length > 0 ? near : scored).map(({ name }) => name);
  const more = chosen.length - MOST;
  const listed = more > 1 ? [...chosen.slice(0, MOST), `${more} more`] : chosen;
  return {
    names: chosen,
    sentence: near.length > 0 ? `Did you mean ${list(chosen, 'or')}?` : `There are ${list(listed, 'and')}.`,
  };
}

/** `a, b and c`. */
export function list(names: readonly string[], word: 'and' | 'or'): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} ${word} ${names.at(-1)}`;
}

/** Damerau–Levenshtein distance (optimal string alignment): single letters put in, left out, changed or swapped. */
function distance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(rows[i - 1]![j]! + 1, row[j - 1]! + 1, rows[i - 1]![j - 1]! + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, rows[i - 2]![j - 2]! + 1);
      row.push(best);
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}
