import t from 'tap';
import { run } from '../../src/cli/main.js';
import { elementsReadme } from '../../src/cli/readme.js';
import type { Description } from '../../src/element/index.js';
import { installed } from '../../src/graph/installed.js';
import { fakeTerminal } from '../support/terminal.js';

const one: Description = {
  name: 'thing',
  longName: 'A thing',
  klass: 'Filter',
  description: 'Does this | that',
  author: 'you',
  verb: 'transform',
  properties: [
    {
      name: 'gain',
      type: 'double',
      default: 1,
      min: 0,
      max: 10,
      unit: 'dB',
      blurb: 'how loud',
      mutable: 'playing',
    },
  ],
  pads: [{ name: 'sink', direction: 'sink', presence: 'always', caps: 'ANY' }],
  signals: [{ name: 'say', blurb: 'speaks', params: [{ name: 'text', type: 'string' }] }],
  examples: ['thing ! fakesink'],
};

t.test('a page with an index and a section for each element', async (t) => {
  const page = elementsReadme([one, { ...one, name: 'other', properties: [], signals: [], examples: [] }]);
  t.match(page, '| [other](#other) | Does this \\| that | transform |\n| [thing](#thing) |');
  t.match(
    page,
    `
## thing

A thing. Does this | that. (Filter)

\`\`\`
talkgraph launch thing ! fakesink
\`\`\`

| pad | direction | there | caps |
| --- | --- | --- | --- |
| \`sink\` | sink | always | \`ANY\` |

| property | what it is | what it does |
| --- | --- | --- |
| \`gain\` | double, 0 to 10, dB, default 1, may change at any time | how loud |

| signal to emit | what it does |
| --- | --- |
| \`say(text: string)\` | speaks |
`,
  );
  t.match(page, /## other\n\nA thing\. .*\n\n\| pad .*\n.*\n.*\n\n## thing/);
});

t.test('inspect --readme prints it', async (t) => {
  const terminal = fakeTerminal();
  t.equal(await run(['inspect', '--readme'], terminal), 0);
  t.equal(terminal.written.out, elementsReadme((await installed()).declarations));
});
