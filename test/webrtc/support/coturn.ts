/** A real TURN server (Debian's coturn) on loopback, without TLS and database. Tests that need it are skipped where it is not installed. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';

export const hasCoturn = spawnSync('turnserver', ['--version']).error === undefined;

/** @param users who may use it, as coturn's options  @param ports the first and the last that it relays by */
export async function coturn(
  port: number,
  users: readonly string[],
  ports: readonly [number, number] = [42400, 42449],
): Promise<ChildProcess> {
  const child = spawn(
    'turnserver',
    [
      ...['-n', '--no-tls', '--no-dtls', '--no-cli', '--allow-loopback-peers', ...users, '--log-file=stdout'],
      ...['--realm=test', '--listening-ip=127.0.0.1', '--relay-ip=127.0.0.1', `--listening-port=${port}`],
      ...[`--min-port=${ports[0]}`, `--max-port=${ports[1]}`, '--userdb=/tmp/talkgraph-no-such-db'],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  for await (const chunk of child.stdout!) {
    if (/listener opened on|relay .* initialization done/i.test(String(chunk))) break;
  }
  return child;
}
