// biome-ignore-all lint/suspicious/noTemplateCurlyInString: graph files have this form
import t from 'tap';
import { graphFromText } from '../../src/graph/load.js';
import { bindValues } from '../../src/graph/parameters.js';
import { Problems, reportProblem } from '../../src/graph/problem.js';
import { validateGraph } from '../../src/graph/validate.js';
import { sample } from '../support/vocabulary.js';

/** Complaints about a graph as `line:column sentence`, in the order of the file. */
function complaints(text: string, given?: Record<string, string | number | null>): string[] {
  const problems = new Problems();
  const graph = graphFromText(text, 'g.yaml', problems);
  const values = given && bindValues(graph, given, problems);
  validateGraph(graph, sample, values, problems);
  return problems.list
    .map(reportProblem)
    .sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0))
    .map(({ line, column, message }) => (line === undefined ? message : `${line}:${column} ${message}`));
}

const RIGHT = `parameters:
  text: { type: string, default: hi }
  lead: { type: int, default: 300 }
  width: { type: int, default: 512 }
  place: { type: path }
elements:
  say: { factory: ttssrc, text: "$text and \${text}", lead: $lead, is-live: true, speed: 1 }
  rec: { factory: recordsink, location: $place, mode: fast, features: index+tags, framerate: 25/1 }
links:
  - say. ! tee name=t
  - t. ! queue max-size-time=0 ! rec.audio
  - t.src_7 ! audio/x-raw, width=$width ! ( queue ! identity name=inner ) ! rec.video
  - t. ! file:///dev/null
ends: { in: say, out: rec }
`;

t.test('a right graph has nothing to complain about, bound or not', async (t) => {
  t.same(complaints(RIGHT), []);
  t.same(complaints(RIGHT, { place: 'x' }), []);
});

t.test('values are checked against the property they go to', async (t) => {
  t.same(complaints(RIGHT, { place: 'x', lead: 2001 }), [
    '7:60 "lead" of ttssrc must be from 0 to 2000 (ms), not "2001"',
  ]);
});

t.test('an unset parameter leaves its property alone, and cannot be part of a text', async (t) => {
  const text = `parameters: { voice: { type: string, default: null } }
elements: { say: { factory: ttssrc, voice: $voice, text: "by $voice" } }
links: [say. ! fakesink]
`;
  t.same(complaints(text, {}), ['2:62 "voice" has no value here']);
});

t.test('unknown words are named, with the one that was meant, at their place', async (t) => {
  t.same(
    complaints(`elements:
  say: { factory: ttsrc, text: $txt }
  rec: { factory: recordsink, locaton: x, mode: fsat, mystery: 1 }
links:
  - sy. ! queu ! rec.vidio
  - say. ! recordsink ! fakesink
  - say. ! identity silnt=true note=1 ! rec.audio
ends: { in: sya, out: rec.left }
parameters:
  text: { type: string, default: "" }
`),
    [
      '2:19 there is no element "ttsrc", did you mean "ttssrc"?',
      '2:32 there is no parameter "txt", did you mean "text"?',
      '3:31 recordsink has no property "locaton", did you mean "location"?',
      '3:49 "mode" of recordsink must be one of fast, small, safe (did you mean "fast"?)',
      '3:55 recordsink has no property "mystery"',
      '5:5 nothing here is named "sy", did you mean "say"?',
      '5:11 there is no element "queu", did you mean "queue"?',
      '5:22 recordsink has no sink pad "vidio", did you mean "video"?',
      '6:12 nothing flows out of recordsink: it has no src pad',
      '7:21 identity has no property "silnt", did you mean "silent"?',
      '8:13 nothing here is named "sya", did you mean "say"?',
      '8:23 recordsink has no pad "left"',
      '10:3 parameter "text" is used nowhere',
    ],
  );
});

t.test(
  'properties that can only be read cannot be set; those of children are left to GStreamer',
  async (t) => {
    t.same(
      complaints(
        'elements: { say: { factory: ttssrc, spoken: x, "src::foo": 1 } }\nlinks: [say. ! fakesink]',
      ),
      ['1:37 "spoken" of ttssrc can only be read'],
    );
  },
);

t.test('a pad that carries one link cannot carry two', async (t) => {
  t.same(
    complaints(`elements: { say: ttssrc, f: fakesink }
links:
  - say. ! f.
  - say.src ! queue ! f.sink
  - identity ! f.
`),
    [
      '4:9 src pad of "say" is linked twice: put a tee behind it',
      '4:25 sink pad of "f" is linked twice: it takes one only',
      '5:16 sink pad of "f" is linked twice: it takes one only',
    ],
  );
});

t.test('what is in no link is said, unless it has no pads', async (t) => {
  t.same(complaints('elements: { q: queue, b: bin }\nlinks: [ttssrc ! fakesink]'), [
    '1:13 element "q" is in no link',
  ]);
});

t.test('a property is set once', async (t) => {
  t.same(complaints('links: [ttssrc text=a is-live=true is_live=false ! fakesink]'), [
    '1:36 "is-live" is given twice',
  ]);
});

t.test('names must be given once', async (t) => {
  t.same(complaints('elements: { q: queue }\nlinks: [ttssrc ! queue name=q ! fakesink, "q. ! fakesink"]'), [
    '2:29 there is another element named "q"',
  ]);
});

t.test('a parameter in caps counts as used, and an unknown one is said', async (t) => {
  t.same(
    complaints(
      'parameters: { w: { type: int, default: 1 } }\nlinks: ["ttssrc ! a/b, w=$w, h=${v} ! fakesink"]',
    ),
    ['2:32 there is no parameter "v"'],
  );
});

t.test('as many pads on one side as on the other', async (t) => {
  t.same(
    complaints(
      'elements: { t: tee, r: recordsink }\nlinks: [ttssrc ! t., "t.src_0,src_1,src_2 ! r.audio,video"]',
    ),
    ['2:43 3 pads cannot be linked to 2'],
  );
});

t.test('a part that has no way in cannot be linked to', async (t) => {
  const problems = new Problems();
  const graph = graphFromText('elements: { say: ttssrc }\nlinks: [say. ! face.]', 'g', problems);
  const parts = new Map([['face', {}]]);
  validateGraph({ ...graph, parts }, sample, undefined, problems);
  t.same(
    problems.list.map((p) => p.message),
    ['the part "face" says no "in" in its ends'],
  );
});

t.test('a graph without an element is told so, unless something else explains it', (t) => {
  t.same(complaints(''), ['1:1 there is no element in this graph']);
  t.same(complaints('elements: {}\nlinks: []\n'), ['1:1 there is no element in this graph']);
  t.match(complaints('elments: { a: queue }'), [/^1:1 "elments" is not a key/]);
  t.end();
});
