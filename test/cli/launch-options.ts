import t from 'tap';
import { UsageError } from '../../src/cli/exit.js';
import { joinLine, readLaunch } from '../../src/cli/launch-options.js';
import { parseLaunch } from '../../src/graph/launch-parse.js';

t.test('flags may stand anywhere and together, as with gst-launch', async (t) => {
  t.match(readLaunch(['-vm', 'a', '!', 'b', '--tags', '-e']), {
    verbose: true,
    messages: true,
    tags: true,
    quiet: false,
    json: false,
    graph: { line: 'a ! b' },
  });
  t.match(readLaunch(['--json', '-q', 'a']), { json: true, quiet: true, verbose: false });
  t.match(readLaunch(['--', '-v']), { verbose: false, graph: { line: '-v' } });
  t.match(readLaunch(['a', 'x=-5', '-']), { graph: { line: 'a x=-5 -' } });
});

t.test('a graph file takes its parameters as name=value', async (t) => {
  t.same(readLaunch(['g.yaml', 'text=a=b c', 'n=']).graph, {
    file: 'g.yaml',
    values: { text: 'a=b c', n: '' },
  });
  t.same(readLaunch(['x.yaml', '!', 'b']).graph, { line: 'x.yaml ! b' });
});

t.test('what cannot be meant is refused with a hint', async (t) => {
  t.throws(() => readLaunch([]), UsageError);
  t.throws(() => readLaunch(['--mesages', 'a']), {
    message: 'there is no option --mesages, did you mean --messages?',
  });
  t.throws(() => readLaunch(['-x', 'a']), { message: /^there is no option -x/ });
  t.throws(() => readLaunch(['-vx', 'a']), { message: /there is no option -vx/ });
  t.throws(() => readLaunch(['g.yaml', 'text']), {
    message: '"text" is no parameter: a graph file takes name=value',
  });
  t.throws(() => readLaunch(['g.yaml', 'a=1', 'a=2']), { message: 'a is given twice' });
});

t.test('what the shell took apart means the same again', async (t) => {
  const values = (...words: string[]) => {
    const node = parseLaunch(joinLine(words))[0]?.nodes[0];
    return node?.kind === 'element' ? node.assignments.map((item) => item.value.text) : undefined;
  };
  t.same(values('ttssrc', 'text=Hello there ! you', 'voice=x'), ['Hello there ! you', 'x']);
  t.same(values('ttssrc', 'text=', 'voice=x'), ['', 'x']);
  t.same(values('ttssrc', 'text=two\nlines and "more"', 'voice=x'), ['two\nlines and "more"', 'x']);
  t.same(values('ttssrc', 'text="quoted already"', 'voice=x'), ['quoted already', 'x']);
  t.same(values('ttssrc', 'text=kept\\ so', 'voice=x'), ['kept so', 'x']);
  t.equal(joinLine(['a ! b text="x y"']), 'a ! b text="x y"');
  t.equal(joinLine(['a', '!', 'audio/x-raw, rate=5', '!', 'b']), 'a ! audio/x-raw,\\ rate=5 ! b');
});
