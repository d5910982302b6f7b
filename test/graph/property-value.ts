import t from 'tap';
import type { Scalar } from '../../src/graph/model.js';
import { checkProperty, serializeProperty } from '../../src/graph/property-value.js';
import type { PropertyInfo } from '../../src/graph/vocabulary.js';

const property = (type: PropertyInfo['type'], more: Partial<PropertyInfo> = {}): PropertyInfo => ({
  name: 'p',
  type,
  writable: true,
  secret: false,
  blurb: '',
  ...more,
});

t.test('a value fits its property or is told what would', async (t) => {
  const ms = property('uint', { min: 0, max: 2000, unit: 'ms' });
  const mode = property('enum', { values: ['fast', 'small'] });
  const flags = property('flags', { values: ['index', 'tags'] });
  const rows: [PropertyInfo, Scalar, string | undefined][] = [
    [property('bool'), true, undefined],
    [property('bool'), 'No', undefined],
    [property('bool'), 1.5, 'must be true or false'],
    [ms, 0, undefined],
    [ms, 2000, undefined],
    [ms, '0x10', undefined],
    [ms, 'max', undefined],
    [ms, 2001, 'must be from 0 to 2000 (ms)'],
    [ms, -1, 'must be from 0 to 2000 (ms)'],
    [ms, '-0x1', 'must be from 0 to 2000 (ms)'],
    [ms, 1.5, 'must be a whole number (ms)'],
    [ms, true, 'must be a whole number (ms)'],
    [ms, 'soon', 'must be a whole number (ms)'],
    [property('int', { min: 3 }), 2, 'must be at least 3'],
    [property('int64', { max: 3n }), 4, 'must be at most 3'],
    [property('uint64', { max: (1n << 64n) - 1n }), (1n << 64n) - 1n, undefined],
    [
      property('uint64', { min: 0n, max: (1n << 64n) - 1n }),
      1n << 64n,
      'must be from 0 to 18446744073709551615',
    ],
    [property('double', { min: 0.5, max: 2 }), 0.4, 'must be from 0.5 to 2'],
    [property('double'), '1e3', undefined],
    [property('double'), '', 'must be a number'],
    [property('double'), 'min', undefined],
    [mode, 'fast', undefined],
    [mode, 1, undefined],
    [mode, 'GST_MODE_FAST', undefined],
    [mode, 'fats', 'must be one of fast, small (did you mean "fast"?)'],
    [mode, 'zzzzz', 'must be one of fast, small'],
    [property('enum', { values: ['fast', 'small'], numbers: [0, 4] }), 4, undefined],
    [property('enum', { values: ['fast', 'small'], numbers: [0, 4] }), '1', 'must be one of fast, small'],
    [property('flags', { values: ['index', 'tags'], numbers: [1, 4] }), '0x5', undefined],
    [property('flags', { values: ['index', 'tags'], numbers: [1, 4] }), 2, 'must be made of index, tags'],
    // 0.1 in 32 bits is a little more than 0.1.
    [property('double', { min: Math.fround(0.1) }), 0.1, undefined],
    [flags, 'index+tags', undefined],
    [flags, 'index+tgas', 'must be made of index, tags (did you mean "tags"?)'],
    [property('fraction'), '25/1', undefined],
    [property('fraction'), 'fast', 'must be a fraction such as 25/1'],
    [property('string'), 5, undefined],
    [property('caps'), 'anything', undefined],
    [property('string'), null, 'must have a value ("" is an empty text)'],
  ];
  for (const [info, value, wrong] of rows)
    t.equal(checkProperty(info, value), wrong, `${info.type} ${value}`);
});

t.test('numbers and truth values given to a text keep their spelling', async (t) => {
  t.equal(serializeProperty(property('string'), 1000, '1e3'), '1e3');
  t.equal(serializeProperty(property('string'), true, 'True'), 'True');
  t.equal(serializeProperty(property('string'), 7), '7');
  t.equal(serializeProperty(property('string'), 'NULL'), '"NULL"');
});

t.test('everything else is written as GStreamer reads it', async (t) => {
  t.equal(serializeProperty(property('int'), 1000, '1e3'), '1000');
  t.equal(serializeProperty(property('uint64'), (1n << 64n) - 1n), '18446744073709551615');
  t.equal(serializeProperty(property('bool'), false), 'false');
  t.equal(serializeProperty(undefined, 'NULL'), 'NULL');
});
