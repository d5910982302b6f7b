import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { graphFromText, loadGraph } from '../../src/graph/load.js';
import { Problems } from '../../src/graph/problem.js';

/** Files of a made-up folder, read from memory. */
const files = (texts: Record<string, string>) => async (path: string) => {
  const text = texts[path];
  if (text === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
  return text;
};

const sentences = (problems: Problems) => problems.list.map((problem) => problem.message);

t.test('merges what a graph includes; the part is known by its file name', async (t) => {
  const read = files({
    'g/main.yaml':
      'include: [parts/face.yaml]\nelements: { say: ttssrc }\nlinks: [say. ! face.]\nends: { in: say }\n',
    'g/parts/face.yaml':
      'parameters: { model: { type: string } }\nelements: { mix: pastebackmix }\nlinks: [a ! mix.]\nends: { in: mix, out: mix }\n',
  });
  const graph = await loadGraph('g/main.yaml', undefined, read);
  t.same([...graph.elements.keys()], ['mix', 'say']);
  t.same([...graph.parameters.keys()], ['model']);
  t.equal(graph.links.length, 2);
  t.match(graph.ends, { in: { element: 'say' } });
  t.equal(graph.ends.out, undefined);
  t.match(graph.parts.get('face'), { in: { element: 'mix' }, out: { element: 'mix' } });
});

t.test('a name defined twice is an error that shows both places', async (t) => {
  const problems = new Problems();
  await loadGraph(
    'main.yaml',
    problems,
    files({
      'main.yaml': 'include: [p.yaml]\nparameters: { a: { type: int } }\nelements: { x: queue }\n',
      'p.yaml': 'elements: { x: tee }\nparameters:\n  a: { type: int }\n',
    }),
  );
  t.same(sentences(problems), [
    'parameter "a" is defined twice, first at p.yaml:3:3',
    'element "x" is defined twice, first at p.yaml:1:13',
  ]);
});

t.test('a part that two files include is there once', async (t) => {
  const graph = await loadGraph(
    'main.yaml',
    undefined,
    files({
      'main.yaml': 'include: [a.yaml, b.yaml]\n',
      'a.yaml': 'include: [c.yaml]\n',
      'b.yaml': 'include: [c.yaml]\n',
      'c.yaml': 'elements: { x: queue }\n',
    }),
  );
  t.same([...graph.elements.keys()], ['x']);
});

t.test('a file that includes itself, or one that is not there, is said where it is included', async (t) => {
  const problems = new Problems();
  await loadGraph(
    'main.yaml',
    problems,
    files({ 'main.yaml': 'include: [a.yaml, zz.yaml]\n', 'a.yaml': 'include: [main.yaml, a.yaml]\n' }),
  );
  t.same(sentences(problems), [
    'main.yaml includes itself',
    'a.yaml includes itself',
    'there is no file zz.yaml',
  ]);
});

t.test('an element cannot take the name of a part, nor two parts one name', async (t) => {
  const problems = new Problems();
  await loadGraph(
    'main.yaml',
    problems,
    files({
      'main.yaml': 'include: [a/face.yaml, b/face.yaml, "c/1.yaml"]\nelements: { face: queue }\n',
      'a/face.yaml': 'ends: { in: x }\n',
      'b/face.yaml': 'ends: { in: y }\n',
      'c/1.yaml': 'ends: { in: z }\n',
    }),
  );
  t.same(sentences(problems), [
    'there is another part named "face"',
    '"1" cannot name a part: rename the file',
    '"face" is the name of an included part already: give the element another',
  ]);
});

t.test('a missing graph names the one that was meant', async (t) => {
  const dir = t.testdir({ 'render.yaml': '', 'folder.yaml': {} });
  await t.rejects(loadGraph(join(dir, 'rendr.yaml')), {
    message: /there is no such graph file, did you mean "render.yaml"\?$/,
  });
  await t.rejects(loadGraph(join(dir, 'folder.yaml')), { message: /cannot be read: / });
  await t.rejects(loadGraph('/no/such/place.yaml'), { code: 'resource/settings', details: { problems: 1 } });
  await mkdir(join(dir, 'parts'));
  await writeFile(join(dir, 'render.yaml'), 'include: [parts/x.yaml]\n');
  await t.rejects(loadGraph(join(dir, 'render.yaml')), { message: /there is no file .*parts\/x.yaml/ });
});

t.test('an include that cannot be read is shown where it stands, beside all others', async (t) => {
  const dir = t.testdir({ 'g.yaml': 'include: [folder, nope.yaml, g.yaml]\n', folder: {}, 'part.yaml': '' });
  const problems = new Problems();
  await loadGraph(join(dir, 'g.yaml'), problems);
  t.match(
    problems.list.map(({ message, spot }) => [message, spot?.start]),
    [
      [/folder cannot be read: EISDIR/, 10],
      [/there is no file .*nope\.yaml/, 18],
      ['g.yaml includes itself', 29],
    ],
  );
});

t.test('an include may be an absolute path', async (t) => {
  const dir = t.testdir({ 'part.yaml': 'elements: { x: queue }\n', deeper: {} });
  const file = join(dir, 'deeper', 'g.yaml');
  await writeFile(file, `include: ["${join(dir, 'part.yaml')}"]\n`);
  t.same([...(await loadGraph(file)).elements.keys()], ['x']);
});

t.test('shape errors are thrown when nobody collects them', async (t) => {
  await t.rejects(loadGraph('x.yaml', undefined, files({ 'x.yaml': 'foo: 1' })), {
    message: /is not a key of a graph file/,
  });
  t.throws(() => graphFromText('foo: 1'), { message: /is not a key of a graph file/ });
  const problems = new Problems();
  t.equal(graphFromText('links: [a ! b]', 'x', problems).links.length, 1);
});
