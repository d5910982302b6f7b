import t from 'tap';
import { bindGraph } from '../../src/graph/bind.js';
import { graphFromText } from '../../src/graph/load.js';
import { yamlFromLaunch } from '../../src/graph/yaml-from-launch.js';
import { printYaml } from '../../src/graph/yaml-print.js';
import { sample } from '../support/vocabulary.js';

t.test('named elements become entries, the rest stays in the links', async (t) => {
  const yaml = yamlFromLaunch(
    'ttssrc name=say text="costs $five" lead=300 is-live=false ! audio/x-raw,rate=5 ! tee name=t ! queue ! fakesink  t. ! ( identity note=$x name=in ! fakesink name=inner )',
  );
  t.equal(
    yaml,
    `elements:
  say: { factory: ttssrc, text: costs $$five, lead: 300, is-live: false }
  t:   { factory: tee }
links:
  - say. ! audio/x-raw,rate=5 ! t.
  - t. ! queue ! fakesink
  - t. ! ( identity note=$$x name=in ! fakesink name=inner )
`,
  );
  t.equal(printYaml({ file: 'x', text: yaml }), yaml);
});

t.test('what an entry could not say stays in the line', async (t) => {
  const yaml = yamlFromLaunch(
    'identity name=a note=NULL ! identity name=b note="\\"x\\"" ! identity name=c @preset=P ! identity name="d e" ! identity name=f note=1 note=2',
  );
  t.notMatch(yaml, 'elements:');
});

t.test('an element of its own, a lone line and an empty one', async (t) => {
  t.equal(yamlFromLaunch('queue name=q'), 'elements:\n  q: { factory: queue }\n');
  t.equal(yamlFromLaunch('queue'), 'links:\n  - queue\n');
  t.equal(yamlFromLaunch(''), '\n');
});

t.test('the file says the same as the line', async (t) => {
  const line = 'ttssrc name=say text="a b" ! tee name=t  t. ! recordsink.audio';
  const fixed = line.replace('recordsink.audio', '.audio recordsink name=rec location="x y.mp4"');
  const graph = graphFromText(yamlFromLaunch(fixed));
  t.equal(
    bindGraph(graph, {}, sample).line,
    'ttssrc name=say text="a b"  tee name=t  recordsink name=rec location="x y.mp4"  say. ! t.  t. ! rec.audio',
  );
});
