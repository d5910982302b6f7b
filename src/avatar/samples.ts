/** Buffers of an appsink as they are asked for: who is slow makes the pipeline wait. */
import type { Pipeline } from '../graph/pipeline.js';
import type { Sample } from '../graph/samples.js';

/** Buffers in hand above which the pipeline stands still. */
const ENOUGH = 6;

/**
 * Plays a pipeline and gives what comes to its sink `out`, to the end. The pipeline is the caller's to close.
 * @throws what the pipeline reports; the signal's reason
 */
export async function* onlySamples(
  pipeline: Pipeline,
  signal: AbortSignal,
): AsyncGenerator<Sample, void, undefined> {
  const waiting: Sample[] = [];
  let ended = false;
  let failure: { readonly error: unknown } | undefined;
  let wake: () => void = () => undefined;
  const fail = (error: unknown) => {
    failure ??= { error };
    wake();
  };
  const abort = () => fail(signal.reason);
  const sink = pipeline.element('out');
  let stop: (() => void) | undefined;
  const listen = () => {
    stop = sink.onSamples(
      (batch) => {
        waiting.push(...batch);
        wake();
        if (waiting.length < ENOUGH) return;
        stop?.();
        stop = undefined;
      },
      { limit: 4, full: 'wait' },
    );
  };
  signal.throwIfAborted();
  signal.addEventListener('abort', abort, { once: true });
  pipeline.on('error', fail);
  pipeline.on('eos', () => {
    ended = true;
    wake();
  });
  listen();
  pipeline.play().catch(fail);
  try {
    for (;;) {
      const next = waiting.shift();
      if (failure !== undefined) throw failure.error;
      if (next !== undefined) {
        if (stop === undefined && waiting.length < ENOUGH / 2) listen();
        yield next;
      } else if (ended) return;
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
  } finally {
    signal.removeEventListener('abort', abort);
    stop?.();
  }
}
