import t from 'tap';
import { graphDot } from '../../src/graph/dot.js';
import { graphFromText } from '../../src/graph/load.js';
import { sample } from '../support/vocabulary.js';

t.test('draws elements, links, pads, caps, bins and ends, and no secret', async (t) => {
  const graph = graphFromText(
    `parameters:
  text: { type: string, default: hello }
  key: { type: string, secret: true }
elements:
  say: { factory: ttssrc, text: "$text \\"you\\"", api-key: abc, voice: $key }
  rec: { factory: recordsink, location: a-very-long-location-that-goes-on-and-on-and-on.mp4 }
links:
  - say. ! audio/x-raw ! ( name=middle queue ! identity ) ! rec.audio
ends: { in: say, out: rec }
`,
    'g.yaml',
  );
  t.equal(
    graphDot(graph, sample),
    `digraph "g.yaml" {
  rankdir=LR;
  fontname="sans"; node [fontname="sans", fontsize=10, shape=box, style="rounded,filled", fillcolor="#f4f1ea"];
  edge [fontname="sans", fontsize=8];
  "say" [label="say\\nttssrc\\ntext=$text \\"you\\"\\napi-key=***\\nvoice=***"];
  "rec" [label="rec\\nrecordsink\\nlocation=a-very-long-location-that-goes-on-and-o…"];
  subgraph "cluster middle" {
    label="middle\\nbin";
    "queue#1" [label="queue"];
    "identity#2" [label="identity"];
  }
  "queue#1" -> "identity#2";
  "say" -> "queue#1" [label="audio/x-raw"];
  "identity#2" -> "rec" [headlabel="audio"];
  "ends.in" [label="in", shape=circle, fillcolor="#ffffff"];
  "ends.in" -> "say" [style=dashed];
  "ends.out" [label="out", shape=circle, fillcolor="#ffffff"];
  "rec" -> "ends.out" [style=dashed];
}
`,
  );
});
