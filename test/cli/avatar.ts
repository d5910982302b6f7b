import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import t from 'tap';
import { importModel } from '../../src/checkpoint/index.js';
import { run } from '../../src/cli/main.js';
import { progress } from '../../src/cli/work.js';
import { PACKAGE } from '../../src/graph/find.js';
import { closeSharedPool } from '../../src/inference/index.js';
import { closeVoices } from '../../src/voice/index.js';
import { putWeights } from '../checkpoint/support/musetalk.js';
import { putAvatar } from '../support/drawnavatar.js';
import { fakeTerminal } from '../support/terminal.js';

t.teardown(async () => {
  await closeSharedPool();
  await closeVoices();
});
const root = t.testdir();
process.env['TALKGRAPH_AVATARS'] = join(root, 'avatars');
process.env['TALKGRAPH_MODELS'] = join(root, 'models');

async function avatar(...args: string[]) {
  const terminal = fakeTerminal();
  const exit = await run(['avatar', ...args], terminal);
  return { exit, ...terminal.written };
}

/** A folder as LiveTalking plays it. */
async function liveTalking(): Promise<string> {
  const folder = join(root, 'live');
  mkdirSync(join(folder, 'full_imgs'), { recursive: true });
  for (let n = 0; n < 6; n++) {
    await sharp({ create: { width: 64, height: 48, channels: 3, background: { r: 40 * n, g: 90, b: 60 } } })
      .png()
      .toFile(join(folder, 'full_imgs', `${String(n).padStart(8, '0')}.png`));
  }
  copyFileSync(join(PACKAGE, 'test', 'fixtures', 'livetalking', 'wav2lip.pkl'), join(folder, 'coords.pkl'));
  return folder;
}

const live = await liveTalking();

t.test('imports, lists, checks', async (t) => {
  const { exit, out } = await avatar('import', live, '--id', 'lisa', '--name', 'Lisa');
  t.equal(exit, 0);
  t.match(out, `lisa: 6 pictures of 64x48 for wav2lip, in ${join(root, 'avatars', 'lisa')}\n`);
  t.match(out, /^It talks: {2}talkgraph launch graphs\/render\.yaml avatar=lisa model=/m);
  t.match(out, /^Nobody knows who may use it/m);
  t.equal((await avatar()).out, 'lisa  Lisa: 64x48, 0.2 s, also for wav2lip; licence not stated\n');
  t.match(JSON.parse((await avatar('list', '--json')).out), [
    { id: 'lisa', crops: ['wav2lip'], seconds: 0.2 },
  ]);
  const check = await avatar('check', 'lisa');
  t.equal(check.exit, 0);
  t.match(check.out, /^warning: Nobody knows who may use it.*\nlisa can be used\.\n$/);
});

t.test('latents for a MuseTalk', async (t) => {
  const folder = join(root, 'models');
  const vae = putWeights(join(root, 'vae.bin'), 'vae');
  await importModel(putWeights(join(root, 'unet.pth'), 'unet'), { name: 'muse', folder, vae });
  const { exit, out } = await avatar('latents', 'lisa', '--model', 'muse', '--provider', 'cpu');
  t.equal(exit, 0);
  t.match(out, `lisa: latents of 6 frames for muse, in ${join(root, 'avatars', 'lisa')}\n`);
  t.match(out, /It has no boxes for musetalk, so that the model is shown another part of the face/);
  t.equal((await avatar('check', 'lisa')).exit, 0);
  t.match(await avatar('latents', '--model', 'muse'), { exit: 2, err: /of which avatar/ });
  t.match(await avatar('latents', 'lisa'), { exit: 2, err: /for which model/ });
  t.match(await avatar('latents', 'lisa', '--model', 'nobody'), { exit: 1, err: /no model "nobody"/ });
});

t.test('clips come with an import or later, and are listed', async (t) => {
  const file = join(root, 'actions.json');
  writeFileSync(file, JSON.stringify([{ audiotype: 1, imgpath: 'live/full_imgs' }]));
  const { exit, out } = await avatar('import', live, '--id', 'busy', '--clips', file);
  t.equal(exit, 0);
  t.match(out, /^clip idle: 6 pictures of 64x48, silent$/m);
  writeFileSync(file, JSON.stringify([{ audiotype: 3, imgpath: 'live/full_imgs' }]));
  t.equal((await avatar('clips', 'busy', file)).out, 'clip 3: 6 pictures of 64x48, silent\n');
  t.match(await avatar('clips', 'busy', file), { exit: 2, err: /There is an avatar 3 already/ });
  t.match(JSON.parse((await avatar('clips', 'busy', '--json')).out), [{ name: '3' }, { name: 'idle' }]);
  t.equal((await avatar('check', 'busy')).exit, 0, 'its own files are as they were');
  t.equal((await avatar('clips', 'lisa')).out, 'lisa has no clips.\n');
});

