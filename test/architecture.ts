/**
 * The arrows of the house: which room may import which, read from the imports themselves. A new arrow is a decision;
 * write it here with its reason, or find the missing pad, event or property.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import t from 'tap';
import ts from 'typescript';
import { PACKAGE } from '../src/graph/find.js';

/** Rooms that each room may use. `native` is `src/native.ts` with the types beside it. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  native: [],
  element: ['native'],
  graph: ['element', 'native'],
  // Hubert and the like are made by a network.
  features: ['element', 'inference'],
  inference: ['element'],
  // An import ends as a model: its manifest, and whether it runs.
  checkpoint: ['element', 'inference'],
  // An encoder is tried by a pipeline, after the properties that it has.
  encode: ['element', 'graph'],
  download: ['element'],
  // Pixel kernels are native.
  picture: ['native'],
  lipsync: ['element', 'inference', 'picture', 'native'],
  // Its nets are written as ONNX from weights of another form.
  face: ['element', 'inference', 'checkpoint', 'picture'],
  // It is made of a video, which a pipeline decodes.
  avatar: ['element', 'inference', 'checkpoint', 'picture', 'face', 'graph'],
  // Whoever asks a service over the network asks through it.
  service: ['element'],
  // A library that ends its process runs in one of its own, to speak or to hear.
  sherpa: ['element'],
  // The engine `file` decodes with a pipeline of its own.
  voice: ['element', 'graph', 'native', 'service', 'sherpa'],
  // Silero hears with a network; an echo is known by its spectrum.
  dialog: ['element', 'inference', 'features', 'service', 'sherpa'],
  // It tells how punctual it is as all who send do, and encodes as they do.
  webrtc: ['element', 'publish', 'encode'],
  // A connection is a pipeline of its own, so that its end is nobody else's.
  rtmp: ['element', 'graph', 'publish', 'encode'],
  // A connection is one of WebRTC.
  whip: ['element', 'webrtc', 'publish'],
  // What all who publish to a server have in common: to connect again, and to say how punctual they are.
  publish: ['element'],
  // A sound that a session is sent is a voice of its own.
  session: ['element', 'graph', 'dialog', 'voice'],
  // It lists models and voices, speaks by itself, reads which voice a request asks for, and brings sound; a collector gets its traces.
  server: ['element', 'session', 'avatar', 'webrtc', 'dialog', 'inference', 'voice', 'service'],
  cli: [
    'element',
    'graph',
    'session',
    'server',
    'avatar',
    'checkpoint',
    'inference',
    // An encoder that was imported is tried on speech.
    'features',
    'voice',
    'download',
    // A server that runs elsewhere is watched as its clients do.
    'client',
    // `doctor` tries the encoders of graphics cards.
    'encode',
  ],
  // It runs in browsers, too: types alone come from elsewhere.
  client: [],
  // What others install: the sum of the public rooms.
  index: ['element', 'graph'],
  elements: [
    'element',
    'features',
    'picture',
    'lipsync',
    'inference',
    'avatar',
    'voice',
    'dialog',
    'service',
    'webrtc',
    'rtmp',
    'whip',
    'publish',
    'encode',
  ],
};

/** Arrows for types alone: contracts that both sides speak. */
const TYPE_ARROWS: readonly [string, string][] = [
  ['src/session/', 'src/server/contract/'],
  ['src/session/', 'src/webrtc/viewers.ts'],
  ['src/client/', 'src/server/contract/'],
];

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
  /** By `import()`: loaded when it is needed. */
  readonly late: boolean;
  readonly line: number;
}

