import { homedir } from 'node:os';
import t from 'tap';
import { graphFromText } from '../../src/graph/load.js';
import type { Parameter, Scalar } from '../../src/graph/model.js';
import { bindValues, checkValue, parseValue } from '../../src/graph/parameters.js';
import { Problems } from '../../src/graph/problem.js';
import { spot } from '../../src/graph/source.js';

const parameter = (more: Partial<Parameter> & Pick<Parameter, 'type'>): Parameter => ({
  name: 'p',
  secret: false,
  spot: spot({ file: 'x', text: '' }, 0),
  ...more,
});

t.test('each type takes its own values and says what it wants', async (t) => {
  const rows: [Partial<Parameter> & Pick<Parameter, 'type'>, Scalar, string | undefined][] = [
    [{ type: 'string' }, 'a', undefined],
    [{ type: 'string' }, 5, 'must be a text (put it in quotes)'],
    [{ type: 'path' }, '/a', undefined],
    [{ type: 'bool' }, false, undefined],
    [{ type: 'bool' }, 'yes', 'must be true or false'],
    [{ type: 'int' }, 0, undefined],
    [{ type: 'int' }, 0.5, 'must be a whole number'],
    [{ type: 'int', min: 1, max: 7 }, 8, 'must be from 1 to 7'],
    [{ type: 'int', min: 1 }, 0, 'must be at least 1'],
    [{ type: 'number', max: 0.5 }, 0.6, 'must be at most 0.5'],
    [{ type: 'number' }, Number.NaN, 'must be a number'],
    [{ type: 'enum', values: ['fast', 'small'] }, 'fast', undefined],
    [
      { type: 'enum', values: ['fast', 'small'] },
      'fsat',
      'must be one of fast, small (did you mean "fast"?)',
    ],
    [{ type: 'enum', values: ['fast', 'small'] }, 'zzzzzz', 'must be one of fast, small'],
  ];
  for (const [more, value, wrong] of rows) t.equal(checkValue(parameter(more), value), wrong);
});

t.test('reads values as they are typed on a command line', async (t) => {
  t.equal(parseValue(parameter({ type: 'int' }), '-12'), -12);
  t.equal(parseValue(parameter({ type: 'number' }), '.5e1'), 5);
  t.equal(parseValue(parameter({ type: 'bool' }), 'YES'), true);
  t.equal(parseValue(parameter({ type: 'bool' }), 'off'), false);
  t.equal(parseValue(parameter({ type: 'string' }), 'a=b "c"'), 'a=b "c"');
  t.equal(parseValue(parameter({ type: 'path' }), '~/x.mp4'), `${homedir()}/x.mp4`);
  t.equal(parseValue(parameter({ type: 'path' }), 'a~/x'), 'a~/x');
  t.throws(() => parseValue(parameter({ type: 'int' }), '1.5'), { message: 'must be a whole number' });
  t.throws(() => parseValue(parameter({ type: 'number' }), ''), { message: 'must be a number' });
  t.throws(() => parseValue(parameter({ type: 'bool' }), 'maybe'), { message: 'must be true or false' });
});

const graph = graphFromText(
  `parameters:
  text: { type: string, default: hello }
  location: { type: path, blurb: file to write }
  count: { type: int, default: 3, max: 9 }
  url: { type: string, default: null }
  key: { type: int, default: 1, secret: true }
`,
  'g.yaml',
);

t.test('what is not given has its default, and null leaves unset', async (t) => {
  const problems = new Problems();
  const values = bindValues(graph, { location: 'x', count: 0 }, problems);
  t.same(Object.fromEntries(values), { location: 'x', count: 0, text: 'hello', url: null, key: 1 });
  t.ok(problems.none);
  t.same(bindValues(graph, { location: 'x', text: null }, problems).get('text'), null);
});

t.test('unknown, wrong and missing values are all said, secrets never', async (t) => {
  const problems = new Problems();
  bindValues(graph, { txt: 'x', count: '12', key: 'sesame', url: 5 }, problems);
  t.same(
    problems.list.map((p) => p.message),
    [
      'g.yaml has no parameter "txt", did you mean "text"?',
      'count=12: count must be at most 9',
      'key: key must be a whole number',
      'url=5: url must be a text (put it in quotes)',
      'location=… is needed (file to write)',
    ],
  );
});

t.test('a graph without parameters says so', async (t) => {
  const problems = new Problems();
  bindValues(graphFromText('links: [a ! b]', 'h.yaml'), { x: 1 }, problems);
  t.equal(problems.list[0]?.message, 'h.yaml has no parameter "x": it has none');
});
