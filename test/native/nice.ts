import { readdir, readFile } from 'node:fs/promises';
import { getPriority } from 'node:os';
import { setImmediate as turn } from 'node:timers/promises';
import t from 'tap';
import { Pipeline } from '../../src/graph/pipeline.js';

/** `nice` of the threads of this process whose name matches. */
async function priorities(name: RegExp): Promise<number[]> {
  const found: number[] = [];
  for (const task of await readdir('/proc/self/task')) {
    const stat = await readFile(`/proc/self/task/${task}/stat`, 'utf8').catch(() => '');
    // The name is in brackets and may hold anything; nice is the 17th field behind it (proc(5): the 19th).
    const end = stat.lastIndexOf(')');
    if (name.test(stat.slice(stat.indexOf('(') + 1, end)))
      found.push(Number(stat.slice(end + 2).split(' ')[16]));
  }
  return found;
}

t.test(
  'threads of the stream stand behind the JS thread, and not further with each pipeline',
  { skip: process.platform !== 'linux' && 'Linux only' },
  async (t) => {
    const before = getPriority();
    for (const round of [1, 2]) {
      const pipeline = Pipeline.launch('fakesrc is-live=true ! queue name=mine ! fakesink sync=true');
      await pipeline.play();
      const behind = Math.min(19, before + 5);
      // It says its name before it stands back: looked at until it has.
      while (!(await priorities(/^mine:src/)).includes(behind)) await turn();
      t.equal((await priorities(/^mine:src/)).length, 1, `round ${round}`);
      t.equal(getPriority(), before, 'the JS thread stays where it was');
      await pipeline.close();
    }
  },
);
