import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { render } from '../../src/cli/doctor.js';
import { checkGStreamer, checkInference, checkNode } from '../../src/cli/doctor-checks.js';
import { NEEDED } from '../../src/cli/doctor-elements.js';
import { checkEncoders } from '../../src/cli/doctor-encoders.js';
import { checkExtras } from '../../src/cli/doctor-extras.js';
import { checkServer } from '../../src/cli/doctor-server.js';
import { run } from '../../src/cli/main.js';
import { fakeTerminal } from '../support/terminal.js';

t.test('this machine has what is needed: the tests ran until here', async (t) => {
  const terminal = fakeTerminal();
  t.equal(await run(['doctor'], terminal), 0, terminal.written.out);
  t.match(terminal.written.out, /Everything that is needed is there\.\n$/);
  const json = fakeTerminal();
  await run(['doctor', '--json'], json);
  const { healthy, findings } = JSON.parse(json.written.out);
  t.equal(healthy, true);
  for (const { name } of NEEDED)
    t.ok(
      findings.some((one: { name: string }) => one.name === name),
      name,
    );
});

t.test('an old Node is found', async (t) => {
  t.match(await checkNode('18.20.0'), [{ there: false, required: true, cure: /20\.19/ }]);
  t.match(await checkNode('20.18.9'), [{ there: false }]);
  t.match(await checkNode('24.0.0'), [{ there: true }]);
});

t.test('each missing element has the package it comes from', async (t) => {
  const found = await checkGStreamer(async () => ({
    factories: () => NEEDED.filter((one) => one.name !== 'x264enc').map(({ name }) => ({ name })),
    version: () => '1.20.3',
  }));
  const missing = found.filter((one) => !one.there);
  t.match(missing, [
    { name: 'GStreamer', detail: '1.20.3', cure: /1\.22/ },
    { name: 'x264enc', cure: 'sudo apt-get install gstreamer1.0-plugins-ugly' },
  ]);
});

t.test('without the addon it says how to build it and what it is built against', async (t) => {
  const found = await checkGStreamer(async () => {
    throw new Error('talkgraph.node is missing.\nand more');
  });
  t.match(found, [
    { name: 'addon', there: false, detail: 'talkgraph.node is missing.', cure: 'npx talkgraph setup' },
    { name: 'GStreamer (development files)' },
  ]);
});

t.test('without ONNX Runtime it says how to get it, without CUDA that it is optional', async (t) => {
  const broken = await checkInference(async () => {
    throw new Error('no module');
  });
  t.match(broken, [{ there: false, required: true, detail: 'no module' }]);
  t.match(await checkInference(async () => ['cpu']), [
    { there: true, detail: 'providers: cpu' },
    { name: 'CUDA', there: false, required: false, cure: 'npx talkgraph setup --cuda' },
  ]);
});

t.test('a port that is taken and a folder that may not be written are told, with a way out', async (t) => {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  t.teardown(() => void listener.close());
  const { port } = listener.address() as { port: number };
  const dir = t.testdir({ avatars: {}, driver: '' });
  const fine = { 'new avatars': join(dir, 'avatars'), recordings: join(dir, 'not', 'yet') };
  t.match(await checkServer({ port, folders: fine, driver: join(dir, 'driver') }), [
    { name: `port ${port}`, there: false, required: false, cure: /--port N/ },
    { name: 'new avatars', there: true },
    { name: 'recordings', there: true, detail: /not\/yet/ },
    { name: 'NVIDIA GPU', there: true, detail: /setup --cuda/ },
  ]);
  // In a file there is no folder, for root neither.
  t.match(
    await checkServer({
      port: 0,
      folders: { recordings: join(dir, 'driver', 'record') },
      driver: '/nowhere',
    }),
    [
      { name: 'port 0', there: true },
      { name: 'recordings', there: false, cure: /TALKGRAPH_RECORDS/ },
      { name: 'NVIDIA GPU', there: false, required: false, detail: /moved by the CPU/ },
    ],
  );
});

t.test('programs are looked for on the path, the virtual camera among the modules', async (t) => {
  const dir = t.testdir({ bin: { ffprobe: '', chromium: '' }, sys: { v4l2loopback: '' } });
  t.match(await checkExtras(`/nowhere::${join(dir, 'bin')}`, join(dir, 'sys')), [
    { name: 'Chromium', there: true, detail: join(dir, 'bin/chromium') },
    { name: 'ffprobe', there: true },
    { name: 'eSpeak NG', there: false, cure: /espeak-ng/ },
    { name: 'Graphviz', there: false, cure: /graphviz/ },
    { name: 'v4l2loopback', there: true },
  ]);
  t.match(await checkExtras('', '/nowhere'), [
    { there: false },
    { there: false },
    { there: false },
    { there: false },
    { there: false },
  ]);
});

t.test('what is missing stands out, with its cure; what is there is brief', async (t) => {
  const one = { area: 'a', name: 'x', there: true, required: true, detail: 'd' };
  const text = render(
    [
      one,
      { ...one, area: 'many' },
      { ...one, area: 'many' },
      { ...one, area: 'many' },
      { ...one, area: 'many' },
      { ...one, name: 'y', there: false, cure: 'get it' },
      { ...one, name: 'z', there: false, required: false },
    ],
    fakeTerminal({ colour: true }),
  );
  t.equal(
    text,
    `<good>ok         </> x: d
<error>MISSING    </> y: d
            <faint>get it</>
<warning>not there  </> z: d
<good>ok         </> 4 many

One thing must be there before talkgraph works. "npx talkgraph setup" installs what it can.
`,
  );
  t.match(
    render(
      [
        { ...one, there: false },
        { ...one, name: 'q', there: false },
      ],
      fakeTerminal(),
    ),
    /^2 things must/m,
  );
});

t.test('of encoders of graphics cards it says which works, and which is taken', async (t) => {
  t.match(await checkEncoders(), [{ name: 'encoder', there: false, detail: /x264enc encodes/ }]);
  const makers = { nvh264enc: 'A', vah264enc: 'B', vah264lpenc: 'C', qsvh264enc: 'D' };
  const found = await checkEncoders(async () => ({
    here: ['nvh264enc', 'vah264enc', 'qsvh264enc'],
    attempt: async (name) => (name === 'nvh264enc' ? 'The card is used up.' : undefined),
    makers,
  }));
  t.match(found, [
    { name: 'nvh264enc', there: false, detail: 'The card is used up.' },
    { name: 'vah264enc', there: true, detail: 'B: works, and is what encoder=auto takes' },
    { name: 'qsvh264enc', there: true, detail: 'D: works' },
  ]);
  t.notOk(found.some(({ required }) => required));
});
