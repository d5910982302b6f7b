/** How long the first to ask for a presenter waits until all its pictures are there; everybody after shares them at once. */
import { listAvatars, openAvatar } from '../../src/avatar/index.js';
import { progress, type Row, report, spread } from './support/report.js';

const TIMES = 10;

const rows: Row[] = [];
for (const id of await listAvatars()) {
  progress(id);
  const took: number[] = [];
  let pictures = '';
  for (let i = 0; i < TIMES; i++) {
    const begin = performance.now();
    const avatar = await openAvatar(id);
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
