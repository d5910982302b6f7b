/**
 * `talkgraph voices`: who can speak here.
 */
import { closeVoices, listVoices } from '../voice/index.js';
import { EXIT } from './exit.js';
import { noMoreThan, readOptions } from './options.js';
import type { Terminal } from './terminal.js';

export const help = `
talkgraph voices [ENGINE] [--json]

Lists the voices that can speak here, by engine; the property voice= of ttssrc takes ENGINE/NAME.
`;

/** Lists all voices, or those of one engine. */
export async function run(args: string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = readOptions(args, { json: { type: 'boolean' } });
  noMoreThan(1, positionals);
  try {
    const found = await listVoices(positionals[0]);
    terminal.out(values.json === true ? `${JSON.stringify(found, null, 2)}\n` : overview(found, terminal));
  } finally {
    await closeVoices();
  }
  return EXIT.ok;
}

function overview({ engines }: Awaited<ReturnType<typeof listVoices>>, terminal: Terminal): string {
  return engines
    .map(({ name, description, voices, unavailable }) => {
      const width = Math.max(0, ...voices.map((voice) => name.length + 1 + voice.name.length)) + 2;
      const lines = voices.map((voice) => {
        const label = terminal.paint('name', `${name}/${voice.name}`.padEnd(width), 'out');
        const facts = [voice.language, voice.gender, voice.description].filter(Boolean).join(', ');
        return `  ${label}${facts}`.trimEnd();
      });
      const trouble = unavailable === undefined ? [] : [`  ${terminal.paint('warning', unavailable, 'out')}`];
      return [`${terminal.paint('strong', name, 'out')}: ${description}`, ...lines, ...trouble].join('\n');
    })
    .join('\n\n')
    .concat('\n');
}
