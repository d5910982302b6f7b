import t from 'tap';
import { GraphError, Problems, reportProblem } from '../../src/graph/problem.js';
import { readGraphFile } from '../../src/graph/yaml.js';

/** Complaints of a text as `line:column sentence`. */
function complaints(text: string): string[] {
  const problems = new Problems();
  try {
    readGraphFile({ file: 'g.yaml', text }, problems);
  } catch (error) {
    if (!(error instanceof GraphError)) throw error;
  }
  return problems.list.map((problem) => {
    const { line, column, message } = reportProblem(problem);
    return `${line}:${column} ${message}`;
  });
}

t.test('reads every section', async (t) => {
  const problems = new Problems();
  const text = `# head
parameters:
  text: { type: string, default: "", blurb: what to say }
  mode: { type: enum, values: [fast, small], default: fast }
  size: { type: int, min: 1, max: 9, default: 0x2 }
  key:  { type: string, secret: true }
include: [parts/face.yaml]
elements:
  say: { factory: ttssrc, text: "$text!", is-live: false, lead: 300, id: 18446744073709551615 }
  mix: pastebackmix
links:
  - say. ! mix.
ends: { in: say, out: mix.src }
`;
  const file = readGraphFile({ file: 'g.yaml', text }, problems);
  t.same(problems.list, []);
  t.same(
    file.parameters.map(({ spot, ...rest }) => rest),
    [
      { name: 'text', type: 'string', secret: false, blurb: 'what to say', default: '' },
      { name: 'mode', type: 'enum', secret: false, values: ['fast', 'small'], default: 'fast' },
      { name: 'size', type: 'int', secret: false, min: 1, max: 9, default: 2 },
      { name: 'key', type: 'string', secret: true },
    ],
  );
  t.same(
    file.include.map((one) => one.text),
    ['parts/face.yaml'],
  );
  const [say, mix] = file.elements;
  t.same(
    say?.settings.map(({ name, value }) => [name.text, value]),
    [
      ['text', { texts: ['', '!'], names: [{ name: 'text', start: 0, end: 5 }] }],
      ['is-live', false],
      ['lead', 300],
      ['id', 18446744073709551615n],
    ],
  );
  t.equal(mix?.factory.text, 'pastebackmix');
  t.equal(file.links[0]?.chains.length, 1);
  t.match(file.ends, { in: { element: 'say' }, out: { element: 'mix', pad: 'src' } });
});

t.test('an empty file and empty sections are a graph', async (t) => {
  t.same(complaints(''), []);
  t.same(complaints('parameters:\nelements:\nlinks:\nends:\ninclude:\n'), []);
});

t.test('every mistake of shape is said at its place, all at once', async (t) => {
  t.same(
    complaints(`parameter: {}
parameters:
  1x: { type: string }
  a: { type: strin }
  b: { default: 1 }
  c: { type: int, default: x, mim: 3 }
  d: { type: enum }
  e: { type: string, values: [a], min: 3 }
  f: { type: int, min: 9, max: 1, blurb: [x], secret: 5 }
  g: { type: number, min: low }
elements:
  "a b": { factory: x }
  two: { property: 1 }
  three: { factory: x, name: y, list: [1] }
  four: [1]
links:
  - { a: b }
  - a ! ! b
  - [x]
  - ""
  -
ends: { inn: a, out: }
`).sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10)),
    [
      '1:1 "parameter" is not a key of a graph file, did you mean "parameters"?',
      '3:3 "1x" cannot name a parameter: letters, digits, "-" and "_", a letter first',
      '4:14 "strin" is not a type of parameter, did you mean "string"?',
      '5:3 parameter "b" needs a type: string, path, int, number, bool, enum',
      '6:31 "mim" is not a key of parameter "c", did you mean "min"?',
      '6:28 the default of parameter "c" must be a whole number',
      '7:3 parameter "d" needs its values: values: [a, b]',
      '8:3 only an enum has values, parameter "e" is of type string',
      '8:3 only int and number have a range, parameter "e" is of type string',
      '9:42 "blurb" of parameter "f" must be a text, a number, true or false',
      '9:55 "secret" of parameter "f" must be true or false',
      '9:3 the range of parameter "f" is empty: min 9 is above max 1',
      '10:27 "min" of parameter "g" must be a number',
      '12:3 "a b" cannot name an element: letters, digits, "-" and "_", a letter first',
      '13:3 element "two" needs a factory: { factory: … }',
      '14:24 element "three" is named by its key',
      '14:39 "list" of element "three" must be a text, a number, true or false',
      '15:9 element "four" must be a map of names ("name: …")',
      '17:5 a link must be a text: put it in quotes, YAML takes a colon for a map',
      '18:9 a link needs something before it',
      '19:5 a link must be a text, a number, true or false',
      '20:5 a link is empty',
      '21:4 a link is empty',
      '22:9 "inn" is not a key of "ends", did you mean "in"?',
      '22:22 "out" of "ends" is empty',
    ],
  );
});

t.test('broken YAML is said in one sentence, with its place', async (t) => {
  t.same(complaints('a: [1\n'), ['2:1 a bracket is not closed: "]" is missing here, or a blank before it']);
  t.same(
    complaints('elements: { a: { factory: fakesrc\nlinks: [\n').length,
    1,
    'what follows from the first mistake is not told, nor what names mean in a file that is no YAML',
  );
  t.same(complaints('elements: {}\n---\nelements: {}\n'), [
    '2:1 a graph file is one document: nothing may follow behind "---"',
  ]);
  t.match(complaints('['.repeat(20_000)), [/^1:\d+ this is nested too deeply$/]);
  t.match(complaints('links: []\nlinks: []\n'), ['2:1 this name stands here twice']);
  t.match(complaints('elements:\n\tx: y\n').join(), /indented by blanks, not tabs/);
  t.match(complaints('- 1'), ['1:1 a graph file must be a map of names ("name: …")']);
  t.match(complaints('parameters: 5\nlinks: 5'), [
    '1:13 "parameters" must be a map of names ("name: …")',
    '2:8 "links" must be a list ("- …" or "[…]")',
  ]);
});

t.test('anchors are not read: a parameter does that here', async (t) => {
  t.match(
    complaints('elements:\n  a: &x { factory: y }\n  b: *x\n').join(),
    /3:6 anchors and aliases are not read/,
  );
});

t.test('a mistake in a folded link is shown in its own line', async (t) => {
  t.same(complaints('links:\n  - >-\n    a. ! b\n    ! ! c\n'), ['4:7 a link needs something before it']);
  t.same(complaints('links:\n  - "a x=\\"1\\" ! ! c"\n'), ['2:18 a link needs something before it']);
});

t.test('a comma in a text without quotes is explained', async (t) => {
  t.match(complaints('parameters:\n  a: { type: int, blurb: how long, in ms }\n'), [
    '2:36 a text with a comma needs quotes here ("in ms" is not a key of parameter "a")',
  ]);
});

t.test('a name that is no text is refused', async (t) => {
  t.match(complaints('? [a]\n: b\n'), ['1:3 a name was expected here in a graph file']);
});
