// @ts-check
/** JSON Schemas for people: an example to begin with, and what each field is. */

/**
 * @typedef {object} Schema
 * @property {string | string[]} [type]
 * @property {string} [description]
 * @property {unknown} [default]
 * @property {unknown[]} [enum]
 * @property {unknown} [const]
 * @property {Record<string, Schema>} [properties]
 * @property {string[]} [required]
 * @property {Schema} [items]
 * @property {Schema[]} [anyOf]
 * @property {Schema[]} [oneOf]
 */

/** What could be sent: what is required, and nothing that would be as it is without it. @param {Schema} schema @returns {unknown} */
export function example(schema) {
  if (schema.const !== undefined) return schema.const;
  if (schema.default !== undefined) return schema.default;
  if (schema.enum !== undefined) return schema.enum[0];
  const choice = schema.anyOf?.[0] ?? schema.oneOf?.[0];
  if (choice !== undefined) return example(choice);
  if (schema.properties !== undefined) {
    const needed = Object.entries(schema.properties).filter(
      ([name, one]) => schema.required?.includes(name) && one.default === undefined,
    );
    return Object.fromEntries(needed.map(([name, one]) => [name, example(one)]));
  }
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  if (type === 'array') return schema.items === undefined ? [] : [example(schema.items)];
  return { string: '', number: 0, integer: 0, boolean: false, object: {} }[type ?? ''] ?? null;
}

/** @param {Schema} schema @returns {{name: string, kind: string, meaning: string}[]} */
export function rows({ properties = {}, required = [] }) {
  return Object.entries(properties).map(([name, one]) => ({
    name: required.includes(name) && one.default === undefined ? `${name} *` : name,
    kind: kindOf(one),
    meaning: [one.description, one.default === undefined ? '' : `= ${JSON.stringify(one.default)}`]
      .filter(Boolean)
      .join(' '),
  }));
}

/** @param {Schema} schema @returns {string} */
function kindOf({ type, enum: values, const: only, anyOf, oneOf, items }) {
  if (values !== undefined) return values.join(' | ');
  if (only !== undefined) return String(only);
  const choices = anyOf ?? oneOf;
  if (choices !== undefined) return choices.map(kindOf).join(' | ');
  if (items !== undefined) return `${kindOf(items)} []`;
  return Array.isArray(type) ? type.join(' | ') : (type ?? '');
}
