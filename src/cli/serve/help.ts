/** What `talkgraph help serve` prints, made of the tables of options. */
import { THEIRS } from '../livetalking/table.js';
import { typed } from './arguments.js';
import { GROUPS, OPTIONS, type ServeOption } from './options.js';

const HEAD = `
talkgraph serve [options]

Serves the page at / and LiveTalking's API. Ctrl-C ends all sessions, then the server.

  talkgraph serve                                             the page at http://127.0.0.1:8010/
  talkgraph serve --avatar max --voice edge/en-US-GuyNeural   another face and voice
  talkgraph serve --llm-url http://127.0.0.1:11434/v1 --llm-model llama3.2
  talkgraph serve --transport rtmp --push-url rtmp://127.0.0.1/live/key
  TALKGRAPH_TOKEN=… talkgraph serve --host 0.0.0.0            for others, with a lock
  talkgraph serve --avatar_id lisa --tts gpt-sovits --TTS_SERVER http://127.0.0.1:9880 --listenport 8010
`;

const FOOT = `
What the command line says counts first, then the environment (with .env), then config.yaml. An option that nobody knows is
a warning.

Keys come from the environment: DASHSCOPE_API_KEY (as LiveTalking), OPENAI_API_KEY, or LLM_API_KEY for the address that is set.

An address that others can reach needs a token: set TALKGRAPH_TOKEN and open http://HOST:PORT/?token=TOKEN once.
With TALKGRAPH_ADMIN_TOKEN besides, the list of sessions, /api/admin and /metrics need that one. Several tokens stand in files, one a line with
a name before it: TALKGRAPH_TOKEN_FILE, TALKGRAPH_ADMIN_TOKEN_FILE; SIGHUP reads them, and the certificate, anew.
`;

/** Columns in which words are broken. */
const WIDTH = 110;

const ours: readonly ServeOption[] = OPTIONS;

/** The help, in groups. */
export function serveHelp(): string {
  const shown = (option: ServeOption) =>
    `--${option.name}${option.value === undefined ? '' : ` ${option.value}`}`;
  const width = Math.max(...ours.map((option) => shown(option).length)) + 4;
  const groups = GROUPS.map((group) => {
    const rows = ours.filter((option) => option.group === group);
    const lines = rows.map((option) => {
      const usual = option.otherwise === undefined ? '' : ` (${option.otherwise})`;
      return `  ${shown(option)}`.padEnd(width) + wrapped(option.blurb + usual, width);
    });
    return `${group}:\n${lines.join('\n')}`;
  });
  const theirs = THEIRS.filter(({ hidden }) => hidden !== true).map(({ name }) => typed(name));
  const both = `As LiveTalking (docs/livetalking.md says what each is):\n  ${wrapped(theirs.join(' '), 2)}`;
  return `${HEAD}\n${groups.join('\n\n')}\n\n${both}\n${FOOT}`;
}

/** Breaks a text between words; lines after the first are moved in. */
function wrapped(text: string, indent: number): string {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines.at(-1) ?? '';
    if (last !== '' && indent + last.length + 1 + word.length > WIDTH) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines.join(`\n${' '.repeat(indent)}`);
}
