import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { run } from '../../src/cli/main.js';
import { fakeTerminal } from '../support/terminal.js';

async function graph(...args: string[]) {
  const terminal = fakeTerminal();
  const exit = await run(['graph', ...args], terminal);
  return { exit, ...terminal.written };
}

const GRAPH = `# A tone into a file.
parameters:
  place: { type: path, blurb: file to write }
  count: { type: int, default: 7, min: 1 }
  key:   { type: string, default: sesame, secret: true }
elements:
  tone: { factory: audiotestsrc, num-buffers: $count, wave: square }
  note: { factory: progressreport, format: $key }
  file: { factory: filesink, location: $place }
links:
  - tone. ! note. ! wavenc ! file.
ends: { in: tone, out: file }
`;

t.test('print shows the launch line, and no secret', async (t) => {
  const dir = t.testdir({ 'g.yaml': GRAPH });
  t.same(await graph('print', join(dir, 'g.yaml'), 'place=a b.wav', 'count=3'), {
    exit: 0,
    err: '',
    out:
      'audiotestsrc name=tone num-buffers=3 wave=square  progressreport name=note format=***  ' +
      'filesink name=file location="a b.wav"  tone. ! note.  note. ! wavenc ! file.\n',
  });
});

t.test('print --yaml shows the printed form, --write stores it, and it stays as it is', async (t) => {
  const untidy = GRAPH.replace(
    '{ factory: filesink, location: $place }',
    '{location: $place,factory: filesink}',
  );
  const path = join(t.testdir({ 'g.yaml': untidy }), 'g.yaml');
  t.same(await graph('print', '--yaml', path), { exit: 0, err: '', out: GRAPH });
  t.same(await graph('print', '--yaml', '--write', path), { exit: 0, err: '', out: '' });
  t.equal(readFileSync(path, 'utf8'), GRAPH);
  t.same(await graph('print', '--yaml', path, '--write'), { exit: 0, err: '', out: '' });
});

t.test('print --yaml makes a graph file of a launch line', async (t) => {
  t.match(await graph('print', '--yaml', 'audiotestsrc name=a num-buffers=5 ! fakesink'), {
    exit: 0,
    out: 'elements:\n  a: { factory: audiotestsrc, num-buffers: 5 }\nlinks:\n  - a. ! fakesink\n',
  });
});

t.test('check says nothing of a right graph, with or without values', async (t) => {
  const path = join(t.testdir({ 'g.yaml': GRAPH }), 'g.yaml');
  t.same(await graph('check', path), { exit: 0, out: '', err: '' });
  t.same(await graph('check', path, 'place=x'), { exit: 0, out: '', err: '' });
  t.match(await graph('check', path, 'place=x', 'count=0'), { exit: 2, err: /count must be at least 1/ });
});

t.test('all that is wrong is said at once, with its place, and the exit code is 2', async (t) => {
  const text = GRAPH.replace('square', 'sqare')
    .replace('num-buffers', 'num-bufers')
    .replace('wavenc', 'wavencc');
  const path = join(t.testdir({ 'g.yaml': text }), 'g.yaml');
  const { exit, err } = await graph('check', path);
  t.equal(exit, 2);
  t.match(err, /g\.yaml:7:34: audiotestsrc has no property "num-bufers", did you mean "num-buffers"\?/);
  t.match(err, /"wave" of audiotestsrc must be one of sine, square, .*did you mean "square"/);
  t.match(
    err,
    /there is no element "wavencc", did you mean "wavenc"\?\n {2}11 \| {3}- tone. ! note. ! wavencc ! file.\n {5}\| {21}\^{7}/,
  );
  t.match(err, /3 things are wrong with the graph\.\n$/);
});

t.test('caps that are none are found before GStreamer sees them', async (t) => {
  const path = join(
    t.testdir({
      'g.yaml': `parameters: { rate: { type: string, default: "5 x" } }
elements: { f: { factory: capsfilter, caps: "audio/x-raw,rate=" } }
links:
  - audiotestsrc ! audio/x-raw,rate=(int)five ! f. ! fakesink
  - audiotestsrc ! audio/x-raw, rate=(int)$rate ! fakesink
  - audiotestsrc ! audio/x-raw, layout=$rate ! fakesink
`,
    }),
    'g.yaml',
  );
  const { exit, err } = await graph('check', path);
  t.equal(exit, 2);
  t.match(err, /g\.yaml:2:45: "caps" of capsfilter is not in the syntax of caps/);
  t.match(err, /g\.yaml:4:20: this filter is not in the syntax of caps\n.*\n.*\^{26}\n/);
  t.match(
    err,
    /g\.yaml:5:20: this filter is not in the syntax of caps \(audio\/x-raw, rate=\(int\)"5\\ x"\)/,
  );
  t.match(err, /3 things are wrong/);
});

t.test('dot draws it, schema describes it', async (t) => {
  const path = join(t.testdir({ 'g.yaml': GRAPH }), 'g.yaml');
  t.match(await graph('dot', path), { exit: 0, out: /"tone" -> "note";/ });
  const schema = JSON.parse((await graph('schema', path)).out);
  t.match(schema.$defs['element-audiotestsrc'].properties.wave.anyOf[0].enum, ['sine']);
  t.notOk(schema.$defs['element-x264enc']);
  const parameters = JSON.parse((await graph('schema', '--parameters', path)).out);
  t.match(parameters, { required: ['place'], properties: { count: { minimum: 1, default: 7 } } });
});

t.test('what cannot be done is refused', async (t) => {
  t.match(await graph(), { exit: 2, err: /say what to do: print, check, dot, schema/ });
  t.match(await graph('prnt'), { exit: 2, err: /there is no "graph prnt", did you mean "print"\?/ });
  t.match(await graph('print'), { exit: 2, err: /say which graph/ });
  t.match(await graph('print', '/no/such.yaml'), { exit: 2, err: /there is no such graph file/ });
  t.match(await graph('print', '--yaml', 'fakesrc ! ! fakesink'), {
    exit: 2,
    err: /^error: launch line:1:11: a link needs something before it\n.*\n {4}\| {11}\^\n$/,
  });
  t.match(await graph('print', '--yaml', '/no/such.yaml'), { exit: 2, err: /there is no such graph file/ });
});
