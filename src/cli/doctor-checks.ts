/**
 * What `doctor` looks at. Each check answers findings and never throws: a machine where nothing works is the one on
 * which it is needed.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { NEEDED } from './doctor-elements.js';

/** One thing that is there or not. */
export interface Finding {
  readonly area: string;
  readonly name: string;
  readonly there: boolean;
  /** Without it `doctor` answers 1. */
  readonly required: boolean;
  /** What was found, or what is lost. */
  readonly detail: string;
  /** How to get it. */
  readonly cure?: string;
}

type Check = () => Promise<Finding[]>;

const run = promisify(execFile);

const sentence = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';

/** Node itself. */
export async function checkNode(version: string = process.versions.node): Promise<Finding[]> {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const there = major > 20 || (major === 20 && minor >= 19);
  const finding = { area: 'node', name: 'Node.js', there, required: true, detail: version };
  return [there ? finding : { ...finding, cure: 'install Node 20.19 or a newer LTS (nodejs.org, nvm)' }];
}

/** GStreamer and the addon; the elements, when those are there. */
export async function checkGStreamer(
  load: () => Promise<{ factories(): readonly { name: string }[]; version(): string }> = loadGStreamer,
): Promise<Finding[]> {
  const area = 'gstreamer';
  try {
    const { factories, version } = await load();
    const found = version();
    const [major = 0, minor = 0] = found.split('.').map(Number);
    const there = major > 1 || (major === 1 && minor >= 22);
    const names = new Set(factories().map((factory) => factory.name));
    return [
      { area, name: 'addon', there: true, required: true, detail: 'built and loaded' },
      {
        area,
        name: 'GStreamer',
        there,
        required: true,
        detail: found,
        ...(!there && { cure: 'install GStreamer 1.22 or newer' }),
      },
      ...NEEDED.map(({ name, from, why, required }) => ({
        area: 'elements',
        name,
        there: names.has(name),
        required,
        detail: why,
        ...(!names.has(name) && { cure: `sudo apt-get install ${from}` }),
      })),
    ];
  } catch (error) {
    const addon = { area, name: 'addon', there: false, required: true, detail: sentence(error) };
    return [{ ...addon, cure: 'npx talkgraph setup' }, ...(await gstreamerTools())];
  }
}

async function loadGStreamer() {
  // Ours have names of stock elements, too, and do not replace them: they wrap them.
  const { stockFactories: factories, plugins } = await import('../graph/catalog.js');
  const version = () =>
    plugins().find((plugin) => plugin.name === 'coreelements')?.version ?? 'of unknown version';
  return { factories, version };
}

/** Without the addon: is GStreamer there at all, to build it against? */
async function gstreamerTools(): Promise<Finding[]> {
  const name = 'GStreamer (development files)';
  try {
    const { stdout } = await run('pkg-config', [
      '--modversion',
      'gstreamer-1.0',
      'gstreamer-app-1.0',
      'libwebp',
    ]);
    return [{ area: 'gstreamer', name, there: true, required: true, detail: stdout.split('\n')[0] ?? '' }];
  } catch {
    const cure =
      'sudo apt-get install g++ pkg-config libgstreamer1.0-dev libgstreamer-plugins-base1.0-dev libwebp-dev';
    return [
      {
        area: 'gstreamer',
        name,
        there: false,
        required: true,
        detail: 'the addon is built against them',
        cure,
      },
    ];
  }
}

/** ONNX Runtime and what it can run on. */
export async function checkInference(
  list: () => Promise<string[]> = async () => (await import('../inference/providers.js')).listProviders(),
): Promise<Finding[]> {
  const area = 'inference';
  try {
    const providers = await list();
    const cuda = providers.includes('cuda');
    return [
      {
        area,
        name: 'ONNX Runtime',
        there: true,
        required: true,
        detail: `providers: ${providers.join(', ')}`,
      },
      {
        area,
        name: 'CUDA',
        there: cuda,
        required: false,
        detail: 'lip-sync on an NVIDIA GPU',
        ...(!cuda && { cure: 'npx talkgraph setup --cuda' }),
      },
    ];
  } catch (error) {
    return [
      {
        area,
        name: 'ONNX Runtime',
        there: false,
        required: true,
        detail: sentence(error),
        cure: 'npx talkgraph setup',
      },
    ];
  }
}

/** Our elements: do all files of the folder register? */
export const checkOwnElements: Check = async () => {
  try {
    const { installed } = await import('../graph/installed.js');
    const { declarations } = await installed();
    const detail = `${declarations.length} registered`;
    return [{ area: 'elements', name: 'ours', there: true, required: true, detail }];
  } catch (error) {
    return [
      {
        area: 'elements',
        name: 'ours',
        there: false,
        required: true,
        detail: sentence(error),
        cure: 'npx talkgraph setup',
      },
    ];
  }
};

/** Models, avatars and voices: at least one of each. */
export const checkAssets: Check = async () => {
  const lists: [string, () => Promise<readonly string[]>, string][] = [
    [
      'models',
      async () => (await import('../inference/index.js')).listModels(),
      'tinylip comes with talkgraph: models/tinylip',
    ],
    [
      'avatars',
      async () => (await import('../avatar/index.js')).listAvatars(),
      'ava comes with talkgraph: data/avatars/ava',
    ],
    ['voices', async () => (await import('../voice/index.js')).engineNames(), 'npx talkgraph setup'],
  ];
  return Promise.all(
    lists.map(async ([area, list, cure]): Promise<Finding> => {
      try {
        const names = await list();
        const there = names.length > 0;
        const detail = there ? names.join(', ') : 'none';
        return { area, name: area, there, required: true, detail, ...(!there && { cure }) };
      } catch (error) {
        return { area, name: area, there: false, required: true, detail: sentence(error), cure };
      }
    }),
  );
};
