/**
 * `talkgraph serve`: the page and the API; one graph for each viewer. LiveTalking's options and `config.yaml` mean what they
 * meant there.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { openAvatar } from '../avatar/index.js';
import { endBy } from '../graph/ending.js';
import { CustomClips } from '../server/custom.js';
import type { Keys } from '../server/keys.js';
import type { ShownConfig } from '../server/routes/admin.js';
import { type Served, serve } from '../server/server.js';
import type { SessionSettings } from '../session/session.js';
import { Sessions } from '../session/sessions.js';
import { Standing } from '../session/standing.js';
import { EXIT } from './exit.js';
import { demandImported } from './livetalking/brought.js';
import { readConfig, readDotEnv } from './livetalking/config.js';
import { type Settings, settle } from './livetalking/settings.js';
import { shownConfig } from './livetalking/shown.js';
import { readWords } from './serve/arguments.js';
import { serveHelp } from './serve/help.js';
import { ServerKeys } from './serve/keys.js';
import { type Plan, planOf } from './serve/plan.js';
import type { Terminal } from './terminal.js';

export const help = serveHelp();

/** Seconds after the first Ctrl-C or SIGTERM in which the process has ended, whatever hangs; sessions get this much of them. */
const DRAIN = 3;
const SESSIONS = 2.5;

/** Serves until it is interrupted. */
export async function run(args: string[], terminal: Terminal): Promise<number> {
  const settings = readSettings(args, terminal);
  const plan = planOf(settings.options);
  await demandImported(String(plan.settings.parameters['model'] ?? ''), plan.avatar);
  const clips =
    plan.actions === undefined ? undefined : await new CustomClips().ofFile(plan.actions, plan.avatar);
  const withClips = (settings: SessionSettings): SessionSettings =>
    clips === undefined
      ? settings
      : { ...settings, parameters: { ...settings.parameters, clips: clips.folder } };
  const sessions = new Sessions(plan.limit, withClips(plan.settings), plan.ids, plan.queue, plan.bounds);
  const keys = new ServerKeys(process.env);

  // The first viewer shall not wait for what all share: the avatar stays open, and a session that nobody sees loads
  // model and voice and shows early what is wrong with graph or settings.
  const kept = await openAvatar(plan.avatar);
  const standing = plan.standing.map(
    (settings, n) => new Standing(sessions, { id: String(n), settings: withClips(settings) }),
  );
  let late: Promise<void> | undefined;
  try {
    for (const one of standing) await one.start();
    if (standing.length === 0) await (await sessions.create()).close('rehearsal');
    const server = await open(sessions, plan, keys.keys, shownConfig(settings, process.env));
    if (keys.mayChange || plan.audit !== undefined || plan.tls !== undefined)
      terminal.onRenew(() => void renew(terminal, keys, server));
    terminal.out(`talkgraph: open ${server.url}/  (Ctrl-C ends it)\n`);
    await interrupted(terminal);
    const asked = performance.now();
    if (terminal.own) endBy(DRAIN * 1000, EXIT.failed);
    late = after(SESSIONS);
    for (const one of standing) one.close();
    const whole = await Promise.race([server.close().then(() => true), late.then(() => false)]);
    if (!whole) {
      terminal.err(`talkgraph: not all has ended within ${SESSIONS} s, and goes with the process\n`);
      process.exit(EXIT.failed);
    }
    // All is written. Workers and libraries may take long to end on a busy machine.
    if (terminal.own) endBy(DRAIN * 1000 - (performance.now() - asked), EXIT.ok);
    return EXIT.ok;
  } finally {
    for (const one of standing) one.close();
    await Promise.race([sessions.close(), late ?? after(SESSIONS)]);
    kept.close();
    await clips?.drop();
  }
}

function open(
  sessions: Sessions,
  {
    host,
    port,
    avatar,
    asr,
    log,
    settings,
    origins,
    insecure,
    editGraphs,
    rates,
    tls,
    audit,
    traces,
    trustProxy,
    outputs,
  }: Plan,
  keys: Keys,
  config: ShownConfig,
): Promise<Served> {
  const voice = settings.parameters['voice'];
  return serve(sessions, {
    ...{
      host,
      port,
      avatar,
      asr,
      config,
      log,
      origins,
      insecure,
      editGraphs,
      rates,
      keys,
      trustProxy,
      outputs,
    },
    ...(tls !== undefined && { tls }),
    ...(audit !== undefined && { audit }),
    ...(traces !== undefined && { traces }),
    ...(typeof voice === 'string' ? { voice } : {}),
  });
}

/** Reads the files of tokens and certificate anew, and opens the audit log anew. What cannot be read stays as it was. */
async function renew(terminal: Terminal, keys: ServerKeys, server: Served): Promise<void> {
  const steps = [async () => keys.renew(), () => server.renew()];
  const failures = (await Promise.allSettled(steps.map((step) => step()))).filter(
    (one): one is PromiseRejectedResult => one.status === 'rejected',
  );
  for (const { reason } of failures)
    terminal.err(`${terminal.paint('warning', 'warning:')} ${(reason as Error).message}\n`);
  if (failures.length === 0) terminal.err('talkgraph: tokens, certificate and audit log are those of now\n');
}

/** Nobody stays for it. */
const after = (seconds: number): Promise<void> => sleep(seconds * 1000, undefined, { ref: false });

/** Command line, `.env` and `config.yaml`, with a line for everything in them that changes nothing. */
function readSettings(args: readonly string[], terminal: Terminal): Settings {
  for (const [name, value] of Object.entries(readDotEnv())) process.env[name] ??= value;
  const line = readWords(args);
  const named = line.said.get('config');
  const file = readConfig(named ?? 'config.yaml', named !== undefined);
  const settings = settle(line.said, file.said, process.env);
  for (const warning of [...line.warnings, ...file.warnings, ...settings.warnings])
    terminal.err(`${terminal.paint('warning', 'warning:')} ${warning}\n`);
  // Engines read their settings there, wherever they run.
  Object.assign(process.env, settings.environment);
  return settings;
}

/** Resolves at the first Ctrl-C or SIGTERM; a second one ends the process at once. */
function interrupted(terminal: Terminal): Promise<void> {
  return new Promise((resolve) => {
    let asked = false;
    terminal.onInterrupt(() => {
      if (asked) process.exit(EXIT.interrupted);
      asked = true;
      terminal.err('talkgraph: ending all sessions\n');
      resolve();
    });
  });
}
