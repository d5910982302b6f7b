import t from 'tap';
import { printYaml } from '../../src/graph/yaml-print.js';
import fc from '../support/fastcheck.js';

const print = (text: string) => printYaml({ file: 'g.yaml', text });

t.test('sections in order, names aligned, one entry a line, comments where they belong', async (t) => {
  const printed = print(`# Text in, file out.
# Needs   nothing

# the two of us
elements:
    # the voice
    say: {voice: $voice, factory: ttssrc,  text: '$text' }   # offline


    recorder:
      location: $location
      factory: recordsink
    why:
      # because
      factory: identity # really
      note: 0x10
    mix: pastebackmix
parameters:
  text:  { blurb: "what to say", type: string, default: "" }
  location:
     type: path
include: [ 'parts/face.yaml', other.yaml ] # two
ends: { out: recorder,
        in: say }
links: # all
  - "say.  !  tee name = t"
  - face. ! queue max-size-buffers=5 max-size-bytes=0 max-size-time=0 leaky=downstream ! video/x-raw,width=512,height=512 ! videoconvert ! recorder.video # long
  - a note="line

    break" ! b
# the end
`);
  t.equal(
    printed,
    `# Text in, file out.
# Needs   nothing

parameters:
  text:     { type: string, default: "", blurb: what to say }
  location: { type: path }
include: [parts/face.yaml, other.yaml]  # two
# the two of us
elements:
  # the voice
  say:      { factory: ttssrc, voice: $voice, text: $text }  # offline

  recorder: { factory: recordsink, location: $location }
  why:
    # because
    factory: identity  # really
    note:    0x10
  mix:      pastebackmix
links:  # all
  - say. ! tee name=t
  # long
  - >-
    face. ! queue max-size-buffers=5 max-size-bytes=0 max-size-time=0 leaky=downstream
    ! video/x-raw,width=512,height=512 ! videoconvert ! recorder.video
  - "a note=\\"line\\nbreak\\" ! b"
ends: { in: say, out: recorder }
# the end
`,
  );
  t.equal(print(printed), printed);
});

t.test('long lists and ends with comments take a line for each', async (t) => {
  const printed = print(`include:
  - a.yaml # first
  - b.yaml
ends:
  in: x # way in
  out: y
`);
  t.equal(printed, 'include:\n  - a.yaml  # first\n  - b.yaml\nends:\n  in:  x  # way in\n  out: y\n');
});

t.test('an empty file prints as its comments', async (t) => {
  t.equal(print(''), '\n');
  t.equal(print('# only this\n'), '# only this\n');
  t.equal(print('# only this\nparameters:\nlinks: []\n'), '# only this\nlinks:\n');
});

t.test('a file that is wrong in shape has no printed form', async (t) => {
  t.throws(() => print('links: [a !]'), { code: 'resource/settings' });
});

t.test('what was printed prints the same, with all its comments', async () => {
  const word = fc.constantFrom('a', 'b-c', 'd_1', 'queue');
  const text = fc.string({
    unit: fc.constantFrom('"', "'", '\\', ' ', '$', '#', ':', ',', '{', '}', '[', '\n', 'x', 'é', '!'),
  });
  const scalar = fc.oneof(
    text.map((one) => JSON.stringify(one)),
    fc.constantFrom('1', '1.50', '0x1F', 'true', '$text'),
  );
  const blank = fc.constantFrom('', '\n', '\n\n\n', '  # note one\n', '\n  # spaced\n\n');
  const behind = fc.constantFrom('', ' # behind');
  const entries = fc.uniqueArray(
    fc.tuple(word, word, fc.dictionary(word, scalar), blank, behind, fc.boolean()),
    {
      selector: ([name]) => name,
      maxLength: 4,
    },
  );
  const link = fc
    .tuple(word, scalar, blank)
    .map(
      ([factory, value, gap]) =>
        `${gap}  - ${JSON.stringify(`${factory}  x=${value.startsWith('"') ? value : `"${value}"`} !  b`)}\n`,
    );
  fc.assert(
    fc.property(entries, fc.array(link, { maxLength: 4 }), fc.boolean(), (elements, links, linksFirst) => {
      const lines = elements.map(([name, factory, settings, gap, comment, flow]) => {
        const pairs = Object.entries({ factory, ...settings });
        return flow
          ? `${gap}  ${name}: { ${pairs.map(([key, value]) => `${key}: ${value}`).join(', ')} }${comment}\n`
          : `${gap}  ${name}:\n${pairs.map(([key, value]) => `    ${key}: ${value}${comment}\n`).join('')}`;
      });
      const sections = [`elements:\n${lines.join('')}`, `links:\n${links.join('')}`];
      const source = `# head\n${(linksFirst ? sections.reverse() : sections).join('')}`;
      const printed = print(source);
      const count = (one: string) => one.split(/# (?:note one|spaced|behind|head)/).length;
      return print(printed) === printed && count(printed) === count(source);
    }),
    { numRuns: 150 },
  );
});
