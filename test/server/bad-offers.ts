import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { closeSharedPool } from '../../src/inference/index.js';
import { closeVoices } from '../../src/voice/index.js';
import type { ViewerSink } from '../../src/webrtc/viewers.js';
import { badOffers } from '../webrtc/support/bad-offers.js';
import { HEARS } from './support/hears.js';
import { serverOf } from './support/server.js';
import { client } from './support/signalling.js';

t.test('forty kinds of broken offers are refused at every door, and leave nothing', async (t) => {
  const server = await serverOf(2);
  t.teardown(async () => {
    await server.close();
    await closeVoices();
    await closeSharedPool();
  });
  const session = await server.sessions.create();
  const sink = session.out?.instance as unknown as ViewerSink;
  const http = client(server.url);
  const texts = badOffers.filter((bad): bad is [string, string, RegExp] => typeof bad[1] === 'string');
  t.ok(
    badOffers.length >= 40 && texts.length >= 38,
    `${badOffers.length} kinds, ${texts.length} of them texts`,
  );
  for (const [name, offer, message] of texts) {
    const answer = await server.post('/offer', { sdp: offer, type: 'offer' });
    t.match(answer, { status: 200, body: { code: -1, msg: message } }, `/offer: ${name}`);
    for (const path of ['/whep', `/whep/${session.id}`]) {
      const { status, text, headers } = await http.post(path, offer);
      t.ok(status === 400 || status === 422, `${path}: ${name} is answered with ${status}`);
      t.match(JSON.parse(text), { status, detail: message });
      t.equal(headers.get('location'), null);
    }
    t.equal(server.sessions.size, 1);
    t.equal(sink.audience().length, 0);
  }
  t.equal(session.state, 'running', 'and who is there goes on');
});

t.test('and at the door of those who come to talk', async (t) => {
  const graph = join(t.testdir(), 'hears.yaml');
  await writeFile(graph, HEARS);
  const server = await serverOf(1, {}, { graph, parameters: {} });
  t.teardown(() => server.close());
  const session = await server.sessions.create();
  const sink = session.out?.instance as unknown as ViewerSink;
  const http = client(server.url);
  for (const [name, offer] of badOffers) {
    // Bent the same way, but to send; one that only sends is what belongs here.
    if (typeof offer !== 'string' || name === 'nothing that receives') continue;
    const { status, text, headers } = await http.post(
      `/whip/${session.id}`,
      offer.replaceAll('a=recvonly', 'a=sendonly'),
    );
    t.ok(status === 400 || status === 422, `${name} is answered with ${status}`);
    t.match(JSON.parse(text), { status, detail: /\w/ });
    t.equal(headers.get('location'), null);
    t.equal(sink.audience().length, 0);
  }
  t.equal(session.state, 'running');
});
