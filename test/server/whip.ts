import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import WhipSink from '../../elements/whipsink.js';
import { register } from '../../src/element/index.js';
import type { Pipeline } from '../../src/graph/pipeline.js';
import type { Sample } from '../../src/graph/samples.js';
import { closeVoices } from '../../src/voice/index.js';
import { publish } from '../support/publishing.js';
import { registerFlash } from '../webrtc/support/flash.js';
import { offerOf, replaced } from '../webrtc/support/offers.js';
import { Receiver } from '../webrtc/support/receiver.js';
import { nextEvent } from './support/events.js';
import { HEARS } from './support/hears.js';
import { serverOf } from './support/server.js';
import { client } from './support/signalling.js';

register(WhipSink);
registerFlash();
t.teardown(() => closeVoices());

/** Resolves when a session hears this one. */
async function hears(pipeline: Pipeline, viewer: string): Promise<void> {
  while (pipeline.element('ear').get('current') !== viewer)
    await new Promise((resolve) => pipeline.once('mark', resolve));
}

const viewerOf = (location: string | null): string => location?.split('/').at(-1) ?? '';

t.test('who brings a microphone by WHIP is heard, before those who watch', async (t) => {
  const graph = join(t.testdir(), 'hearing.yaml');
  await writeFile(graph, HEARS);
  const server = await serverOf(1, {}, { graph, parameters: {} });
  t.teardown(() => server.close());
  const page = new Receiver({ video: false, microphone: true });
  const offered = await server.post('/offer', { sdp: await page.offer(), type: 'offer' });
  const session = server.sessions.get(String(offered.body['sessionid']));
  const pipeline = session?.pipeline;
  if (session === undefined || pipeline === undefined) throw new Error('no session');
  await page.accept(String(offered.body['sdp']));
  await page.connected();
  while (pipeline.element('ear').get('current') === '')
    await new Promise((resolve) => pipeline.once('mark', resolve));
  const pagesViewer = String(pipeline.element('ear').get('current'));

  let loud: () => void = () => undefined;
  const beeped = new Promise<void>((resolve) => {
    loud = resolve;
  });
  const listen = (batch: readonly Sample[]) => {
    for (const { data } of batch) {
      const samples = new Int16Array(data.buffer, data.byteOffset, data.byteLength >> 1);
      if (samples.some((sample) => Math.abs(sample) > 8000)) loud();
    }
  };
  pipeline.element('heard').onSamples(listen);
  const sending = await publish(
    `whipsink name=w location=${server.url}/whip/${session.id} flashsrc ! w.video beepsrc ! w.audio`,
  );
  await sending.mark('connected');
  await beeped;
  const talking = String(pipeline.element('ear').get('current'));
  t.not(talking, pagesViewer);
  t.equal((await client(server.url).send('GET', `/whip/${session.id}/${talking}`)).status, 204);
  await sending.pipeline.close();
  await hears(pipeline, pagesViewer);
  t.equal(
    (await client(server.url).send('GET', `/whip/${session.id}/${talking}`)).status,
    404,
    'it said goodbye',
  );
  t.same(sending.errors, []);
  t.same(sending.warnings, []);

  const ending = nextEvent(session, 'state');
  await page.close();
  t.match(await ending, { state: 'ending', reason: 'the last viewer left' });
});

t.test('an offer to talk is answered for receiving only, and refused where nobody listens', async (t) => {
  const graph = join(t.testdir(), 'hearing.yaml');
  await writeFile(graph, HEARS);
  const server = await serverOf(1, {}, { graph, parameters: {} });
  t.teardown(() => server.close());
  const http = client(server.url);
  const session = await server.sessions.create();
  const path = `/whip/${session.id}`;
  for (const direction of ['sendonly', 'sendrecv']) {
    const taken = await http.post(path, offerOf(undefined, replaced(/recvonly/, direction)));
    t.equal(taken.status, 201, taken.text);
    t.equal(taken.text.match(/^a=recvonly\r$/gm)?.length, 2, direction);
    t.notMatch(taken.text, /^a=(sendrecv|sendonly|inactive)/m);
    const mine = taken.headers.get('location') ?? '';
    t.equal(taken.headers.get('etag'), `"${viewerOf(mine)}"`);
  }
  const watching = await http.post(path, offerOf());
  t.equal(watching.status, 422, 'who only wants to watch has come to the wrong door');
  await session.close('test');

  const deaf = await serverOf(1);
  t.teardown(() => deaf.close());
  const other = await deaf.sessions.create();
  const talk = offerOf(undefined, replaced(/recvonly/, 'sendonly'));
  const refused = await client(deaf.url).post(`/whip/${other.id}`, talk);
  t.equal(refused.status, 404);
  t.match(refused.text, /Nobody listens here/);
});
