/** Collects garbage now, also in a process that was started without --expose-gc. */
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Collects, and lets finalizers run; twice, because the first may only make garbage of what the second collects. */
export async function gc(): Promise<void> {
  for (let i = 0; i < 2; i++) {
    collect();
    await turn();
  }
}