t.test('options reach the manifest, and --json says what was made', async (t) => {
  const options = [
    '--licence',
    'mine',
    '--consent',
    'Lisa, 2026',
    '--framerate',
    '30',
    '--store',
    'film',
    '--json',
  ];
  const { exit, out } = await avatar('import', live, '--id', 'film', ...options);
  t.equal(exit, 0);
  t.match(JSON.parse(out), { id: 'film', model: 'wav2lip', frames: 6, notes: [/No face/] });
  const text = readFileSync(join(root, 'avatars', 'film', 'avatar.yaml'), 'utf8');
  t.match(
    text,
    /licence: mine\n[\s\S]*consent: Lisa, 2026\n[\s\S]*framerate: 30\/1\n[\s\S]*film: film\.i420\nposter: poster\.webp\n/,
  );
});

t.test('a file that was changed is found', async (t) => {
  writeFileSync(join(root, 'avatars', 'film', 'poster.webp'), 'other');
  const { exit, out } = await avatar('check', 'film', '--json');
  t.equal(exit, 1);
  t.match(JSON.parse(out), {
    id: 'film',
    findings: [{ severity: 'error', text: /not the ones that were written/ }],
  });
  t.match(await avatar('check', 'nobody'), { exit: 1, out: /error: There is no avatar "nobody"/ });
});

t.test('a sheet, and a video in which it speaks', async (t) => {
  await putAvatar(join(root, 'avatars'), 'round', { width: 128, height: 128, frames: 30, side: 90 });
  const [sheet, video] = [join(root, 'sheet.png'), join(root, 'says.mp4')];
  const one = await avatar('preview', 'round', '--sheet', sheet);
  t.same([one.exit, one.out], [0, `${sheet}\n`]);
  t.match(await sharp(sheet).metadata(), { format: 'png', width: 1200, height: 800 });
  const two = await avatar('preview', 'round', '--video', video, '--text', 'Hi.');
  t.equal(two.exit, 0, two.err);
  t.ok(existsSync(video) && readFileSync(video).length > 2000);
});

t.test('what cannot be done is said', async (t) => {
  const cases: [string[], number, RegExp][] = [
    [['imprt'], 2, /avatar knows no "imprt", did you mean "import"/],
    [['import'], 2, /which folder should be imported/],
    [['clips'], 2, /whose clips/],
    [['clips', 'lisa', join(root, 'none.json')], 1, /none.json cannot be read/],
    [['import', live, '--id', 'y', '--clips', join(root, 'none.json')], 1, /none.json cannot be read/],
    [['import', live], 2, /what should the avatar be called/],
    [['import', live, '--id', 'lisa'], 2, /There is an avatar lisa already.*--replace/],
    [['import', live, '--id', '../x'], 2, /cannot be the id of an avatar/],
    [
      ['import', live, '--id', 'x', '--model', 'wav2lop'],
      2,
      /--model is wav2lip or .*, did you mean "wav2lip"/,
    ],
    [['import', live, '--id', 'x', '--framerate', 'fast'], 2, /--framerate takes a whole number up to 120/],
    [['import', join(root, 'none'), '--id', 'x'], 1, /There is no folder/],
    [['check'], 2, /which avatar should be looked at/],
    [['preview', 'nobody'], 1, /There is no avatar "nobody"/],
    [['preview', 'lisa', 'max'], 2, /"max" is one word too many/],
  ];
  for (const [args, exit, message] of cases) {
    const ran = await avatar(...args);
    t.equal(ran.exit, exit, args.join(' '));
    t.match(ran.err, message);
  }
});

t.test('the progress line', async (t) => {
  t.equal(progress('Importing', 0, 550, 10), '  Importing  0 of 550  0 %');
  t.equal(progress('Importing', 110, 550, 4000), '  Importing  110 of 550  20 %  16.0 s left');
  t.equal(progress('Importing', 550, 550, 9000), '  Importing  550 of 550  100 %');
});
