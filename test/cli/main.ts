import t from 'tap';
import { COMMANDS } from '../../src/cli/commands.js';
import { packageVersion, run } from '../../src/cli/main.js';
import { fakeTerminal } from '../support/terminal.js';

async function talkgraph(...args: string[]) {
  const terminal = fakeTerminal();
  const exit = await run(args, terminal);
  return { exit, ...terminal.written };
}

t.test('help lists all commands, and explains each', async (t) => {
  for (const args of [[], ['help'], ['--help'], ['-h']]) {
    const { exit, out } = await talkgraph(...args);
    t.equal(exit, 0);
    for (const name of Object.keys(COMMANDS)) t.match(out, new RegExp(`^  ${name} `, 'm'));
  }
  for (const name of Object.keys(COMMANDS)) {
    const { exit, out } = await talkgraph('help', name);
    t.equal(exit, 0);
    t.match(out, `talkgraph ${name}`);
    t.equal((await talkgraph(name, '--help')).out, out);
  }
});

t.test('the version is the package’s', async (t) => {
  t.match(packageVersion(), /^\d+\.\d+\.\d+/);
  t.same(await talkgraph('--version'), { exit: 0, out: `talkgraph ${packageVersion()}\n`, err: '' });
});

t.test('an unknown command is refused with the one that was meant', async (t) => {
  const { exit, err, out } = await talkgraph('lanch');
  t.equal(exit, 2);
  t.equal(out, '');
  t.equal(err, 'error: there is no command "lanch", did you mean "launch"?\n"talkgraph help" says more.\n');
  t.match(await talkgraph('help', 'inspct'), { exit: 2, err: /did you mean "inspect"/ });
});

t.test('a wrong option is refused with the one that was meant', async (t) => {
  t.match(await talkgraph('inspect', '--jsn'), {
    exit: 2,
    err: 'error: there is no option --jsn, did you mean --json?\n"talkgraph help inspect" says more.\n',
  });
  t.match(await talkgraph('doctor', '--json=5'), { exit: 2 });
  const without = await talkgraph('serve', '--asr-url=http://127.0.0.1:9/v1');
  t.match(without, {
    exit: 2,
    err: /^error: --asr-url and --asr-model are for a recogniser: name it by --asr/,
  });
});

t.test('a word that nobody would read is refused', async (t) => {
  const rows = [
    ['doctor', 'extra'],
    ['serve', 'extra'],
    ['voices', 'flite', 'extra'],
    ['graph', 'dot', 'render.yaml', 'extra'],
    ['graph', 'schema', 'render.yaml', 'extra'],
    ['graph', 'print', '--yaml', 'render.yaml', 'extra'],
    ['new', 'transform', 'audio-thing', 'extra'],
  ];
  for (const args of rows) {
    const { exit, err, out } = await talkgraph(...args);
    t.match(
      { exit, err, out },
      { exit: 2, out: '', err: /^error: "extra" is one word too many\n/ },
      args.join(' '),
    );
  }
});
