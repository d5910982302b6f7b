/** A running session is sent to an RTMP server as well, and no more; only to places that whoever runs the server has named. */
import { existsSync, readFileSync } from 'node:fs';
import t from 'tap';
import { closeSharedPool } from '../../src/inference/index.js';
import { Outputs } from '../../src/server/outputs.js';
import { outputKinds } from '../../src/session/outputkinds.js';
import { closeVoices } from '../../src/voice/index.js';
import { RtmpServer } from '../support/nginx.js';
import { nextEvent } from './support/events.js';
import { serverOf } from './support/server.js';

t.teardown(async () => {
  await closeVoices();
  await closeSharedPool();
});

const kinds = await outputKinds();

t.test('which element takes an address is what the elements say', async (t) => {
  t.same(Object.fromEntries(kinds), {
    rtmp: { sink: 'rtmpsink', port: 1935 },
    rtmps: { sink: 'rtmpsink', port: 443 },
    http: { sink: 'whipsink', port: 80 },
    https: { sink: 'whipsink', port: 443 },
  });
  const outputs = new Outputs(['srt://live.example'], new Map([['srt', { sink: 'mysink', port: 9000 }]]));
  const attached: unknown[] = [];
  const session = {
    attach: async (...what: unknown[]) => {
      attached.push(what);
      return async () => undefined;
    },
    onEnd: () => () => undefined,
  };
  await outputs.add(session as never, 'srt://live.example:9000/key');
  t.same(attached, [['mysink', { location: 'srt://live.example:9000/key' }]]);
  await t.rejects(outputs.add(session as never, 'rtmp://live.example/app'), {
    message: /which begins with srt\.$/,
  });
});

t.test('an address is one of those that are named, however it is written', async (t) => {
  const places = ['rtmp://live.example/app', 'https://whip.example:8443/', 'rtmp://127.0.0.1/a'];
  const outputs = new Outputs(places, kinds);
  const session = { attach: async () => async () => undefined, onEnd: () => () => undefined };
  const add = (url: string) => outputs.add(session as never, url);
  for (const url of [
    'rtmp://live.example/app/key',
    'RTMP://live.example:1935/app/key?x=1',
    'https://whip.example:8443/any',
  ])
    t.match(await add(url), { id: String, to: /^\w+:\/\/[\w.]+\/\*\*\*$/ }, url);
  t.equal(outputs.list(session as never).length, 3);
  t.match(await add('rtmp://2130706433/a/key'), { to: 'rtmp://127.0.0.1/***' }, 'a number is an address');
  await t.rejects(add('rtmp://live.example/app/fifth'), { code: 'resource/quota' });
  const elsewhere = [
    ...['rtmp://live.example/apple/key', 'rtmp://live.example/other/key', 'rtmps://live.example/app/key'],
    ...[
      'rtmp://live.example:80/app/key',
      'rtmp://live.example.evil.example/app/key',
      'https://whip.example/any',
    ],
    ...['rtmp://127.0.0.2/a/key', 'http://whip.example:8443/any', 'rtmp://[::1]/app/key'],
  ];
  for (const url of elsewhere) await t.rejects(add(url), { code: 'resource/not-authorized' }, url);
  const odd = [
    ...[
      'rtmp://live.example/app/../other/key',
      'rtmp://live.example/app/%2e%2e/other',
      'rtmp://live.example/app/%252e%252e/x',
    ],
    ...[
      'rtmp://evil.example@live.example/app/key',
      'rtmp://live.example/app/key tcUrl=rtmp://evil.example/x',
    ],
    ...[
      'rtmp://live.example\\@evil.example/app/key',
      'file:///etc/passwd',
      'live.example/app/key',
      '',
      'rtmp://',
    ],
  ];
  for (const url of odd) await t.rejects(add(url), { code: 'resource/settings' }, url);
  t.throws(() => new Outputs(['live.example'], kinds), { code: 'resource/settings' });
});

/** What there is in an FLV file, besides headers: tags of Annex E of the specification of FLV 10.1. */
function tracksOf(file: string | undefined): Set<string> {
  const found = new Set<string>();
  const flv = file === undefined ? Buffer.alloc(0) : readFileSync(file);
  for (let at = 13; at + 13 < flv.length; at += 15 + flv.readUIntBE(at + 1, 3)) {
    const [type, packet] = [flv[at], flv[at + 12]];
    if (packet === 1) found.add(type === 9 ? 'picture' : type === 8 ? 'sound' : 'other');
  }
  found.delete('other');
  return found;
}

const nginx = existsSync('/usr/sbin/nginx') && existsSync('/usr/lib/nginx/modules/ngx_rtmp_module.so');
t.test(
  'a session is sent to a server, taken from it, and goes on',
  { skip: !nginx && 'no nginx with RTMP here' },
  async (t) => {
    const rtmp = await RtmpServer.make();
    await rtmp.start();
    t.teardown(() => rtmp.close());
    const place = rtmp.url('').replace(/\/$/, '');
    const server = await serverOf(1, { avatar: 'drawn', token: 'sesame', outputs: [place] });
    t.teardown(() => server.close());
    const session = await server.sessions.create({ avatar: 'drawn' });
    const path = `/v1/sessions/${session.id}/outputs`;
    const ask = async (method: string, path: string, body?: object, token = 'sesame') => {
      const reply = await fetch(new URL(path, server.url), {
        method,
        headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
        ...(body && { body: JSON.stringify(body) }),
      });
      const text = await reply.text();
      return { status: reply.status, body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown> };
    };
    t.match(await ask('POST', path, { url: 'rtmp://127.0.0.1:9/live/key' }), {
      status: 403,
      body: { detail: /among those that this server was started with \(--outputs\): this is none of them/ },
    });
    const told: string[] = [];
    session.events.on('event', (event) => {
      if (event.type === 'speech.start') told.push(event.id ?? '');
    });
    const added = await ask('POST', path, { url: rtmp.url('secret-key') });
    t.match(added, { status: 201, body: { id: String, to: 'rtmp://127.0.0.1/***' } });
    const listed = await ask('GET', path);
    t.same(listed.body, { outputs: [added.body] });
    t.notMatch(JSON.stringify(listed.body), 'secret-key');
    // The server has begun to write down what it is sent.
    while (tracksOf((await rtmp.recordings())[0]).size < 2)
      await new Promise((resolve) => setTimeout(resolve, 50));
    const begun = nextEvent(session, 'speech.start');
    session.say({
      text: 'Good morning to everybody who watches this, wherever it is sent to, and for as long as it lasts.',
      id: 'before',
    });
    await begun;
    t.equal((await ask('DELETE', `${path}/${String(added.body['id'])}`)).status, 204);
    t.same((await ask('GET', path)).body, { outputs: [] });
    t.equal((await ask('DELETE', `${path}/${String(added.body['id'])}`)).status, 404);
    t.equal(session.state, 'running');
    const heard = new Promise<void>((resolve) => {
      session.events.on(
        'event',
        (event) => event.type === 'speech.start' && event.id === 'after' && resolve(),
      );
    });
    session.cut();
    session.say({ text: 'And on.', id: 'after' });
    await heard;
    t.same([...tracksOf((await rtmp.recordings())[0])].sort(), ['picture', 'sound']);
    t.same(told, ['before', 'after'], 'each beginning is told once, whatever hears it besides');
    await session.close('test');
  },
);
