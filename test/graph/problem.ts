import t from 'tap';
import { GraphError, Problems, renderProblem, reportProblem } from '../../src/graph/problem.js';
import { spot } from '../../src/graph/source.js';

const source = { file: 'g.yaml', text: 'a: 1\n\tb: { voise: x }\n日本 key: 2\n' };

t.test('shows the place, the line and a caret under the word', async (t) => {
  const text = renderProblem({ message: 'no property "voise"', spot: spot(source, 11, 16) });
  t.equal(text, 'g.yaml:2:7: no property "voise"\n  2 | \tb: { voise: x }\n    | \t     ^^^^^');
});

t.test('the caret stands under the word behind wide characters', async (t) => {
  const at = source.text.indexOf('key');
  t.equal(
    renderProblem({ message: 'm', spot: spot(source, at, at + 3) }),
    'g.yaml:3:4: m\n  3 | 日本 key: 2\n    |      ^^^',
  );
});

t.test('a very long line is shown around the place', async (t) => {
  const long = { file: 'l', text: `${'x'.repeat(5000)}HERE${'y'.repeat(5000)}` };
  const [, line = '', caret = ''] = renderProblem({ message: 'm', spot: spot(long, 5000, 5004) }).split('\n');
  t.ok(line.length < 160);
  t.equal(line.slice(caret.indexOf('^'), caret.lastIndexOf('^') + 1), 'HERE');
});

t.test('a complaint without a place is its sentence', async (t) => {
  t.equal(renderProblem({ message: 'text=… is needed' }), 'text=… is needed');
  t.same(reportProblem({ message: 'x' }), { message: 'x' });
});

t.test('an empty place still shows one caret', async (t) => {
  t.match(renderProblem({ message: 'm', spot: spot(source, 0) }), / \^$/);
  t.same(reportProblem({ message: 'm', spot: spot(source, 0) }), {
    message: 'm',
    file: 'g.yaml',
    line: 1,
    column: 1,
    length: 1,
  });
});

t.test('collects all, says the same once, and throws them in the order of the file', async (t) => {
  const problems = new Problems();
  problems.throwIfAny();
  t.ok(problems.none);
  problems.add('second', spot(source, 20));
  problems.add('first', spot(source, 2));
  problems.add('first', spot(source, 2));
  problems.add('no place');
  t.equal(problems.list.length, 3);
  try {
    problems.throwIfAny();
    t.fail('nothing thrown');
  } catch (error) {
    t.ok(error instanceof GraphError);
    t.same(
      (error as GraphError).problems.map((p) => p.message),
      ['no place', 'first', 'second'],
    );
  }
});

t.test('of very many complaints the first are shown, and all are counted', (t) => {
  const problems = new Problems();
  for (let n = 0; n < 20_051; n++) problems.add(`wrong ${n}`);
  t.throws(() => problems.throwIfAny(), {
    message: /^wrong 0\n(wrong \d+\n){49}… and 20001 more$/,
    details: { problems: 20_051 },
  });
  t.end();
});