function sources(folder: string): string[] {
  return readdirSync(join(PACKAGE, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(PACKAGE, join(entry.parentPath, entry.name)))
    .sort();
}

/** What a file imports of ours, by path; dynamic imports count, templates of generated files do not. */
function importsOf(file: string): Import[] {
  const tree = ts.createSourceFile(
    file,
    readFileSync(join(PACKAGE, file), 'utf8'),
    ts.ScriptTarget.Latest,
    true,
  );
  const found: Import[] = [];
  const add = (specifier: ts.Node | undefined, typeOnly: boolean, late = false) => {
    if (!specifier || !ts.isStringLiteral(specifier) || !specifier.text.startsWith('.')) return;
    const to = join(dirname(file), specifier.text.replace(/\.js$/, '.ts'));
    found.push({
      from: file,
      to,
      typeOnly,
      late,
      line: tree.getLineAndCharacterOfPosition(specifier.pos).line + 1,
    });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      const clause = node.importClause;
      const names =
        clause?.namedBindings && ts.isNamedImports(clause.namedBindings) ? clause.namedBindings.elements : [];
      const allTypes =
        names.length > 0 && clause?.name === undefined && names.every((name) => name.isTypeOnly);
      add(node.moduleSpecifier, clause?.isTypeOnly === true || allTypes);
    } else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node.arguments[0], false, true);
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

/** The room a file belongs to. */
function room(path: string): string {
  if (/^src\/native[-/.]/.test(path)) return 'native';
  const [top = '', second = ''] = path.split('/');
  return top === 'src' ? second.replace(/\.ts$/, '') : top;
}

const files = [...sources('src'), ...sources('elements')];
const imports = files.flatMap(importsOf);

t.test('every room is on the map', async (t) => {
  const unknown = new Set(files.map(room).filter((name) => !Object.hasOwn(ARROWS, name)));
  t.same([...unknown], []);
});

t.test('imports follow the arrows', async (t) => {
  const wrong = imports.filter(({ from, to, typeOnly }) => {
    const [a, b] = [room(from), room(to)];
    // An element knows no other element.
    if (a === b) return a === 'elements';
    if (ARROWS[a]?.includes(b)) return false;
    return !(typeOnly && TYPE_ARROWS.some(([x, y]) => from.startsWith(x) && to.startsWith(y)));
  });
  t.same(
    wrong.map(({ from, to, line }) => `${from}:${line} imports ${to}`),
    [],
  );
});

t.test('nothing imports the command line, and nothing but src/native.ts loads the addon', async (t) => {
  t.same(
    imports.filter(({ from, to }) => room(to) === 'cli' && room(from) !== 'cli').map(({ from }) => from),
    [],
  );
  const loaders = files.filter((file) => /\.node['"`]/.test(readFileSync(join(PACKAGE, file), 'utf8')));
  t.same(loaders, ['src/native.ts']);
});

t.test('only the room inference knows ONNX Runtime', async (t) => {
  const users = files.filter((file) =>
    /from 'onnxruntime-node'|import\('onnxruntime-node'\)/.test(readFileSync(join(PACKAGE, file), 'utf8')),
  );
  t.same(
    users.filter((file) => room(file) !== 'inference'),
    [],
  );
});

t.test('what only some graphs need is loaded by those alone', async (t) => {
  // Each costs every start of a graph a tenth of a second or more, and every thread that reads an avatar.
  const starts: readonly [from: (file: string) => boolean, without: RegExp][] = [
    [(file) => file.startsWith('elements/'), /^(?:src\/checkpoint\/|werift$|sharp$)/],
    [(file) => /^src\/avatar\/(?:decode|fetch)\.ts$/.test(file), /^(?:zod|yaml|sharp)$/],
  ];
  const atOnce = new Map<string, string[]>();
  for (const file of files) {
    const packages = readFileSync(join(PACKAGE, file), 'utf8').matchAll(
      /^(?:import|export)(?! type )[^;]*? from '([^.'][^']*)';/gm,
    );
    const own = imports.filter(({ from, typeOnly, late }) => from === file && !typeOnly && !late);
    atOnce.set(file, [...[...packages].map(([, name = '']) => name), ...own.map(({ to }) => to)]);
  }
  for (const [from, without] of starts) {
    const loaded = new Set(files.filter(from));
    t.ok(loaded.size > 0);
    for (const file of loaded) for (const next of atOnce.get(file) ?? []) loaded.add(next);
    t.same(
      [...loaded].filter((name) => without.test(name)),
      [],
    );
  }
});

t.test('no import leads back to where it came from', async (t) => {
  const edges = new Map<string, string[]>();
  for (const { from, to, typeOnly } of imports)
    if (!typeOnly) edges.set(from, [...(edges.get(from) ?? []), to]);
  // It reads the folder, and would wait for ever for one that waits for it.
  const families = files.filter((file) => file.startsWith('src/lipsync/families/'));
  edges.set('src/inference/families.ts', [...(edges.get('src/inference/families.ts') ?? []), ...families]);
  const done = new Set<string>();
  const cycles: string[] = [];
  const walk = (file: string, path: readonly string[]): void => {
    const at = path.indexOf(file);
    if (at !== -1) cycles.push([...path.slice(at), file].join(' -> '));
    if (at !== -1 || done.has(file)) return;
    for (const next of edges.get(file) ?? []) walk(next, [...path, file]);
    done.add(file);
  };
  for (const file of files) walk(file, []);
  t.same(cycles, []);
});

t.test('no file is called after what cannot be named', async (t) => {
  const vague = /(^|[-/])(utils?|helpers?|misc|common|manager)\.ts$/i;
  t.same(
    [...files, ...sources('test')].filter((file) => vague.test(file)),
    [],
  );
});

t.test('files stay small', async (t) => {
  const lines = (file: string) => readFileSync(join(PACKAGE, file), 'utf8').split('\n').length - 1;
  const long = files.map((file) => ({ file, count: lines(file) })).filter(({ count }) => count > 200);
  // A list to look at, not a wall: there may be a second element hiding inside.
  for (const { file, count } of long) t.comment(`${file} has ${count} lines`);
  t.same(
    long.filter(({ count }) => count > 400),
    [],
  );
});
