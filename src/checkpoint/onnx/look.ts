/**
 * What an ONNX file says of itself (onnx.proto3; the field numbers are its), without its weights being read.
 */
import type { Declared, DeclaredPort } from '../../inference/index.js';
import { type Extent, LazyFile } from '../file.js';
import { Messages } from './fields.js';

/** Names of TensorProto's element types, as ONNX Runtime has them. */
const TYPES: Readonly<Record<number, string>> = {
  1: 'float32',
  2: 'uint8',
  3: 'int8',
  6: 'int32',
  7: 'int64',
  9: 'bool',
  10: 'float16',
  11: 'float64',
  16: 'bfloat16',
};
/** Steps of a graph at most; a UNet of MuseTalk has some six thousand. */
const MOST_NODES = 200_000;

/** Graphs inside of each other at most. */
const DEEPEST = 16;

/** A step of a graph. */
export interface SeenNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** A file that was looked at. */
export interface Look extends Declared {
  readonly nodes: readonly SeenNode[];
  /** Files beside it that hold weights, as it names them. */
  readonly beside: readonly string[];
}

/**
 * Looks at an ONNX file.
 * @throws RangeError for what is none; TalkError resource/not-found, resource/read, stream/format
 */
export async function lookAt(path: string): Promise<Look> {
  const file = await LazyFile.open(path);
  try {
    const reader = new Reader(new Messages(file));
    return await reader.model();
  } finally {
    await file.close();
  }
}

class Reader {
  readonly #m: Messages;
  readonly #nodes: SeenNode[] = [];
  readonly #inputs: DeclaredPort[] = [];
  readonly #outputs: DeclaredPort[] = [];
  readonly #constants = new Set<string>();
  readonly #beside = new Set<string>();

  constructor(messages: Messages) {
    this.#m = messages;
  }

  async model(): Promise<Look> {
    let graphs = 0;
    for await (const { number, extent } of this.#m.fields(this.#m.whole)) {
      if (number !== 7) continue;
      graphs++;
      await this.#graph(extent, 0);
    }
    if (graphs !== 1) throw new RangeError('it is no ONNX file: it has no graph.');
    // Old exports name their weights among the inputs, too.
    const inputs = this.#inputs.filter(({ name }) => !this.#constants.has(name));
    return { inputs, outputs: this.#outputs, nodes: this.#nodes, beside: [...this.#beside] };
  }

  async #graph(graph: Extent, depth: number): Promise<void> {
    if (depth > DEEPEST) throw new RangeError(`it has more than ${DEEPEST} graphs inside of each other.`);
    const outermost = depth === 0;
    for await (const { number, extent } of this.#m.fields(graph)) {
      if (number === 1) await this.#node(extent, depth);
      else if (number === 5) this.#constants.add(await this.#tensor(extent));
      else if (number === 11 && outermost) this.#inputs.push(await this.#port(extent));
      else if (number === 12 && outermost) this.#outputs.push(await this.#port(extent));
    }
  }

  async #node(node: Extent, depth: number): Promise<void> {
    const [inputs, outputs]: [string[], string[]] = [[], []];
    let op = '';
    for await (const { number, extent } of this.#m.fields(node)) {
      if (number === 1) inputs.push(await this.#m.text(extent));
      else if (number === 2) outputs.push(await this.#m.text(extent));
      else if (number === 4) op = await this.#m.text(extent);
      else if (number === 5) await this.#attribute(extent, depth);
    }
    if (depth === 0) this.#nodes.push({ op, inputs, outputs });
    if (this.#nodes.length > MOST_NODES) throw new RangeError(`it has more than ${MOST_NODES} steps.`);
  }

  /** Tensors and graphs of a step may hold weights, too. */
  async #attribute(attribute: Extent, depth: number): Promise<void> {
    for await (const { number, extent } of this.#m.fields(attribute)) {
      if (number === 5 || number === 10) await this.#tensor(extent);
      else if (number === 6 || number === 11) await this.#graph(extent, depth + 1);
    }
  }

  /** The name of a tensor; where its bytes lie elsewhere, that is kept. */
  async #tensor(tensor: Extent): Promise<string> {
    let name = '';
    for await (const { number, extent } of this.#m.fields(tensor)) {
      if (number === 8) name = await this.#m.text(extent);
      else if (number === 13) await this.#away(extent);
    }
    return name;
  }

  async #away(entry: Extent): Promise<void> {
    const pair = ['', ''];
    for await (const { number, extent } of this.#m.fields(entry)) {
      if (number === 1 || number === 2) pair[number - 1] = await this.#m.text(extent);
    }
    if (pair[0] === 'location') this.#beside.add(pair[1] ?? '');
  }

  async #port(value: Extent): Promise<DeclaredPort> {
    let [name, type] = ['', 'other'];
    const shape: (number | string)[] = [];
    const { fields, text } = {
      fields: (e: Extent) => this.#m.fields(e),
      text: (e: Extent) => this.#m.text(e),
    };
    for await (const one of fields(value)) {
      if (one.number === 1) name = await text(one.extent);
      if (one.number !== 2) continue;
      for await (const kind of fields(one.extent)) {
        if (kind.number !== 1) continue;
        for await (const part of fields(kind.extent)) {
          if (part.number === 1) type = TYPES[part.value] ?? 'other';
          if (part.number !== 2) continue;
          for await (const dim of fields(part.extent)) {
            if (dim.number === 1) shape.push(await this.#dimension(dim.extent));
          }
        }
      }
    }
    return { name, type, shape };
  }

  async #dimension(dim: Extent): Promise<number | string> {
    for await (const { number, value, extent } of this.#m.fields(dim)) {
      if (number === 1) return value;
      if (number === 2) return await this.#m.text(extent);
    }
    return '';
  }
}
