/** A few elements with every kind of property and pad, as a vocabulary of their own. */
import type { ElementInfo, PadInfo, PropertyInfo, Vocabulary } from '../../src/graph/vocabulary.js';

const property = (
  name: string,
  type: PropertyInfo['type'] = 'string',
  more: Partial<PropertyInfo> = {},
): PropertyInfo => ({
  name,
  type,
  writable: true,
  secret: false,
  blurb: `the ${name}`,
  ...more,
});

function element(name: string, pads: string[], properties: PropertyInfo[]): ElementInfo {
  return {
    name,
    blurb: `a ${name}`,
    pads: pads.map((text): PadInfo => {
      const [pad = '', direction, presence = 'always'] = text.split(' ');
      return {
        name: pad,
        direction: direction === 'src' ? 'src' : 'sink',
        presence: presence as PadInfo['presence'],
      };
    }),
    properties: new Map([property('name'), ...properties].map((one) => [one.name, one])),
  };
}

const UINT64 = (1n << 64n) - 1n;

const ELEMENTS = [
  element(
    'ttssrc',
    ['src src'],
    [
      property('text'),
      property('voice'),
      property('is-live', 'bool'),
      property('lead', 'uint', { unit: 'ms', min: 0, max: 2000 }),
      property('speed', 'double', { min: 0.5, max: 2 }),
      property('api-key', 'string', { secret: true }),
      property('spoken', 'string', { writable: false }),
    ],
  ),
  element('tee', ['sink sink', 'src_%u src request'], []),
  element('queue', ['sink sink', 'src src'], [property('max-size-time', 'uint64', { min: 0n, max: UINT64 })]),
  element('identity', ['sink sink', 'src src'], [property('silent', 'bool'), property('note')]),
  element(
    'recordsink',
    ['video sink request', 'audio sink request'],
    [
      property('location'),
      property('mode', 'enum', { values: ['fast', 'small', 'safe'] }),
      property('features', 'flags', { values: ['index', 'tags'] }),
      property('framerate', 'fraction'),
    ],
  ),
  element('fakesink', ['sink sink'], [property('sync', 'bool')]),
  element('bin', [], [property('message-forward', 'bool')]),
  element('capsfilter', ['sink sink', 'src src'], [property('caps', 'caps')]),
];

/** The sample. */
export const sample: Vocabulary = {
  names: () => ELEMENTS.map((one) => one.name),
  element: (name) => ELEMENTS.find((one) => one.name === name),
};
