/**
 * The section `parameters` of a graph file: what may be set from outside, with type, range and default.
 */
import type { Node } from 'yaml';
import { NAME, PARAMETER_TYPES, type Parameter, type ParameterType, type Scalar } from './model.js';
import { checkValue } from './parameters.js';
import { didYouMean } from './similar.js';
import type { Entry, NodeReader } from './yaml-nodes.js';

const KEYS = ['type', 'default', 'blurb', 'min', 'max', 'values', 'secret'] as const;

/** Reads all declarations; a broken one is complained about and left out. */
export function readParameters(reader: NodeReader, node: Node | undefined): Parameter[] {
  return reader.map(node, '"parameters"').flatMap((entry) => readParameter(reader, entry) ?? []);
}

function readParameter(reader: NodeReader, { key, value }: Entry): Parameter | undefined {
  const { problems } = reader;
  const name = key.text;
  if (!NAME.test(name)) {
    problems.add(`"${name}" cannot name a parameter: letters, digits, "-" and "_", a letter first`, key.spot);
    return undefined;
  }
  const what = `parameter "${name}"`;
  let type: ParameterType | undefined;
  let saidType = false;
  let standard: { value: Scalar; entry: Entry } | undefined;
  let min: number | undefined;
  let max: number | undefined;
  let blurb: string | undefined;
  let values: string[] | undefined;
  let secret = false;
  for (const entry of reader.map(value, what)) {
    const label = `"${entry.key.text}" of ${what}`;
    switch (entry.key.text) {
      case 'type':
        saidType = true;
        type = readType(reader, entry, label);
        break;
      case 'default': {
        const scalar = reader.scalar(entry, label);
        if (scalar) standard = { value: scalar.value, entry };
        break;
      }
      case 'blurb':
        blurb = reader.text(entry, label);
        break;
      case 'min':
        min = reader.number(entry, label);
        break;
      case 'max':
        max = reader.number(entry, label);
        break;
      case 'values':
        values = reader
          .list(entry.value, label)
          .flatMap((item) => reader.text({ ...entry, value: item, spot: reader.spotOf(item) }, label) ?? []);
        break;
      case 'secret':
        secret = reader.flag(entry, label) ?? false;
        break;
      default:
        reader.unknownKey(entry, what, KEYS);
    }
  }
  if (!saidType) problems.add(`${what} needs a type: ${PARAMETER_TYPES.join(', ')}`, key.spot);
  if (type === undefined) return undefined;
  if (type === 'enum' && !values?.length) problems.add(`${what} needs its values: values: [a, b]`, key.spot);
  if (type !== 'enum' && values)
    problems.add(`only an enum has values, ${what} is of type ${type}`, key.spot);
  if (type !== 'int' && type !== 'number' && (min ?? max) !== undefined) {
    problems.add(`only int and number have a range, ${what} is of type ${type}`, key.spot);
  }
  if (min !== undefined && max !== undefined && min > max) {
    problems.add(`the range of ${what} is empty: min ${min} is above max ${max}`, key.spot);
  }
  const parameter: Parameter = {
    name,
    type,
    secret,
    spot: key.spot,
    ...(blurb !== undefined && { blurb }),
    ...(min !== undefined && { min }),
    ...(max !== undefined && { max }),
    ...(values && { values }),
    ...(standard && { default: standard.value }),
  };
  if (standard && standard.value !== null) {
    const wrong = checkValue(parameter, standard.value);
    if (wrong !== undefined) problems.add(`the default of ${what} ${wrong}`, standard.entry.spot);
  }
  return parameter;
}

function readType(reader: NodeReader, entry: Entry, label: string): ParameterType | undefined {
  const text = reader.text(entry, label);
  const type = PARAMETER_TYPES.find((candidate) => candidate === text);
  if (text !== undefined && type === undefined) {
    const hint = didYouMean(text, PARAMETER_TYPES) || `: there are ${PARAMETER_TYPES.join(', ')}`;
    reader.problems.add(`"${text}" is not a type of parameter${hint}`, entry.spot);
  }
  return type;
}
