import t from 'tap';
import { TalkError } from '../../src/element/error.js';
import { hidden, type Party, refused, wrongType } from '../../src/service/refusal.js';

const party: Party = {
  engine: 'test',
  what: 'the voice test',
  host: 'here:1',
  hide: ['sk-secret', 'Good morning, "friend"!\n你好'],
  keys: ['A_KEY'],
};

t.test('each status means one thing', async (t) => {
  for (const [status, code, retryable] of [
    [302, 'resource/settings', false],
    [400, 'resource/settings', false],
    [401, 'resource/not-authorized', false],
    [402, 'resource/quota', false],
    [403, 'resource/not-authorized', false],
    [404, 'resource/not-found', false],
    [408, 'resource/unreachable', true],
    [422, 'resource/settings', false],
    [429, 'resource/rate', true],
    [500, 'resource/unreachable', true],
    [501, 'resource/settings', false],
    [503, 'resource/unreachable', true],
  ] as const) {
    const error = refused(party, status, {}, '');
    t.match(error, { code, retryable, details: { engine: 'test', host: 'here:1', status } });
    t.match(error.message, new RegExp(`here:1 .*test.*\\(${status}\\)`));
  }
  t.match(refused(party, 401, {}, '').message, /A_KEY holds the key/);
});

t.test('reads Retry-After in seconds and as a date', async (t) => {
  t.match(refused(party, 429, { 'retry-after': '1.5' }, ''), { details: { retryAfterMs: 1500 } });
  const date = new Date(Date.now() + 60_000).toUTCString();
  const ms = Number(refused(party, 503, { 'retry-after': date }, '').details['retryAfterMs']);
  t.ok(ms > 50_000 && ms <= 60_000, `${ms}`);
  t.equal(refused(party, 429, { 'retry-after': new Date(0).toUTCString() }, '').details['retryAfterMs'], 0);
  t.notOk('retryAfterMs' in refused(party, 429, { 'retry-after': 'soon' }, '').details);
});

t.test("quotes the service's own sentence, from wherever it stands", async (t) => {
  for (const body of [
    '{"error": {"message": "No such voice."}}',
    '{"error": "No such voice."}',
    '{"detail": "No such voice."}',
    '{"detail": [{"loc": ["body"], "msg": "No such voice.", "input": "secret"}]}',
    '{"detail": {"status": "x", "message": "No such voice."}}',
    '{"message": "No such voice.", "Exception": "x"}',
    '{"Response": {"Error": {"Code": "x", "Message": "No such voice."}}}',
    '<html><body>No such   voice.</body></html>',
    'No\nsuch\u0000voice.',
  ]) {
    t.match(refused(party, 400, {}, body).message, /It says: "No such voice\."$/, body);
  }
  t.notMatch(refused(party, 400, {}, '{"a": 1}').message, /It says/);
  t.equal(/"(x+…)"/.exec(refused(party, 400, {}, 'x'.repeat(5000)).message)?.[1]?.length, 201);
});

t.test('takes out keys and what was to be said, in any spelling', async (t) => {
  const text = 'Good morning, "friend"!\n你好';
  const ascii = JSON.stringify(text).replace(/[^ -~]/g, (c) => `\\u${c.charCodeAt(0).toString(16)}`);
  for (const echo of [text, JSON.stringify(text), ascii, encodeURIComponent(text), 'key sk-secret']) {
    const clean = hidden(`before ${echo} after`, party.hide);
    t.notMatch(clean, /morning|secret|你好|4f60/);
    t.match(clean, /^before .*after$/);
  }
  t.equal(hidden('a lone half', ['half \ud83d of it']), 'a lone half');
  t.notMatch(wrongType(party, 'text/html', `<p>${text} sk-secret</p>`).message, /morning|secret/);
});

t.test('a service may mean something of its own', async (t) => {
  const own = new TalkError('resource/quota', 'Paid up.');
  const explain = (status: number, body: string) => (status === 401 && body === 'quota' ? own : undefined);
  t.equal(refused({ ...party, explain }, 401, {}, 'quota'), own);
  t.equal(refused({ ...party, explain }, 401, {}, 'other').code, 'resource/not-authorized');
});
