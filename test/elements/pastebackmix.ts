import t, { type Test } from 'tap';
import PasteBackMix from '../../elements/pastebackmix.js';
import { type Avatar, openAvatar } from '../../src/avatar/index.js';
import { register, type TimedFrame } from '../../src/element/index.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import { pictureIn } from '../../src/picture/picture.js';
import { cornerOf, putAvatar } from '../support/drawnavatar.js';
import { sameBytes } from '../support/samebytes.js';
import { difference } from '../support/scene.js';
import {
  framesOf,
  gate,
  type Line,
  mark,
  record,
  registerRig,
  type Seen,
  script,
  until,
} from '../support/script.js';

registerRig();
register(PasteBackMix);

const drawn = { width: 128, height: 96, frames: 3, side: 60 };
const size = 32;
const caps = (rate = '25/1') => `video/x-raw,format=RGB,width=${size},height=${size},framerate=${rate}`;
const loop = [0, 1, 2, 2, 1, 0];

interface Given {
  folder: string;
  id: string;
  avatar: Avatar;
}

// One pair of avatars for all tests: drawing them takes longer than most tests do.
const folder = await putAvatar(t.testdir(), 'one', drawn);
await putAvatar(folder, 'two', { ...drawn, width: 200, height: 150, frames: 2 });

async function given(t: Test): Promise<Given> {
  const avatar = await openAvatar(`${folder}/one`);
  t.teardown(() => avatar.close());
  return { folder, id: `${folder}/one`, avatar };
}

const gap = (n: number): TimedFrame => ({
  data: new Uint8Array(0),
  gap: true,
  pts: n * 40e6,
  duration: 40e6,
});

/** A patch for avatar frame `frame`, shown as video frame `n`: the face itself, dark where a mouth would be. */
function patch({ avatar, id }: Given, n: number, frame: number, open = true): TimedFrame {
  const bgr = avatar.face(frame, size);
  const data = Uint8Array.from(bgr, (_, i) => bgr[i - (i % 3) + 2 - (i % 3)]!);
  for (let row = 18; open && row < 26; row++) data.fill(20, 3 * (row * size + 10), 3 * (row * size + 22));
  const { x, y, w, h } = avatar.box(frame);
  return {
    data,
    pts: n * 40e6,
    duration: 40e6,
    metas: { TalkgraphPatch: { avatar: id, frame, x, y, w, h, layers: false } },
  };
}

function launch({ id }: Given, lines: Iterable<Line>, more = '', rest = ''): { p: Pipeline; seen: Seen[] } {
  const { name, seen } = record();
  const p = Pipeline.launch(
    `scriptsrc script=${script(lines)} caps="${caps()}" ! m.patch pastebackmix name=m avatar=${id} ${more} ! recsink record=${name} ${rest}`,
  );
  return { p, seen };
}

async function run(at: Given, lines: Iterable<Line>, more?: string, rest?: string): Promise<Seen[]> {
  const { p, seen } = launch(at, lines, more, rest);
  try {
    await Promise.all([p.finished(), p.play()]);
  } finally {
    await p.close();
  }
  return seen;
}

const show = (data: Uint8Array, width = drawn.width, height = drawn.height) => pictureIn(data, width, height);
const everywhere = () => true;

t.test('without a patch the avatar goes on in its loop, byte for byte', async (t) => {
  const at = await given(t);
  const frames = framesOf(
    await run(
      at,
      Array.from({ length: 14 }, (_, n) => gap(n)),
    ),
  );
  t.equal(frames.length, 14);
  for (const [n, { pts, duration, data }] of frames.entries()) {
    t.equal(pts, n * 40e6);
    t.equal(duration, 40e6);
    sameBytes(t, data, at.avatar.data(loop[n % 6]!));
  }
});

t.test('a patch gets the frame it was made for, and only its box changes', async (t) => {
  const at = await given(t);
  const frames = framesOf(await run(at, [gap(0), patch(at, 1, 2), patch(at, 2, 0)]));
  t.equal(frames.length, 3);
  for (const [n, frame] of [
    [1, 2],
    [2, 0],
  ] as const) {
    const { data } = frames[n]!;
    t.ok(Math.abs(data[0]! - cornerOf(frame)) <= 1, `corner says ${data[0]}`);
    const { x, y, w, h } = at.avatar.box(frame);
    const before = show(at.avatar.data(frame));
    const outside = (px: number, py: number) => px < x || py < y + 0.4 * h || px > x + w || py > y + h;
    t.equal(difference(show(data), before, outside), 0);
    t.ok(difference(show(data), before, everywhere) > 60, 'the mouth is there');
  }
});

t.test('a patch that shows the closed mouth leaves the picture as it is', async (t) => {
  const at = await given(t);
  const frames = framesOf(
    await run(
      at,
      loop.map((frame, n) => patch(at, n, frame, false)),
    ),
  );
  for (const [n, { data }] of frames.entries()) sameBytes(t, data, at.avatar.data(loop[n]!));
});

