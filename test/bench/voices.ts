/**
 * What we add to a voice's own time: from the first bytes that a service sends to the first samples that `speak` gives, for every
 * engine that has a fake. Fake and engine share a thread here, so the fake's own work is in it.
 */
import { readdir } from 'node:fs/promises';
import { closeVoices, speak } from '../../src/voice/index.js';
import { HttpFake } from '../fakes/http.js';
import type { Fake } from '../fakes/service.js';
import { progress, report, spread } from './support/report.js';

const TIMES = 40;
const folder = new URL('../fakes/', import.meta.url);
const rows = [];

for (const file of (await readdir(folder)).filter((name) => /^fake-.*\.js$/.test(name)).sort()) {
  const fake: Fake | undefined = (await import(new URL(file, folder).href)).default;
  if (fake?.engine === undefined) continue;
  const service = await fake.open();
  if (!(service instanceof HttpFake)) {
    await service.close();
    continue;
  }
  progress(fake.engine);
  Object.assign(process.env, service.environment);
  const times: number[] = [];
  for (let n = 0; n < TIMES; n++) {
    // One text: a fake that encodes does so once.
    const speech = speak({ text: 'Hello there, said the fox.', voice: fake.engine, rate: 24000 });
    await speech.next();
    // The first ones load code.
    if (n >= 5) times.push(performance.now() - service.wrote);
    await speech.return();
  }
  for (const name of Object.keys(service.environment)) delete process.env[name];
  await closeVoices();
  await service.close();
  const budgets = [{ of: 'p50' as const, max: 10 }];
  rows.push({
    what: `first bytes of \`${fake.engine}\` -> first samples`,
    unit: 'ms',
    ...spread(times),
    budgets,
  });
}
report(rows);
