import t from 'tap';
import { graphFromText } from '../../src/graph/load.js';
import { elementSchema, graphSchema, parametersSchema } from '../../src/graph/schema.js';
import { sample } from '../support/vocabulary.js';

t.test('the schema of graph files knows every element and its settings', async (t) => {
  const schema = graphSchema(sample);
  const text = JSON.stringify(schema);
  for (const name of sample.names()) t.match(text, `"#/$defs/element-${name}"`);
  t.match(schema, { additionalProperties: false, $defs: { parameter: { required: ['type'] } } });
  t.notMatch(JSON.stringify(graphSchema(sample, ['queue'])), 'element-tee');
});

t.test('settings have type, range, words and blurb of their property', async (t) => {
  const rec = sample.element('recordsink');
  const say = sample.element('ttssrc');
  if (!rec || !say) return t.fail('not in the sample');
  const parameter = { type: 'string', pattern: '\\$' };
  t.match(elementSchema(say), {
    properties: {
      lead: {
        description: 'the lead (ms)',
        anyOf: [{ type: 'integer', minimum: 0, maximum: 2000 }, parameter],
      },
      speed: { anyOf: [{ type: 'number', minimum: 0.5, maximum: 2 }, parameter] },
      'is-live': { anyOf: [{ type: 'boolean' }, parameter] },
      text: { anyOf: [{ type: ['string', 'number', 'boolean'] }, parameter] },
    },
  });
  t.notHas(elementSchema(say), { properties: { spoken: {} } });
  t.match(elementSchema(rec), {
    properties: {
      mode: { anyOf: [{ enum: ['fast', 'small', 'safe'] }, parameter] },
      framerate: { anyOf: [{ type: 'string', pattern: /\\d/ }, parameter] },
    },
  });
});

t.test('an open schema lets through what it does not know', async (t) => {
  const queue = sample.element('queue');
  t.equal(queue && elementSchema(queue, true)['additionalProperties'], true);
  t.match(graphSchema(sample, [], { open: true }), {
    $defs: { element: { anyOf: [{ anyOf: [{ enum: ['bin'] }, { type: 'string' }] }] } },
  });
});

t.test('the schema of a graph says what it takes', async (t) => {
  const graph = graphFromText(`parameters:
  text: { type: string, default: hi, blurb: what to say }
  place: { type: path }
  size: { type: int, min: 1, max: 9, default: null }
  gain: { type: number, default: 0.5 }
  loud: { type: bool, default: false }
  mode: { type: enum, values: [a, b], default: a }
  key: { type: string, default: x, secret: true }
`);
  t.same(parametersSchema(graph), {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'graph',
    type: 'object',
    additionalProperties: false,
    required: ['place'],
    properties: {
      text: { type: 'string', description: 'what to say', default: 'hi' },
      place: { type: 'string' },
      size: { type: ['integer', 'null'], minimum: 1, maximum: 9, default: null },
      gain: { type: 'number', default: 0.5 },
      loud: { type: 'boolean', default: false },
      mode: { type: 'string', enum: ['a', 'b'], default: 'a' },
      key: { type: 'string', writeOnly: true },
    },
  });
});
