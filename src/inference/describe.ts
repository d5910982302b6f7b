import ort from 'onnxruntime-node';
import { TalkError } from '../element/error.js';

// What fails is thrown; the library's own lines on stderr would only say it twice.
ort.env.logLevel = 'fatal';

/** An input or output as an ONNX file declares it; a dimension that is any number has a name, or none. */
export interface DeclaredPort {
  readonly name: string;
  /** `float32`, `float16`, `uint8`, …; `other` for what is no tensor. */
  readonly type: string;
  readonly shape: readonly (number | string)[];
}

/** What an ONNX file takes and gives. */
export interface Declared {
  readonly inputs: readonly DeclaredPort[];
  readonly outputs: readonly DeclaredPort[];
}

/**
 * Opens an ONNX file to see what it takes and gives. Holds the calling thread while it loads, some 0.5 s for 145 MB.
 * @throws TalkError stream/format when ONNX Runtime cannot open it
 */
export async function describeFile(path: string): Promise<Declared> {
  let session: ort.InferenceSession;
  try {
    session = await ort.InferenceSession.create(path, {
      executionProviders: ['cpu'],
      graphOptimizationLevel: 'disabled',
      logSeverityLevel: 3,
    });
  } catch (cause) {
    const [line = ''] = (cause instanceof Error ? cause.message : String(cause)).split('\n');
    throw new TalkError('stream/format', `${path} cannot be opened as ONNX: ${line}`, {
      details: { path },
      cause,
    });
  }
  try {
    return { inputs: session.inputMetadata.map(port), outputs: session.outputMetadata.map(port) };
  } finally {
    await session.release();
  }
}

function port(value: ort.InferenceSession.ValueMetadata): DeclaredPort {
  return value.isTensor
    ? { name: value.name, type: value.type, shape: value.shape }
    : { name: value.name, type: 'other', shape: [] };
}
