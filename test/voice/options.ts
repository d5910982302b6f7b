import t from 'tap';
import { lacking, readSettings } from '../../src/voice/options.js';

const DECLARED = {
  server: { type: 'address', blurb: 'where it is', environment: ['X_SERVER', 'TTS_SERVER'], needed: true },
  key: { type: 'secret', blurb: 'its key', environment: ['X_KEY'] },
  'ref-file': { type: 'file', blurb: 'a recording', environment: ['REF_FILE'] },
  speed: { type: 'number', blurb: 'how fast', min: 0.5, max: 2, default: 1 },
  stream: { type: 'bool', blurb: 'as it is made', default: true },
} as const;
const ENV = { X_SERVER: ' http://host:1/base/ ', X_KEY: 'sk-1', REF_FILE: '/a.wav' };

t.test('the utterance counts before the environment, that before the default', async (t) => {
  const set = readSettings('x', DECLARED, { speed: '1.5', ref_file: '/b.wav' }, ENV);
  t.match(set, { key: 'sk-1', speed: 1.5, stream: true, 'ref-file': '/b.wav' });
  t.equal(set.server.href, 'http://host:1/base');
  t.equal(readSettings('x', DECLARED, { 'ref-file': '' }, ENV)['ref-file'], '/a.wav');
  t.equal(readSettings('x', DECLARED, {}, { TTS_SERVER: 'http://other:2' }).server.host, 'other:2');
  t.equal(readSettings('x', DECLARED, { stream: 'false', unknown: 3 }, ENV).stream, false);
});

t.test('a key of the environment does not go to an address of an utterance', async (t) => {
  const server = 'http://elsewhere:3';
  t.equal(readSettings('x', DECLARED, { server }, ENV).key, undefined);
  t.equal(readSettings('x', DECLARED, { server, key: 'sk-2' }, ENV).key, 'sk-2');
});

t.test('says what is missing', async (t) => {
  t.equal(lacking('x', DECLARED, {}), 'The voice x needs X_SERVER or TTS_SERVER: where it is.');
  t.equal(lacking('x', DECLARED, ENV), undefined);
  t.throws(() => readSettings('x', DECLARED, {}, {}), { code: 'resource/settings', message: /X_SERVER/ });
});

t.test('says what is wrong, but no address that holds a password', async (t) => {
  for (const [given, message] of [
    [{ speed: 3 }, /number from 0\.5 to 2 for speed of the voice x but received "3"/],
    [{ speed: ' ' }, /number from 0\.5 to 2/],
    [{ stream: 'maybe' }, /true or false/],
    [{ server: 'host' }, /address as http/],
    [{ server: 'file:///etc' }, /address as http/],
    [{ server: 'http://me:hunter2@host' }, /^(?!.*hunter2).*address as http/],
  ] as const) {
    t.throws(() => readSettings('x', DECLARED, given, ENV), { code: 'resource/settings', message });
  }
});
