import type { GraphBuilder } from '../onnx/graph.js';
import type { Port } from '../onnx/model.js';
import type { Keys } from './keys.js';

/** What can be said where a checkpoint leaves it open. */
export interface NetworkOptions {
  /** Side of the face crop; default what the network was made for. */
  readonly size?: number;
  /** Kind of audio features, where two kinds have the same shapes. */
  readonly features?: string;
}

/** A network that was recognised. */
export interface Network {
  /** For people: "Wav2Lip 256". */
  readonly title: string;
  /** Which packing serves it; see `family` in model.yaml. */
  readonly family: 'wav2lip' | 'ultralight' | 'musetalk';
  /** Side of the face crop and of the patch, pixels. */
  readonly size: number;
  readonly features: 'mel' | 'hubert' | 'wenet' | 'ave' | 'whisper';
  /** Start of the feature window against the start of its video frame, ms. */
  readonly windowOffsetMs: number;
  /** What is known about who may use weights of this kind. */
  readonly licence: string;
  /** Order of the colours in `face` and `out`; default BGR. */
  readonly colour?: 'RGB';
  /** How 0..1 becomes a byte; default by cutting off. */
  readonly quantise?: 'round';
  /** What of it lies in another checkpoint. */
  readonly beside?: 'vae';
  /**
   * Adds all of it to a graph, its inputs and outputs included.
   * @param beside the keys of the other checkpoint
   * @throws TalkError stream/format
   */
  build(graph: GraphBuilder, keys: Keys, beside?: Keys): void;
}

/** A network that makes features of sound for other networks. */
export interface EncoderNetwork {
  /** For people: "Whisper encoder (tiny)". */
  readonly title: string;
  /** Which features it makes; see `family` in model.yaml. */
  readonly family: 'whisper' | 'ave';
  readonly licence: string;
  /** Shapes without the batch, as model.yaml has them. */
  readonly inputs: Readonly<Record<string, readonly (number | 'any')[]>>;
  readonly outputs: Readonly<Record<string, readonly (number | 'any')[]>>;
  /** Adds all of it to a graph, its inputs and outputs included. @throws TalkError stream/format */
  build(graph: GraphBuilder, keys: Keys): void;
}

/** Shapes of ports by name, as model.yaml has them. */
export function shapes(ports: readonly Port[]): Record<string, number[]> {
  return Object.fromEntries(ports.map(({ name, shape }) => [name, shape.map(Number)]));
}
