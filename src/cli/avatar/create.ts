/**
 * `talkgraph avatar create`: an avatar from a video or a photo.
 */
import {
  type Created,
  type CreateProgress,
  createAvatar,
  type Finding,
  timecode,
} from '../../avatar/create/index.js';
import { unknownUse } from '../../avatar/index.js';
import { TalkError } from '../../element/error.js';
import { EXIT, UsageError } from '../exit.js';
import { ProgressLine, seconds } from '../progress.js';
import type { Terminal } from '../terminal.js';
import { Interrupted } from '../work.js';
import { createOptions } from './create-options.js';

/** Makes it. */
export async function run(args: string[], terminal: Terminal): Promise<number> {
  const { options, json } = createOptions(args);
  const abort = new AbortController();
  const ignore = terminal.onInterrupt(() => abort.abort(new Interrupted('interrupted')));
  const line = new ProgressLine(terminal);
  const started = performance.now();
  let told = -1;
  const progress = (now: CreateProgress) => {
    const percent = now.part === undefined ? undefined : Math.floor(100 * now.part);
    if (!json) return line.show(progressText(now, performance.now() - started));
    if (percent === undefined || percent === told) return;
    told = percent;
    terminal.err(`${JSON.stringify({ progress: percent, stage: now.stage, done: now.done, of: now.of })}\n`);
  };
  try {
    const made = await createAvatar({ ...options, signal: abort.signal, progress });
    line.clear();
    terminal.out(json ? `${JSON.stringify(made, null, 2)}\n` : summary(made, terminal));
    const unknown = unknownUse(options);
    if (!json && unknown !== undefined) terminal.out(`${unknown}\n`);
    return EXIT.ok;
  } catch (error) {
    line.clear();
    if (abort.signal.aborted) throw abort.signal.reason;
    return refuse(error, json, terminal);
  } finally {
    ignore();
  }
}

function refuse(error: unknown, json: boolean, terminal: Terminal): number {
  if (!(error instanceof TalkError)) throw error;
  if (error.code === 'resource/settings') throw new UsageError(error.message);
  const text = error.details['findings'];
  const found = typeof text === 'string' ? (JSON.parse(text) as Finding[]) : [];
  if (json) {
    const answer = { error: { code: error.code, message: error.message }, findings: found };
    terminal.out(`${JSON.stringify(answer, null, 2)}\n`);
    return EXIT.failed;
  }
  terminal.err(list(found, terminal));
  throw error;
}

function summary(
  { id, frames, width, height, from, to, closed, folder, findings }: Created,
  terminal: Terminal,
): string {
  const label = terminal.paint('good', `${id}:`, 'out');
  // Those of a photo are of no time.
  const part = to - from > 0.1 ? ` (${timecode(from)} to ${timecode(to)})` : '';
  const loop = frames === 1 ? 'one picture' : `${frames} pictures${part}`;
  const lips = closed === 0 ? '' : ` Lips were brought together in ${closed} of them.`;
  return (
    list(findings, terminal) +
    `${label} ${loop} of ${width}x${height}, in ${folder}.${lips}\n` +
    `It talks:  talkgraph launch graphs/render.yaml avatar=${id} text="Hello" location=hello.mp4\n`
  );
}

/** Findings, one a line, runs of the same kind gathered. */
function list(findings: readonly Finding[], terminal: Terminal): string {
  const groups = new Map<string, [Finding, ...Finding[]]>();
  for (const finding of findings) {
    const key = `${finding.level} ${finding.text}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [finding]);
    else group.push(finding);
  }
  return [...groups.values()]
    .map((group) => {
      const [{ level, text }] = group;
      const times = group.slice(0, 4).map(({ from, to }) => `${timecode(from)}-${timecode(to)}`);
      const more = group.length > 4 ? `, ${group.length - 4} more` : '';
      return `${terminal.paint(level, `${level}:`, 'out')} ${times.join(', ')}${more}: ${text}\n`;
    })
    .join('');
}

function progressText({ stage, done, of, part }: CreateProgress, elapsed: number): string {
  const doing = stage === 'reading' ? 'looking' : 'writing';
  const count = of === undefined ? `${done}` : `${done} of ${of}`;
  if (part === undefined || part < 0.02 || elapsed < 1500) return `  ${doing}: ${count} pictures`;
  const left = (elapsed / part) * (1 - part);
  return `  ${doing}: ${count} pictures  ${Math.floor(100 * part)} %  ${seconds(left * 1e6)} left`;
}
