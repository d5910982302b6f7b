/**
 * `talkgraph doctor`: what is missing on this machine and how to get it.
 */
import {
  checkAssets,
  checkGStreamer,
  checkInference,
  checkNode,
  checkOwnElements,
  type Finding,
} from './doctor-checks.js';
import { checkEncoders } from './doctor-encoders.js';
import { checkExtras } from './doctor-extras.js';
import { checkServer } from './doctor-server.js';
import { EXIT } from './exit.js';
import { noMoreThan, readOptions } from './options.js';
import type { Terminal } from './terminal.js';

export const help = `
talkgraph doctor [--json]

Looks at Node, GStreamer and its plugins, the addon, ONNX Runtime, encoders of graphics cards, models, avatars, voices, the
port and the folders of the server, and what single features need, and says how to get what is missing. FFmpeg is not needed. Exit code 1 when
something is missing that nothing works without; --json prints all findings.
`;

/** Runs all checks. */
export async function run(args: string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = readOptions(args, { json: { type: 'boolean' } });
  noMoreThan(0, positionals);
  const findings = (
    await Promise.all([
      checkNode(),
      checkGStreamer(),
      checkOwnElements(),
      checkInference(),
      checkAssets(),
      checkServer(),
      checkEncoders(),
      checkExtras(),
    ])
  ).flat();
  const healthy = findings.every((one) => one.there || !one.required);
  if (values.json === true) terminal.out(`${JSON.stringify({ healthy, findings }, null, 2)}\n`);
  else terminal.out(render(findings, terminal));
  return healthy ? EXIT.ok : EXIT.failed;
}

/** Findings by area; what is there of one area on one line, what is missing on a line each. */
export function render(findings: readonly Finding[], terminal: Terminal): string {
  const lines: string[] = [];
  for (const area of new Set(findings.map((one) => one.area))) {
    const members = findings.filter((one) => one.area === area);
    const there = members.filter((one) => one.there);
    // Many elements that are there say nothing one by one.
    if (there.length > 3) lines.push(mark('good', 'ok', `${there.length} ${area}`, terminal));
    else for (const one of there) lines.push(mark('good', 'ok', `${one.name}: ${one.detail}`, terminal));
    for (const one of members.filter((member) => !member.there)) {
      const [style, word] = one.required
        ? (['error', 'MISSING'] as const)
        : (['warning', 'not there'] as const);
      lines.push(mark(style, word, `${one.name}: ${one.detail}`, terminal));
      if (one.cure !== undefined) lines.push(`${' '.repeat(12)}${terminal.paint('faint', one.cure, 'out')}`);
    }
  }
  const missing = findings.filter((one) => !one.there && one.required).length;
  const verdict =
    missing === 0
      ? 'Everything that is needed is there.'
      : `${missing === 1 ? 'One thing' : `${missing} things`} must be there before talkgraph works. "npx talkgraph setup" installs what it can.`;
  return `${lines.join('\n')}\n\n${verdict}\n`;
}

function mark(style: 'good' | 'warning' | 'error', word: string, text: string, terminal: Terminal): string {
  return `${terminal.paint(style, word.padEnd(11), 'out')} ${text}`;
}
