/** The guide to a first element: each step compiles, and what it says to run runs. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { follow } from '../support/guide.js';
import { workshop } from '../support/workshop.js';

// Two compilations; a machine that runs other tests beside takes its time.
t.setTimeout(240_000);

t.test('docs/first-element.md', async (t) => {
  const shop = workshop(t.testdir({}));
  await follow(t, shop, 'docs/first-element.md');
  t.ok(readFileSync(join(shop.folder, 'robot.wav')).length > 10_000, 'the robot has spoken');
});