t.test('a mouth that stays away closes with the second frame', async (t) => {
  const at = await given(t);
  const frames = framesOf(await run(at, [patch(at, 0, 0), gap(1), gap(2), gap(3)]));
  const opened = (n: number) => difference(show(frames[n]!.data), show(at.avatar.data(loop[n]!)), everywhere);
  const [full, half, shut] = [opened(0), opened(1), opened(2)];
  t.ok(full > 60);
  t.ok(half > 0.3 * full && half < 0.7 * full, `${half} of ${full}`);
  t.equal(shut, 0);
  t.equal(opened(3), 0);
});

t.test('a mouth is missed by one frame only where one patch is missing', async (t) => {
  const at = await given(t);
  const frames = framesOf(await run(at, [patch(at, 0, 0), gap(1), patch(at, 2, 2), patch(at, 3, 2)]));
  const opened = (n: number, frame: number) =>
    difference(show(frames[n]!.data), show(at.avatar.data(frame)), everywhere);
  t.ok(opened(1, 1) > 20);
  t.ok(opened(2, 2) > 60);
});

t.test('the picture can have another size; faces are fitted into it', async (t) => {
  const at = await given(t);
  const frames = framesOf(await run(at, [gap(0), patch(at, 1, 1)], 'width=256 height=256'));
  const scaled = await openAvatar(at.id, { width: 256, height: 256 });
  t.teardown(() => scaled.close());
  sameBytes(t, frames[0]!.data, scaled.data(0));
  const { x, y, w, h } = scaled.box(1);
  t.ok(Math.abs(w - 120) < 0.01 && y > 30);
  const inside = (px: number, py: number) => px > x && py > y && px < x + w && py < y + h;
  const changed = difference(show(frames[1]!.data, 256, 256), show(scaled.data(1), 256, 256), inside);
  t.ok(changed > 60, `${changed}`);
});

t.test('with a body linked the picture under the mouth comes from there', async (t) => {
  const at = await given(t);
  const body = (size: string) =>
    `videotestsrc num-buffers=3 pattern=white ! video/x-raw,format=I420,${size},framerate=25/1,colorimetry=bt601 ! m.body`;
  const frames = framesOf(await run(at, [gap(0), patch(at, 1, 1), gap(2)], '', body('width=128,height=96')));
  t.equal(frames.length, 3);
  const { x, y, w, h } = at.avatar.box(1);
  t.equal(frames[0]!.data[0], 235);
  t.equal(frames[0]!.data[Math.round(y + 0.68 * h) * 128 + Math.round(x + w / 2)], 235);
  t.ok(frames[1]!.data[Math.round(y + 0.68 * h) * 128 + Math.round(x + w / 2)]! < 120, 'mouth on the body');
  const boxed = framesOf(await run(at, [gap(0)], '', body('width=64,height=96')));
  t.equal(boxed[0]!.data[40 * 128 + 2], 16, 'black bars beside a narrow body');
  t.equal(boxed[0]!.data[40 * 128 + 64], 235);
});

t.test('refuses a body that is coded otherwise', async (t) => {
  const at = await given(t);
  const body =
    'videotestsrc num-buffers=3 ! video/x-raw,format=I420,width=128,height=96,framerate=25/1,colorimetry=bt709 ! m.body';
  await t.rejects(run(at, [gap(0), gap(1)], '', body), { code: 'core/negotiation', message: /bt709/ });
});

t.test('follows the frame rate of the patches', async (t) => {
  const at = await given(t);
  const { name, seen } = record();
  const lines = Array.from({ length: 6 }, (_, n) => ({
    data: new Uint8Array(0),
    gap: true,
    pts: Math.round((n * 1e9) / 30),
    duration: Math.round(1e9 / 30),
  }));
  const p = Pipeline.launch(
    `scriptsrc script=${script(lines)} caps="${caps('30/1')}" ! pastebackmix avatar=${at.id} ! recsink record=${name}`,
  );
  t.teardown(() => p.close());
  await Promise.all([p.finished(), p.play()]);
  const frames = framesOf(seen);
  t.equal(frames.length, 6);
  t.equal(frames[5]!.pts, Math.round(5e9 / 30));
});

t.test('an avatar mark shows another face, fitted into the same picture', async (t) => {
  const at = await given(t);
  const frames = framesOf(
    await run(at, [
      gap(0),
      mark('avatar', { name: `${at.folder}/two`, pts: 40e6, counter: 1 }),
      gap(1),
      gap(2),
    ]),
  );
  const two = await openAvatar(`${at.folder}/two`, { width: drawn.width, height: drawn.height });
  t.teardown(() => two.close());
  sameBytes(t, frames[0]!.data, at.avatar.data(0));
  sameBytes(t, frames[1]!.data, two.data(1));
  sameBytes(t, frames[2]!.data, two.data(1), 'there and back: the last frame twice');
});

