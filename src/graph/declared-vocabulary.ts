/**
 * Our elements alone as a vocabulary, from their declarations: the same on every machine, whatever is installed.
 */
import type { Description, PropertyDescription } from '../element/index.js';
import type { ElementInfo, PropertyInfo, Vocabulary } from './vocabulary.js';

/** What the declarations say, without what base classes bring along. */
export function declaredVocabulary(declarations: readonly Description[]): Vocabulary {
  const elements = new Map(declarations.map((one) => [one.name, elementInfo(one)]));
  return { names: () => elements.keys(), element: (name) => elements.get(name) };
}

function elementInfo({ name, description, pads, properties }: Description): ElementInfo {
  return {
    name,
    blurb: description,
    pads: pads.map((pad) => ({ ...pad, presence: pad.presence as 'always' | 'sometimes' | 'request' })),
    properties: new Map(properties.map((one) => [one.name, propertyInfo(one)])),
  };
}

function propertyInfo(property: PropertyDescription): PropertyInfo {
  const { name, type, blurb, unit, min, max, values, secret, readonly: own } = property;
  return {
    name,
    type: type === 'path' ? 'string' : type,
    writable: own !== true,
    secret: secret === true,
    blurb,
    default: property.default,
    ...(unit !== undefined && { unit }),
    ...(min !== undefined && { min }),
    ...(max !== undefined && { max }),
    ...(values && { values }),
  };
}
