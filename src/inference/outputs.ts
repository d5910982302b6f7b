import ort from 'onnxruntime-node';

/**
 * Memory for what a model gives, the same for every batch: made anew, a batch of tinylip is a megabyte of garbage, which
 * V8 collects when it pleases.
 *
 * What is in it is good until the next batch.
 */
export class OutputRoom {
  readonly #shapes: readonly (readonly [string, readonly number[]])[];
  readonly #data = new Map<string, Float32Array>();

  /**
   * @param shapes shapes of one row, without the batch dimension
   * @param names the outputs that are asked for
   */
  constructor(shapes: Readonly<Record<string, readonly number[]>>, names: readonly string[]) {
    this.#shapes = names.map((name) => [name, shapes[name] ?? []]);
  }

  /** Tensors `[count, ...shape]` for the model to write into; they grow to the largest batch there was. */
  tensors(count: number): Record<string, ort.TypedTensor<'float32'>> {
    return Object.fromEntries(
      this.#shapes.map(([name, shape]) => {
        const length = shape.reduce((product, dim) => product * dim, count);
        let data = this.#data.get(name);
        if (data === undefined || data.length < length) {
          data = new Float32Array(length);
          this.#data.set(name, data);
        }
        return [name, new ort.Tensor('float32', data.subarray(0, length), [count, ...shape])];
      }),
    );
  }
}
