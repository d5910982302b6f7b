/** The inner end of a process of sherpa-onnx: loads the package, then does what it is told. */
import type { LoadAnswer, LoadOrder } from './protocol.js';

export interface Service<Library, Config, Facts, Work> {
  /** Makes the model. Returns what the outside wants to know of it; throws where it cannot be read. */
  load(library: Library, config: Config): Facts;
  /** Called with nothing before `load`. */
  work(order: Work): void;
}

/** Tells the outside. */
export function tell(answer: object): void {
  process.send?.(answer);
}

/** Runs until whoever started it has gone. */
export function serve<Library, Config, Facts, Work extends { readonly do: string }>({
  load,
  work,
}: Service<Library, Config, Facts, Work>): void {
  process.on('message', (order: LoadOrder | Work) => {
    if (order.do === 'load') void open(order as LoadOrder, load);
    else work(order as Work);
  });
  process.on('disconnect', () => process.exit(0));
}

async function open<Library, Config, Facts>(
  { module, config }: LoadOrder,
  load: (library: Library, config: Config) => Facts,
): Promise<void> {
  const say = (answer: LoadAnswer<Facts>): void => tell(answer);
  let library: Library;
  try {
    // The package is CommonJS.
    const found = (await import(module)) as { default?: Library } & Library;
    library = found.default ?? found;
  } catch (error) {
    say({ said: 'broken', missing: true, message: (error as Error).message });
    return;
  }
  try {
    say({ said: 'ready', facts: load(library, config as Config) });
  } catch (error) {
    say({ said: 'broken', missing: false, message: (error as Error).message });
  }
}
