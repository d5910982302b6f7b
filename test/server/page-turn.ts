/** A browser that reaches the face by nothing but a relay: what the page is told of it is enough. */
import t from 'tap';
import { closeSharedPool } from '../../src/inference/index.js';
import { closeVoices } from '../../src/voice/index.js';
import { Chromium, hasChromium } from '../webrtc/support/chromium.js';
import { coturn, hasCoturn } from '../webrtc/support/coturn.js';
import { begin, troubles } from './support/page.js';
import { serverOf } from './support/server.js';

const SECRET = 'north';
const PORT = 42390;

/** Runs in the page before its scripts: no connection of it may use anything but a relay. */
const RELAYED = `
  const Direct = RTCPeerConnection;
  window.connections = [];
  window.RTCPeerConnection = class extends Direct {
    constructor(settings) {
      super({ ...settings, iceTransportPolicy: 'relay' });
      connections.push(this);
    }
  };
`;

/** What kind of candidate of its own it sends and receives by, and how many pictures it has decoded. */
const SEEN = `(async () => {
  const all = [...(await connections[0].getStats()).values()];
  const transport = all.find(({ type }) => type === 'transport');
  const pair = all.find(({ id }) => id === transport?.selectedCandidatePairId);
  const local = all.find(({ id }) => id === pair?.localCandidateId);
  const video = all.find(({ type, kind }) => type === 'inbound-rtp' && kind === 'video');
  return { local: local?.candidateType, relay: local?.relayProtocol, frames: video?.framesDecoded ?? 0 };
})()`;

const missing = (!hasChromium && 'no chromium') || (!hasCoturn && 'coturn is not installed');

t.test('sees and hears by a TURN server alone', { skip: missing }, async (t) => {
  process.env['TURN_SECRET'] = SECRET;
  const relay = await coturn(PORT, ['--use-auth-secret', `--static-auth-secret=${SECRET}`], [42340, 42389]);
  const parameters = { turn: `turn:127.0.0.1:${PORT}`, avatar: 'drawn' };
  const server = await serverOf(1, {}, { graph: 'webrtc.yaml', parameters });
  const browser = await Chromium.launch();
  t.teardown(async () => {
    delete process.env['TURN_SECRET'];
    await browser.close();
    await server.close();
    await closeVoices();
    await closeSharedPool();
    relay.kill('SIGKILL');
  });
  const page = await browser.open('about:blank');
  const problems = troubles(page);
  await page.addInitScript(RELAYED);
  await page.goto(server.url);
  await begin(page);
  await page.fill('#text', 'By a relay.');
  await page.click('#speak');
  await page.waitForSelector('#said li.now');
  await page.waitForSelector('#state[data-state=idle]');
  await page.waitForFunction(`${SEEN}.then(({ frames }) => frames > 10)`);
  t.match(await page.evaluate(SEEN), { local: 'relay', relay: 'udp' });
  t.strictSame(problems, []);
});
