/**
 * A page of LiveTalking's kind in a real browser: what it does from Start to the downloaded film, with nothing in it that knows of this
 * server. Its script is written after the protocol that those pages speak, not after ours.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { closeSharedPool } from '../../src/inference/index.js';
import { closeVoices } from '../../src/voice/index.js';
import { Chromium, hasChromium } from '../webrtc/support/chromium.js';
import { serverOf } from './support/server.js';

/** Offers as they do (picture first, receiving only, all candidates at once), then drives the session. */
const CLIENT = `(async () => {
  const noted = { states: [], statuses: [], answers: {} };
  const post = async (path, body) => {
    const reply = await fetch(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
    noted.statuses.push(reply.status);
    return reply.json();
  };
  const pc = new RTCPeerConnection({ sdpSemantics: 'unified-plan' });
  pc.addTransceiver('video', { direction: 'recvonly' });
  pc.addTransceiver('audio', { direction: 'recvonly' });
  const video = document.createElement('video');
  video.muted = true;
  pc.addEventListener('track', ({ track, streams }) => {
    if (track.kind === 'video') video.srcObject = streams[0];
  });
  await pc.setLocalDescription(await pc.createOffer());
  if (pc.iceGatheringState !== 'complete')
    await new Promise((resolve) => pc.addEventListener('icegatheringstatechange', () => pc.iceGatheringState === 'complete' && resolve()));
  const answer = await post('/offer', { sdp: pc.localDescription.sdp, type: pc.localDescription.type });
  const { sessionid } = answer;
  await pc.setRemoteDescription({ sdp: answer.sdp, type: answer.type });
  await video.play();
  await new Promise((resolve) => video.requestVideoFrameCallback(resolve));
  noted.width = video.videoWidth;

  const source = new EventSource('/sse?sessionid=' + encodeURIComponent(sessionid));
  const waiting = new Map();
  source.onmessage = ({ data }) => {
    const { status, text } = JSON.parse(data);
    noted.states.push(status);
    waiting.get(status)?.(text);
  };
  const told = (status) => new Promise((resolve) => waiting.set(status, resolve));
  await new Promise((resolve) => source.addEventListener('open', resolve));

  noted.answers.start = await post('/record', { type: 'start_record', sessionid });
  let next = told('start');
  noted.answers.human = await post('/human', { text: 'Good morning, this goes on until somebody interrupts it.', type: 'echo', interrupt: true, sessionid });
  noted.heard = await next;
  noted.answers.speaking = await post('/is_speaking', { sessionid });
  next = told('interrupted');
  noted.answers.interrupt = await post('/interrupt_talk', { sessionid });
  await next;
  noted.answers.silent = await post('/is_speaking', { sessionid });
  noted.answers.action = await post('/set_audiotype', { sessionid, audiotype: 2, reinit: false });
  next = told('end');
  noted.answers.again = await post('/human', { text: 'Bye.', type: 'echo', interrupt: false, sessionid });
  await next;
  noted.answers.stop = await post('/record', { type: 'end_record', sessionid });
  const film = await fetch('/record/' + sessionid);
  noted.film = [film.status, (await film.arrayBuffer()).byteLength];
  source.close();
  pc.close();
  noted.sessionid = sessionid;
  return noted;
})()`;

interface Noted {
  readonly statuses: number[];
  readonly states: string[];
  readonly answers: Record<string, object>;
  readonly heard: string;
  readonly width: number;
  readonly film: [status: number, bytes: number];
  readonly sessionid: string;
}

t.test(
  'offer, watch, record, speak, interrupt, act, download, leave',
  { skip: !hasChromium && 'no chromium' },
  async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'talkgraph-page-'));
    process.env['TALKGRAPH_RECORDS'] = folder;
    const server = await serverOf(
      1,
      { avatar: 'drawn' },
      { graph: 'webrtc.yaml', parameters: { avatar: 'drawn' } },
    );
    const browser = await Chromium.launch();
    t.teardown(async () => {
      await browser.close();
      await server.close();
      await Promise.all([closeVoices(), closeSharedPool()]);
      await rm(folder, { recursive: true, force: true });
    });
    // A page of the server's own address, as theirs are, and an empty one.
    const page = await browser.open(`${server.url}/healthz`);
    const noted = (await page.evaluate(CLIENT)) as Noted;
    t.same([...new Set(noted.statuses)], [200], 'HTTP 200, whatever it is');
    const ok = { code: 0, msg: 'ok' };
    t.same(noted.answers, {
      ...{ start: ok, human: ok, interrupt: ok, action: ok, again: ok, stop: ok },
      ...{ speaking: { ...ok, data: true }, silent: { ...ok, data: false } },
    });
    t.match(noted.heard, /^Good morning/);
    t.ok(noted.width > 0, 'a picture is seen');
    t.equal(noted.film[0], 200);
    t.ok(noted.film[1] > 10_000, `a film of ${noted.film[1]} bytes`);
    // What it asked for last may still end; the session goes with its viewer.
    const [session] = server.sessions.list();
    if (session?.state === 'running') await new Promise<void>((resolve) => session.onEnd(resolve));
    t.equal(server.sessions.get(noted.sessionid), undefined);
  },
);
