/** A session that runs is given another face, voice or bitrate; what cannot be changed is refused, and nothing is changed then. */
import { join } from 'node:path';
import t from 'tap';
import { closeSharedPool } from '../../src/inference/index.js';
import { closeVoices } from '../../src/voice/index.js';
import { putAvatar } from '../support/drawnavatar.js';

const folder = t.testdir({
  graphs: {
    'watched.yaml': `parameters:
  voice:   { type: string, default: flite/slt }
  lead:    { type: int, default: 300, min: 0, max: 2000 }
  bitrate: { type: int, default: 200000, min: 50000, max: 500000 }
include: [parts/face.yaml]
elements:
  say:  { factory: ttssrc, avatar: $avatar, clips: $clips, voice: $voice, lead: $lead }
  code: { factory: x264enc, tune: zerolatency, speed-preset: ultrafast, bitrate: $bitrate }
  seen: { factory: appsink, sync: true }
links:
  - say. ! queue ! resample.
  - face. ! tee name=t ! queue ! videoconvert ! code. ! fakesink async=false
  - t. ! queue ! seen.
ends: { in: say }
`,
  },
});
const drawn = { width: 128, height: 96, side: 60 };
process.env['TALKGRAPH_AVATARS'] = await putAvatar(join(folder, 'avatars'), 'one', { ...drawn, frames: 3 });
await putAvatar(join(folder, 'avatars'), 'two', { ...drawn, frames: 12 });
const { PACKAGE } = await import('../../src/graph/find.js');
const { cpSync } = await import('node:fs');
cpSync(join(PACKAGE, 'graphs/parts'), join(folder, 'graphs/parts'), { recursive: true });
const { serverOf } = await import('./support/server.js');
const { nextEvent } = await import('./support/events.js');

const settings = { graph: join(folder, 'graphs/watched.yaml'), parameters: { avatar: 'one' } };
const server = await serverOf(1, { avatar: 'one' }, settings);
t.teardown(async () => {
  await server.close();
  await closeVoices();
  await closeSharedPool();
});
const session = await server.sessions.create();
const change = async (parameters: object, id = session.id) => {
  const { status, body } = await server.post(`/v1/sessions/${id}/parameters`, { parameters });
  return { status, ...body } as { status: number; detail?: string; parameters?: object };
};

t.test('the voice and the bitrate are others from now on, and the session says so', async (t) => {
  t.same(await change({ voice: 'flite/rms', bitrate: 100_000 }), {
    status: 200,
    parameters: { voice: 'flite/rms', bitrate: 100_000 },
  });
  t.equal(session.pipeline?.element('say').get('voice'), 'flite/rms');
  t.equal(session.pipeline?.element('code').get('bitrate'), 100_000);
  const shown = (await (await fetch(new URL(`/v1/sessions/${session.id}`, server.url))).json()) as object;
  t.match(shown, { voice: 'flite/rms', avatar: 'one' });
});

t.test('what cannot be is refused, and what came with it is not done', async (t) => {
  for (const [parameters, status, detail] of [
    [{ bitrate: 5, voice: 'flite/kal' }, 422, /bitrate must be from 50000 to 500000/],
    [{ bitrate: 'much' }, 422, /whole number/],
    [{ width: 640 }, 409, /"width" is fixed once the graph plays/],
    [{ lead: 10, bitrate: 60_000 }, 409, /"lead" is fixed/],
    [{ history: 3 }, 409, /"history" is none of this graph/],
    [{ location: '/etc/passwd' }, 422, /no parameter "location" that may be set from outside/],
    [{ avatar: 'nobody' }, 404, /There is no avatar/],
    [{ avatar: '../one' }, 422, /id of an avatar/],
    [{ voice: 'file//etc/passwd' }, 422, /name of a voice/],
    [{ voice: 'flite/nobody' }, 404, /no voice nobody/],
    [{ voice: 'elevenlabs/x', bitrate: 70_000 }, 409, /ELEVENLABS/],
    [{ model: 'nobody' }, 404, /There is no model "nobody"/],
    [{ model: 'silero', bitrate: 70_000 }, 422, /draws no mouth/],
  ] as const)
    t.match(await change(parameters), { status, detail }, JSON.stringify(parameters));
  t.equal((await change({ bitrate: 60_000 }, 'nobody')).status, 404);
  t.same(
    [session.pipeline?.element('code').get('bitrate'), session.pipeline?.element('say').get('voice')],
    [100_000, 'flite/rms'],
  );
});

t.test(
  'a model that is refused where it is to move the mouth is told, and is not the session’s',
  async (t) => {
    const told = nextEvent(session, 'warning');
    session.change({ model: 'silero' });
    t.match(await told, { code: 'resource/settings', message: /silero/ });
    t.equal(session.parameters['model'], 'tinylip');
  },
);

t.test('the usual voice is named once it is asked for again', async (t) => {
  const path = `/v1/sessions/${session.id}`;
  t.match(await server.post(`${path}/voice`, { voice: '' }), { status: 200, body: { voice: 'flite/slt' } });
  t.match(await (await fetch(new URL(path, server.url))).json(), { voice: 'flite/slt' });
});

t.test('another face is shown in the middle of a sentence', async (t) => {
  /** Brightness of the corner, which tells the frame: `one` has three, `two` nine more. */
  let brightest = 0;
  let changed: () => void = () => undefined;
  let first: () => void = () => undefined;
  const seen = new Promise<void>((resolve) => {
    first = resolve;
  });
  const shown = new Promise<void>((resolve) => {
    changed = resolve;
  });
  const stop = session.pipeline!.element('seen').onSamples((samples) => {
    for (const { data } of samples) {
      brightest = Math.max(brightest, data[0] ?? 0);
      first();
      if (brightest > 90) changed();
    }
  });
  session.say({ text: 'Whoever says this is somebody else before the end of it.' });
  await seen;
  t.ok(brightest < 70, `${brightest}: the first one is seen`);
  t.same(await change({ avatar: 'two' }), { status: 200, parameters: { avatar: 'two' } });
  await shown;
  stop();
  t.equal(session.state, 'running');
  t.equal(session.parameters['avatar'], 'two');
});