t.test('marks pass through to the sink at their place', async (t) => {
  const at = await given(t);
  const seen = await run(at, [
    gap(0),
    mark('word', { text: 'a' }),
    gap(1),
    mark('word', { text: 'b' }),
    gap(2),
  ]);
  const order = seen.flatMap((s) => (s.kind === 'event' ? [String(s.fields['text'])] : ['.'])).join('');
  t.equal(order, '.a.b.');
});

t.test(
  'live, a picture leaves at its time with or without its patch, and a late patch is counted',
  async (t) => {
    const at = await given(t);
    const hold = gate();
    const reached = gate();
    const { name, seen } = record();
    const lines = [
      patch(at, 0, 0),
      async () => {
        reached.open();
        await hold.wait();
      },
      patch(at, 1, 1),
      patch(at, 2, 2),
      gate().wait,
    ];
    const p = Pipeline.launch(
      `scriptsrc is-live=true script=${script(lines)} caps="${caps()}" ! pastebackmix name=m avatar=${at.id} ! recsink sync=true record=${name}`,
      { clock: 'test' },
    );
    t.teardown(() => p.close());
    const playing = p.play();
    const crankedTo = async (there: () => boolean) => {
      while (!there()) {
        if (p.clock.waiting() > 0) p.clock.advance(10e6);
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    const cranked = (frames: number) => crankedTo(() => framesOf(seen).length >= frames);
    await reached.wait();
    await cranked(4);
    await playing;
    hold.open();
    await until(() => p.element('m').get('late') === 2 || p.clock.waiting() > 0);
    await cranked(8);
    t.same(
      framesOf(seen)
        .slice(0, 8)
        .map(({ pts }) => pts! / 40e6),
      [0, 1, 2, 3, 4, 5, 6, 7],
    );
    // The second may still be on its way, and is found late with a later frame.
    await crankedTo(() => p.element('m').get('late') === 2);
    const frames = framesOf(seen);
    sameBytes(t, frames[3]!.data, at.avatar.data(loop[3]!));
  },
);

t.test('a cut closes the mouth within two frames, and the next epoch opens it again', async (t) => {
  const at = await given(t);
  const hold = gate();
  const reached = gate();
  let scripted = false;
  const { name, seen } = record();
  const lines = [
    ...Array.from({ length: 6 }, (_, n) => patch(at, n, loop[n]!)),
    async () => {
      reached.open();
      await hold.wait();
    },
    mark('epoch', { epoch: 1, pts: 240e6 }),
    gap(6),
    patch(at, 7, 1),
    async () => {
      scripted = true;
      await gate().wait();
    },
  ];
  const p = Pipeline.launch(
    `scriptsrc is-live=true script=${script(lines)} caps="${caps()}" ! queue name=q ! pastebackmix name=m avatar=${at.id} ! recsink sync=true record=${name}`,
    { clock: 'test' },
  );
  t.teardown(() => p.close());
  const playing = p.play();
  const queue = p.element('q');
  // Time goes on only when the mixer has the patch of the frame that is next: what is measured is the cut.
  const cranked = async (frames: number, waiting: (shown: number) => boolean) => {
    for (;;) {
      const shown = framesOf(seen).length;
      if (shown >= frames) return;
      if (p.clock.waiting() > 0 && waiting(shown)) p.clock.advance(5e6);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const served = (shown: number) => Number(queue.get('current-level-buffers')) <= 5 - shown;
  await reached.wait();
  await cranked(2, served);
  await playing;
  await queue.sendEvent('talkgraph/cut', { epoch: 1, pts: 80e6 }, { oob: true, direction: 'down' });
  await cranked(6, () => true);
  hold.open();
  await cranked(8, () => scripted && Number(queue.get('current-level-buffers')) === 0);
  const opened = (n: number) =>
    difference(show(framesOf(seen)[n]!.data), show(at.avatar.data(loop[n % 6]!)), everywhere);
  const levels = Array.from({ length: 8 }, (_, n) => opened(n));
  const full = levels[0]!;
  const wide = levels.findIndex((level) => level < 0.9 * full);
  t.ok(wide >= 2 && wide <= 3, `closing from frame ${wide}: ${levels}`);
  t.same(levels.slice(wide + 1, 7), new Array(6 - wide).fill(0));
  t.ok(levels[7]! > 0.9 * full);
});

t.test('says what is wrong with its properties', async (t) => {
  const at = await given(t);
  await t.rejects(run({ ...at, id: 'nobody' }, [gap(0)]), { code: 'resource/not-found' });
  await t.rejects(run(at, [gap(0)], 'width=33 height=64'), { message: /width/ });
});
