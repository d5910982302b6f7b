/** `talkgraph avatar create` as a person and as a program sees it. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { openAvatar } from '../../src/avatar/index.js';
import { run } from '../../src/cli/main.js';
import { film, grey } from '../support/film.js';
import { fakeTerminal } from '../support/terminal.js';

t.setTimeout(120_000);
const folder = t.testdir();
const avatars = join(folder, 'avatars');
const [take, empty] = [join(folder, 'take.mov'), join(folder, 'empty.mov')];
// Small: what is looked for in pictures is found in these as well, in a quarter of the time.
const ava = await openAvatar('ava', { width: 256, height: 384 });
await film(
  take,
  Array.from({ length: 40 }, (_, n) => ava.data(n)),
  ava,
);
await film(
  empty,
  Array.from({ length: 10 }, () => grey(320, 240)),
  { width: 320, height: 240 },
);
ava.close();

async function create(args: readonly string[], terminal = fakeTerminal()) {
  const exit = await run(['avatar', 'create', ...args], terminal);
  return { exit, ...terminal.written };
}

t.test('says what it does, what it made and what it found', async (t) => {
  const args = [take, '--id', 'anna', '--folder', avatars, '--name', 'Anna', '--length', '1.2'];
  const { exit, out, err } = await create(args, fakeTerminal({ watched: true }));
  t.equal(exit, 0);
  t.match(out, /^anna: 30 pictures \(0:00\.\d to 0:01\.\d\) of 256x384, in .*anna\.$/m);
  t.match(out, /^warning: 0:00\.\d-0:01\.\d: The loop is short/m);
  t.match(err, / {2}writing: 30 of 30 pictures/);
});

t.test('as JSON: progress by the line, then one object', async (t) => {
  const { exit, out, err } = await create([take, '--id', 'bert', '--folder', avatars, '--json']);
  t.equal(exit, 0);
  t.match(JSON.parse(out), { id: 'bert', frames: 40, findings: [{ kind: 'short', level: 'warning' }] });
  const lines = err
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  t.match(lines.at(-1), { progress: 100, stage: 'writing', done: 40, of: 40 });
});

t.test('what cannot be used ends with 1, what is typed wrong with 2', async (t) => {
  const bad = await create([empty, '--id', 'none', '--folder', avatars]);
  t.equal(bad.exit, 1);
  t.match(bad.err, /^error: 0:00\.0-0:00\.4: There is no face to be seen\.$/m);
  const json = await create([empty, '--id', 'none', '--folder', avatars, '--json']);
  t.equal(json.exit, 1);
  t.match(JSON.parse(json.out), { error: { code: 'stream/format' }, findings: [{ kind: 'no-face' }] });
  const wrong: [string[], RegExp][] = [
    [[], /which video or photo/],
    [[take], /what should the avatar be called/],
    [[take, '--id', '../x', '--folder', avatars], /cannot be the id of an avatar/],
    [[take, '--id', 'anna', '--folder', avatars], /There is an avatar anna already/],
    [
      [take, '--id', 'x', '--loop', 'forwards'],
      /--loop takes there-and-back or forward, not "forwards", did you mean "?forward/,
    ],
    [[take, '--id', 'x', '--crop', '1,2,3'], /--crop takes X,Y,WIDTH,HEIGHT/],
    [[take, '--id', 'x', '--size', '1e3'], /--size takes a number from 64 to 4096/],
    [[take, '--id', 'x', '--lenght', '3'], /did you mean --length/],
  ];
  for (const [args, message] of wrong) {
    const { exit, err } = await create(args);
    t.equal(exit, 2, args.join(' '));
    t.match(err, message);
  }
  const none = fakeTerminal();
  t.equal(await run(['avatar', 'craete'], none), 2);
  t.match(none.written.err, /did you mean "?create/);
  t.same(readdirSync(avatars).sort(), ['anna', 'bert']);
});

t.test('Ctrl-C leaves nothing', async (t) => {
  const terminal = fakeTerminal({ watched: true });
  const running = create([take, '--id', 'stopped', '--folder', avatars], terminal);
  await terminal.until(/looking/);
  terminal.interrupt();
  const { exit, err } = await running;
  t.equal(exit, 130);
  t.match(err, /interrupted; nothing was left behind/);
  t.notOk(existsSync(join(avatars, 'stopped')));
  t.same(
    readdirSync(avatars).filter((name) => name.startsWith('.')),
    [],
  );
  t.equal(terminal.interrupted(), 0);
});
