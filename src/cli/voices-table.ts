/** The table of engines in docs/voices.md, made of what they say of themselves. */
import type { EngineListing } from '../voice/index.js';

/** Markdown, one row for each engine. */
export function voicesTable(engines: readonly EngineListing[]): string {
  const rows = engines.map(({ name, longName, remote, voices, marks, streaming, options = {} }) => {
    const rates = [...new Set(voices.flatMap(({ rate }) => rate ?? []))].sort((a, b) => a - b);
    const set = Object.values(options).flatMap(({ environment = [] }) => environment[0] ?? []);
    return [
      `\`${name}\``,
      longName,
      remote?.protocol ?? 'on this machine',
      remote === undefined ? 'itself' : remote.seen === 'fake' ? 'a fake' : 'the service',
      rates.length > 0 ? rates.join(', ') : 'its own',
      streaming ? 'yes' : 'by sentence',
      remote?.cloning ?? 'no',
      marks.length > 0 ? marks.join(', ') : '',
      [...new Set(set)].map((one) => `\`${one}\``).join(' '),
    ];
  });
  const head =
    'engine|is|asked by|seen against|rate, Hz|as it is made|speaks like a recording|marks|environment'.split(
      '|',
    );
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
