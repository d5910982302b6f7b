/**
 * A model that is nearly fast enough: Wav2Lip for 96 pixels, of the true layers with made-up weights, in a live session
 * that speaks for ten seconds. How many mouths were not done in time, at full rate and at the rate that is chosen here.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importModel } from '../../src/checkpoint/index.js';
import { closeSharedPool, sharedPool } from '../../src/inference/index.js';
import { closeVoices } from '../../src/voice/index.js';
import { prepare, session, wait } from './support/face.js';
import { progress, type Row, report } from './support/report.js';
import { writeWav2Lip } from './support/wav2lip.js';

const SECONDS = 10;
const TEXT =
  'Every morning the old sailor walked along the harbour and told anyone who would listen. '.repeat(4);

const folder = mkdtempSync(join(tmpdir(), 'talkgraph-rate-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const checkpoint = join(folder, 'wav2lip96.safetensors');
writeWav2Lip(checkpoint, 96);
await importModel(checkpoint, { name: 'wav2lip96', folder, licence: 'made up' });
const avatar = await prepare();
const model = join(folder, 'wav2lip96');

const rows: Row[] = [];
for (const rate of ['full', 'auto']) {
  let every = 1;
  const pipeline = await session(
    `ttssrc name=say ! audioresample ! audio/x-raw,rate=16000 ! featextract model=${model} ! lipsyncfilter name=lips model=${model} rate=${rate} ! fakesink sync=true processing-deadline=0`,
  );
  pipeline.on('mark', ({ name, fields }) => {
    if (name === 'mouth-rate') every = Number(fields['every']);
  });
  pipeline.element('say').emit('say', TEXT, null, null);
  // Its first word is over by then, and so is whatever was planned anew for it.
  await wait(2000);
  const missed = () => Number(pipeline.element('lips').get('missed'));
  const [before, done] = [missed(), sharedPool().counts.done];
  await wait(SECONDS * 1000);
  const late = missed() - before;
  progress(`${rate}: ${late} missed`);
  rows.push({
    what: `Wav2Lip 96, ${rate === 'full' ? 'full rate' : 'the rate chosen'}: mouths missed of ${25 * SECONDS}`,
    unit: 'mouths',
    n: 1,
    p50: late,
    budgets: rate === 'full' ? [] : [{ of: 'p50', max: 0 }],
    note: `${{ 1: 'all', 2: 'every second', 4: 'every fourth' }[every]} inferred: ${sharedPool().counts.done - done}`,
  });
  await pipeline.close();
}
avatar.close();
await closeSharedPool();
await closeVoices();
report(rows);
process.exit(0);
