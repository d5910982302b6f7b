/**
 * `talkgraph voices`: who can speak here.
 */
import { closeVoices, listVoices, type OptionInfos } from '../voice/index.js';
import { EXIT } from './exit.js';
import { noMoreThan, readOptions } from './options.js';
import type { Terminal } from './terminal.js';

export const help = `
talkgraph voices [ENGINE] [--json]

Lists the voices that can speak here, by engine, and what those behind a service still need; the property voice= of ttssrc takes
ENGINE/NAME. With ENGINE also what can be set for it. A service is asked for its voices only when its address is set.
`;

/** Lists all voices, or those of one engine. */
export async function run(args: string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = readOptions(args, { json: { type: 'boolean' } });
  noMoreThan(1, positionals);
  try {
    const found = await listVoices(positionals[0]);
    if (values.json === true) terminal.out(`${JSON.stringify(found, null, 2)}\n`);
    else terminal.out(overview(found, terminal, positionals.length > 0));
  } finally {
    await closeVoices();
  }
  return EXIT.ok;
}

function overview(
  { engines }: Awaited<ReturnType<typeof listVoices>>,
  terminal: Terminal,
  withOptions: boolean,
): string {
  return engines
    .map(({ name, description, voices, unavailable, options = {} }) => {
      const width = Math.max(0, ...voices.map((voice) => name.length + 1 + voice.name.length)) + 2;
      const lines = voices.map((voice) => {
        const label = terminal.paint('name', `${name}/${voice.name}`.padEnd(width), 'out');
        const facts = [voice.language, voice.gender, voice.description].filter(Boolean).join(', ');
        return `  ${label}${facts}`.trimEnd();
      });
      const trouble = unavailable === undefined ? [] : [`  ${terminal.paint('warning', unavailable, 'out')}`];
      const settings = withOptions ? optionLines(options, terminal) : [];
      const title = `${terminal.paint('strong', name, 'out')}: ${description}`;
      return [title, ...lines, ...settings, ...trouble].join('\n');
    })
    .join('\n\n')
    .concat('\n');
}

/** What can be set: for one utterance by its name, for all by a variable of the environment. */
function optionLines(options: OptionInfos, terminal: Terminal): string[] {
  const names = Object.keys(options);
  if (names.length === 0) return [];
  const width = Math.max(...names.map((name) => name.length)) + 2;
  return [
    '',
    '  can be set (by environment variables for all that is said):',
    ...Object.entries(options).map(([name, { blurb, environment = [], default: usual }]) => {
      const facts = [environment.join(', '), usual === undefined ? '' : `default ${usual}`].filter(Boolean);
      const more = facts.length > 0 ? ` (${facts.join('; ')})` : '';
      return `  ${terminal.paint('name', name.padEnd(width), 'out')}${blurb}${more}`;
    }),
  ];
}
