/**
 * How a process ends that has live pipelines: each case is a process of its own, run three times, because what goes
 * wrong here goes wrong sometimes.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import t from 'tap';

const GRAPH = new URL('../../src/graph/pipeline.js', import.meta.url).href;
const ELEMENT = new URL('../../src/element/index.js', import.meta.url).href;
const NATIVE = new URL('../../src/native.js', import.meta.url).href;

/** What every script begins with: a pipeline that plays for ever, and a TypeScript element whose promise never settles. */
const PREAMBLE = `
  import { Pipeline } from '${GRAPH}';
  import { native } from '${NATIVE}';
  import { Transform, register } from '${ELEMENT}';
  class NeverDone extends Transform {
    static metadata = { name: 'neverdone', longName: 'Never', klass: 'Filter', description: 'never answers', author: 'test' };
    static properties = {};
    static pads = { sink: { caps: 'video/x-raw' }, src: { caps: 'video/x-raw' } };
    transform() { return new Promise(() => {}); }
  }
  const LIVE = 'videotestsrc is-live=true ! queue ! fakesink sync=true   audiotestsrc is-live=true ! fakesink sync=true';
  const HUNG = 'videotestsrc is-live=true ! neverdone ! queue ! fakesink sync=false';
  const say = (word) => process.stdout.write(word);
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  /** Plays until a picture waits in the element that never answers. */
  async function hang() {
    register(NeverDone);
    const pipeline = Pipeline.launch(HUNG);
    pipeline.play().catch(() => undefined);
    const source = pipeline.elements().find(({ factory }) => factory === 'neverdone');
    while (source.pad('sink').caps === undefined) await turn();
    return pipeline;
  }
`;

interface Ending {
  code: number | null;
  signal: NodeJS.Signals | null;
  out: string;
  err: string;
}

function run(script: string, kill?: NodeJS.Signals): Promise<Ending> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--expose-gc', '--input-type=module', '-e', PREAMBLE + script], {
      cwd: fileURLToPath(new URL('.', import.meta.url)),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ending: Ending = { code: null, signal: null, out: '', err: '' };
    const late = setTimeout(() => child.kill('SIGKILL'), 60_000);
    child.stdout.on('data', (data) => {
      if (kill !== undefined && ending.out === '') child.kill(kill);
      ending.out += data;
    });
    child.stderr.on('data', (data) => (ending.err += data));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(late);
      resolve({ ...ending, code, signal });
    });
  });
}

