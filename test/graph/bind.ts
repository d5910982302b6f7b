import t from 'tap';
import { bindGraph, redact } from '../../src/graph/bind.js';
import { graphFromText, loadGraph } from '../../src/graph/load.js';
import { GraphError, Problems } from '../../src/graph/problem.js';
import { sample } from '../support/vocabulary.js';

const GRAPH = `parameters:
  text: { type: string, default: "" }
  voice: { type: string, default: null }
  lead: { type: int, default: 300 }
  width: { type: int, default: 512 }
  place: { type: path }
elements:
  say: { factory: ttssrc, text: $text, voice: $voice, lead: $lead, is-live: false }
  rec: { factory: recordsink, location: "$place.mp4" }
links:
  - say. !   tee name = t
  - t. ! queue max-size-time=0 ! rec.audio
  - t. ! video/x-raw, width=$width ! ( identity note="of $$ $text" name=in ) ! rec.video
`;

t.test('a bound graph is one launch line: elements first, then the links', async (t) => {
  const { line, shown, secrets } = bindGraph(
    graphFromText(GRAPH),
    { place: 'a b', text: 'say "hi"!' },
    sample,
  );
  t.equal(
    line,
    'ttssrc name=say text="say \\"hi\\"!" lead=300 is-live=false  recordsink name=rec location="a b.mp4"  ' +
      'say. ! tee name=t  t. ! queue max-size-time=0 ! rec.audio  ' +
      't. ! video/x-raw, width=512 ! ( identity note="of $ say \\"hi\\"!" name=in ) ! rec.video',
  );
  t.equal(shown, line);
  t.same(secrets, []);
});

t.test('a value left unset leaves its property out, in entries and in links', async (t) => {
  const text = `parameters: { note: { type: string, default: null }, caps: { type: string, default: "é;" } }
links: ["identity note=$note silent=true ! x/y, z=(string)$caps ! fakesink"]`;
  t.equal(
    bindGraph(graphFromText(text), {}, sample).line,
    'identity silent=true ! x/y, z=(string)"\\303\\251\\;" ! fakesink',
  );
});

t.test('texts that look like numbers go to text properties as they were written', async (t) => {
  const text =
    'elements: { say: { factory: ttssrc, text: 1e3, voice: "NULL", speed: 1e0 } }\nlinks: [say. ! fakesink]';
  t.match(bindGraph(graphFromText(text), {}, sample).line, 'text=1e3 voice="\\"NULL\\"" speed=1');
});

t.test('secrets are in the line and nowhere else', async (t) => {
  const text = `parameters: { key: { type: string, secret: true }, name: { type: string, default: x } }
elements:
  a: { factory: ttssrc, api-key: literal-secret }
  b: { factory: ttssrc, text: "key $key" }
links: ["a. ! fakesink", "b. ! identity note=$name ! fakesink"]
`;
  const { line, shown, secrets } = bindGraph(graphFromText(text), { key: 'open sesame' }, sample);
  t.match(line, 'api-key=literal-secret');
  t.match(line, 'text="key open sesame"');
  t.equal(
    shown,
    'ttssrc name=a api-key=***  ttssrc name=b text=***  a. ! fakesink  b. ! identity note=x ! fakesink',
  );
  t.equal(
    redact('cannot set "key open sesame" or open sesame or literal-secret', secrets),
    'cannot set "***" or *** or ***',
  );
});

t.test('a part is reached by its name: into its in, out of its out', async (t) => {
  const files: Record<string, string> = {
    'main.yaml':
      'include: [face.yaml]\nlinks: ["ttssrc ! face.", "face. ! fakesink", "ttssrc ! face.audio"]\n',
    'face.yaml':
      'elements: { i: identity, r: recordsink, o: queue }\nlinks: [ttssrc ! i.sink, i. ! o.]\nends: { in: r.video, out: o.src }\n',
  };
  const graph = await loadGraph('main.yaml', undefined, async (path) => files[path] ?? '');
  t.equal(
    bindGraph(graph, {}, sample).line,
    'identity name=i  recordsink name=r  queue name=o  ttssrc ! i.sink  i. ! o.  ' +
      'ttssrc ! r.video  o.src ! fakesink  ttssrc ! r.audio',
  );
});

t.test('a name may stand inside a chain; the line says it twice', async (t) => {
  const text = `elements: { a: identity, b: queue, t: tee }
links: ["ttssrc ! a. ! identity ! b.sink ! t. ! ( identity ! fakesink )", "t.src_5 ! fakesink"]`;
  t.equal(
    bindGraph(graphFromText(text), {}, sample).line,
    'identity name=a  queue name=b  tee name=t  ttssrc ! a.  a. ! identity ! b.sink  b. ! t.  ' +
      't. ! ( identity ! fakesink )  t.src_5 ! fakesink',
  );
});

t.test('everything that is wrong is thrown together: shape, values, words', async (t) => {
  const problems = new Problems();
  const graph = graphFromText(`${GRAPH}foo: 1\n`, 'g.yaml', problems);
  try {
    bindGraph(graph, { lead: 'x' }, sample, problems);
    t.fail('it was bound');
  } catch (error) {
    t.ok(error instanceof GraphError);
    t.same(
      (error as GraphError).problems.map((p) => p.message.split(' ')[0]),
      ['lead=x:', 'place=…', '"foo"'],
    );
  }
});
