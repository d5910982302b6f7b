/**
 * How long the first to ask for a presenter waits until all its pictures are there; everybody after shares them at once. And for
 * half an hour of one, whose pictures are read as they play.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listAvatars, openAvatar } from '../../src/avatar/index.js';
import { putHalfHour } from '../support/halfhour.js';
import { progress, type Row, report, spread } from './support/report.js';

const TIMES = 10;

const long = mkdtempSync(join(tmpdir(), 'talkgraph-long-'));
process.on('exit', () => rmSync(long, { recursive: true, force: true }));
putHalfHour(long);

const rows: Row[] = [];
for (const [id, root] of [...(await listAvatars()).map((id) => [id] as const), ['long', long] as const]) {
  progress(id);
  const took: number[] = [];
  let pictures = '';
  for (let i = 0; i < TIMES; i++) {
    const begin = performance.now();
    const avatar = await openAvatar(id, root === undefined ? {} : { root });
    took.push(performance.now() - begin);
    pictures = `${avatar.count} pictures of ${avatar.width}x${avatar.height}`;
    avatar.close();
  }
  rows.push({
    what: `open \`${id}\``,
    unit: 'ms',
    ...spread(took),
    budgets: [{ of: 'p95', max: 1000 }],
    note: pictures,
  });
}
report(rows);
