import ort from 'onnxruntime-node';
import { halfTensor, type Port, type PortType } from './ports.js';
import { numbersIn } from './protocol.js';

type Room = Float32Array | Uint16Array | Uint8Array;

/** Arrays by the type of their elements; a float16 is kept as its bits. */
const ARRAYS: Readonly<Record<PortType, new (length: number) => Room>> = {
  float32: Float32Array,
  float16: Uint16Array,
  uint8: Uint8Array,
};

/**
 * Memory for what a model gives, the same for every batch: made anew, a batch of tinylip is a megabyte of garbage, which
 * V8 collects when it pleases.
 *
 * What is in it is good until the next batch.
 */
export class OutputRoom {
  readonly #ports: readonly Port[];
  readonly #data = new Map<Port, Room>();

  /** @param ports the outputs that are asked for */
  constructor(ports: readonly Port[]) {
    this.#ports = ports;
  }

  /** Tensors `[count, ...shape]` for the model to write into; they grow to the largest batch there was. */
  tensors(count: number): Record<string, ort.Tensor> {
    return Object.fromEntries(
      this.#ports.map((port) => {
        const dims = [count, ...port.shape];
        const length = numbersIn(dims);
        let data = this.#data.get(port);
        if (data === undefined || data.length < length) {
          data = new ARRAYS[port.type](length);
          this.#data.set(port, data);
        }
        const part = data.subarray(0, length);
        const tensor =
          part instanceof Uint16Array
            ? halfTensor(part, dims)
            : new ort.Tensor(port.type, part as never, dims);
        return [port.own, tensor];
      }),
    );
  }
}
