/** What was made for sessions stays within its bound. */
import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { MadeClips } from '../../src/server/madeclips.js';

/** A maker of a clip of so many bytes, a little of them in a folder. */
const maker = (id: string, bytes: number) => async (root: string) => {
  await mkdir(join(root, id, 'frames'), { recursive: true });
  await writeFile(join(root, id, 'avatar.yaml'), '.'.repeat(7));
  await writeFile(join(root, id, 'frames', '0.webp'), Buffer.alloc(bytes - 7));
};
const there = (folder: string) => readdirSync(folder).sort();
/** Makes a clip look as if it was used so many hours ago. */
const age = (folder: string, id: string, hours: number) => {
  const time = new Date(Date.now() - hours * 3_600_000);
  utimesSync(join(folder, id), time, time);
};

t.test('the longest unused go first, and those that sessions have stay', async (t) => {
  const folder = join(t.testdir(), '.clips');
  const made = new MadeClips(folder, 1000);
  for (const id of ['a', 'b', 'c']) await made.take(id, maker(id, 300));
  made.drop('b');
  made.drop('c');
  age(folder, 'a', 9);
  age(folder, 'b', 2);
  age(folder, 'c', 5);
  t.same(there(folder), ['a', 'b', 'c'], 'they fit');
  await made.take('d', maker('d', 300));
  t.same(there(folder), ['a', 'b', 'd'], 'a is older, and in use');
  await made.take('b', () => Promise.reject(new Error('b is there')));
  made.drop('b');
  made.drop('a');
  await made.take('e', maker('e', 300));
  t.same(there(folder), ['b', 'd', 'e'], 'b was used again');
});

t.test('one that two have goes with the second', async (t) => {
  const folder = join(t.testdir(), '.clips');
  const made = new MadeClips(folder, 500);
  let times = 0;
  const counted = async (root: string) => {
    times++;
    await maker('a', 300)(root);
  };
  await Promise.all([made.take('a', counted), made.take('a', counted)]);
  t.equal(times, 1);
  made.drop('a');
  await t.rejects(made.take('b', maker('b', 300)), { code: 'resource/quota', message: /TALKGRAPH_CLIPS/ });
  t.same(there(folder), ['a'], 'what did not fit is gone');
  made.drop('a');
  await made.take('b', maker('b', 300));
  t.same(there(folder), ['b']);
});

t.test('one that fails holds nothing, and is tried again', async (t) => {
  const folder = join(t.testdir(), '.clips');
  const made = new MadeClips(folder, 500);
  await t.rejects(
    made.take('a', () => Promise.reject(new Error('no'))),
    { message: 'no' },
  );
  await made.take('a', maker('a', 300));
  made.drop('a');
  await made.take('b', maker('b', 300));
  t.same(there(folder), ['b']);
});

t.test('it counts what was there before, and clears away what a killed maker left', async (t) => {
  const folder = join(t.testdir(), '.clips');
  for (const [name, hours] of [
    ['old', 50],
    ['.dead-1', 30],
    ['.busy-2', 1],
  ] as const) {
    mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, name, 'avatar.yaml'), '.'.repeat(400));
    age(folder, name, hours);
  }
  const made = new MadeClips(folder, 500);
  await made.take('new', maker('new', 300));
  t.same(there(folder), ['.busy-2', 'new']);
  t.notOk(existsSync(join(folder, 'old')));
});