const CASES: { name: string; script: string; kill?: NodeJS.Signals; expected: Partial<Ending> }[] = [
  {
    name: 'ends by itself once the last pipeline is stopped',
    script: `
      const p = Pipeline.launch(LIVE);
      await p.play();
      await p.stop();
      say('stopped');`,
    expected: { code: 0, out: 'stopped' },
  },
  {
    name: 'ends by itself after a start that failed',
    script: `
      const p = Pipeline.launch('filesrc location=/nowhere ! fakesink');
      await p.play().catch(() => say('failed'));`,
    expected: { code: 0, out: 'failed' },
  },
  {
    name: 'ends by itself after a TypeScript element refused to start, again and again',
    script: `
      class Refusing extends Transform {
        static metadata = { name: 'refusing', longName: 'Refusing', klass: 'Filter', description: 'refuses', author: 'test' };
        static properties = {};
        static pads = { sink: { caps: 'ANY' }, src: { caps: 'ANY' } };
        start() { throw new Error('no'); }
        transform() {}
      }
      register(Refusing);
      const p = Pipeline.launch('videotestsrc ! refusing ! fakesink');
      for (let i = 0; i < 3; i++) await p.play().catch(() => say('no'));`,
    expected: { code: 0, out: 'nonono' },
  },
  {
    name: 'stays alive while a pipeline plays, and ends at its EOS',
    script: `
      const p = Pipeline.launch('videotestsrc num-buffers=3 is-live=true ! fakesink sync=true');
      void p.play();
      p.on('eos', () => { say('eos'); void p.close(); });`,
    expected: { code: 0, out: 'eos' },
  },
  {
    name: 'ends by itself although an unreferenced pipeline plays',
    script: `
      const p = Pipeline.launch(LIVE);
      await p.play();
      p.unref();
      say('playing');`,
    expected: { code: 0, out: 'playing' },
  },
  {
    name: 'process.exit() with a playing pipeline',
    script: `
      const p = Pipeline.launch(LIVE);
      await p.play();
      process.exit(7);`,
    expected: { code: 7 },
  },
  {
    name: 'process.exit() in the middle of a state change',
    script: `
      const p = Pipeline.launch(LIVE);
      void p.play();
      process.exit(7);`,
    expected: { code: 7 },
  },
  {
    name: 'process.exit() while a TypeScript element never answers',
    script: `
      await hang();
      process.exit(7);`,
    expected: { code: 7 },
  },
  {
    name: 'an uncaught throw with a playing pipeline',
    script: `
      const p = Pipeline.launch(LIVE);
      await p.play();
      throw new Error('uncaught');`,
    expected: { code: 1 },
  },
  {
    name: 'an error of a pipeline that nobody listens to',
    script: `
      const p = Pipeline.launch('videotestsrc is-live=true ! identity error-after=3 ! fakesink');
      await p.play();
      setInterval(() => undefined, 1000);`,
    expected: { code: 1 },
  },
  {
    name: 'SIGINT with a playing pipeline',
    kill: 'SIGINT',
    script: `
      const p = Pipeline.launch(LIVE);
      await p.play();
      say('playing');`,
    expected: { code: null, signal: 'SIGINT' },
  },
  {
    name: 'SIGTERM handled, in a pipeline that never answers',
    kill: 'SIGTERM',
    script: `
      const p = await hang();
      process.on('SIGTERM', () => void p.close().then(() => say(' closed')));
      say('playing');`,
    expected: { code: 0, out: 'playing closed' },
  },
  {
    name: 'the collection of a playing pipeline that was unreferenced',
    script: `
      let p = Pipeline.launch(LIVE);
      await p.play();
      p.unref();
      p = undefined;
      for (let i = 0; i < 200 && native.census().pipelines > 0; i++) { gc(); await turn(); }
      say(String(native.census().pipelines));`,
    expected: { code: 0, out: '0' },
  },
  {
    name: 'the collection of a pipeline that never played',
    script: `
      let p = Pipeline.launch(LIVE);
      p = undefined;
      for (let i = 0; i < 200 && native.census().pipelines > 0; i++) { gc(); await turn(); }
      say(String(native.census().pipelines));`,
    expected: { code: 0, out: '0' },
  },
  {
    name: 'a playing pipeline is not collected',
    script: `
      await Pipeline.launch(LIVE).play();
      for (let i = 0; i < 20; i++) { gc(); await turn(); }
      say(String(native.census().pipelines));
      process.exit(0);`,
    expected: { code: 0, out: '1' },
  },
  {
    name: 'a pipeline that was launched keeps its ears through a collection',
    script: `
      const p = Pipeline.launch('videotestsrc num-buffers=2 ! fakesink');
      for (let i = 0; i < 20; i++) { gc(); await turn(); }
      await p.play();
      say(await p.finished());
      await p.close();`,
    expected: { code: 0, out: 'eos' },
  },
];

t.setTimeout(1_500_000); // 42 processes; with sanitizers each takes some seconds to start
t.jobs = 2;
for (const { name, script, kill, expected } of CASES)
  t.test(name, async (t) => {
    for (let round = 0; round < 3; round++) {
      const ending = await run(script, kill);
      t.match(ending, expected, `round ${round + 1}: ${ending.err.slice(-600)}`);
      t.notMatch(
        ending.err,
        /CRITICAL|WARNING \*\*|Assertion|terminate called/,
        'nothing was violated on the way',
      );
    }
  });
