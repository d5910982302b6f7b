/** Files that somebody sends: none makes the server open another, fill its memory, or write where it should not. */
import { once } from 'node:events';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { crc32, gzipSync } from 'node:zlib';
import t from 'tap';
import { openFootage } from '../../src/avatar/create/footage.js';
import { native } from '../../src/native.js';
import { decodeFile } from '../../src/voice/decode.js';
import { serverOf } from './support/server.js';

const folder = t.testdir({});
const put = (name: string, content: string | Uint8Array) => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};

/** What a server inside is asked for; nothing should be. */
const asked: string[] = [];
const inside = createServer(({ url = '' }, reply) => {
  asked.push(url);
  reply.statusCode = 404;
  reply.end();
}).listen(0, '127.0.0.1');
await once(inside, 'listening');
t.teardown(() => void inside.close());
const base = `http://127.0.0.1:${(inside.address() as AddressInfo).port}`;

/** Lists of addresses, each with a sound in the place of its `ADDRESS`. */
const LISTS = {
  hls: '#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:10,\nADDRESS\n#EXT-X-ENDLIST\n',
  dash: '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT10S" minBufferTime="PT1S" profiles="urn:mpeg:dash:profile:isoff-on-demand:2011"><Period><AdaptationSet mimeType="audio/mp4"><Representation id="1" bandwidth="1000" codecs="mp4a.40.2"><BaseURL>ADDRESS</BaseURL><SegmentBase indexRange="0-100"/></Representation></AdaptationSet></Period></MPD>',
  smooth:
    '<?xml version="1.0"?><SmoothStreamingMedia MajorVersion="2" MinorVersion="0" Duration="100000000"><StreamIndex Type="audio" Url="ADDRESS({bitrate},{start time})" Chunks="1"><QualityLevel Bitrate="1000" FourCC="AACL" SamplingRate="44100" Channels="2" CodecPrivateData="1210"/><c d="100000000"/></StreamIndex></SmoothStreamingMedia>',
  session: 'v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n',
  addresses: 'ADDRESS\r\n',
};
/** An ID3 tag, behind which GStreamer looks again for what it is. */
const ID3 = Buffer.from([0x49, 0x44, 0x33, 3, 0, 0, 0, 0, 0, 10, ...Array<number>(10).fill(0)]);
const DISGUISES = {
  plain: (list: string) => Buffer.from(list),
  'behind a tag': (list: string) => Buffer.concat([ID3, Buffer.from(list)]),
  'with a zero byte': (list: string) => Buffer.from(`${list}\0\u0001`),
};

t.test('a list of addresses in any disguise is no sound and no video, and nothing is fetched', async (t) => {
  for (const [kind, list] of Object.entries(LISTS)) {
    for (const [disguise, wear] of Object.entries(DISGUISES)) {
      const name = `${kind} ${disguise}`;
      const file = put(name.replaceAll(' ', '-'), wear(list.replace('ADDRESS', `${base}/${kind}`)));
      // What would hang is told by the test's own patience.
      const sound = decodeFile(file, new AbortController().signal).next();
      await t.rejects(sound, { code: 'stream/wrong-type' }, `${name} as a sound`);
      const video = openFootage(file, { start: 0, length: 10, largest: 512 }, new AbortController().signal);
      await t.rejects(video, { code: 'stream/wrong-type' }, `${name} as a video`);
    }
  }
  t.same(asked, []);
  t.equal(native.census().pipelines, 0, 'nothing goes on behind it');
});

/** A PNG that says it is so large, and has next to nothing in it. */
function png(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const numbers = Buffer.alloc(8);
    numbers.writeUInt32BE(data.length);
    numbers.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([numbers.subarray(0, 4), body, numbers.subarray(4)]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width);
  head.writeUInt32BE(height, 4);
  head.set([8, 2], 8);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', head),
    chunk('IDAT', Buffer.alloc(8)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

t.test('a picture that would be huge is refused before it is decoded; a drawing is none', async (t) => {
  const open = (file: string) =>
    openFootage(file, { start: 0, length: 10, largest: 512 }, new AbortController().signal);
  await t.rejects(open(put('huge.png', png(30_000, 30_000))), {
    code: 'resource/settings',
    message: 'Expected a picture of at most 100 million pixels but huge.png has 30000x30000.',
  });
  await t.rejects(open(put('broken.png', png(640, 480))), { code: 'stream/decode' });
  put('secret.png', png(8, 8));
  const svg =
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="640" height="480"><image xlink:href="secret.png" width="9" height="9"/></svg>';
  for (const [name, content] of [
    ['drawing.svg', svg],
    ['drawing.svgz', gzipSync(svg)],
  ] as const)
    await t.rejects(open(put(name, content)), { code: 'stream/wrong-type' }, name);
});

t.test('what a form calls its fields and files changes nothing but itself', async (t) => {
  process.env['TALKGRAPH_AVATARS'] = join(folder, 'avatars');
  t.teardown(() => delete process.env['TALKGRAPH_AVATARS']);
  const { url, close } = await serverOf(1);
  t.teardown(close);
  const send = async (fill: (form: FormData) => void) => {
    const form = new FormData();
    fill(form);
    const reply = await fetch(new URL('/api/avatar/task', url), { method: 'POST', body: form });
    return { status: reply.status, body: (await reply.json()) as { code: number; msg: string } };
  };
  const polluted = await send((form) => {
    for (const name of ['__proto__', 'constructor', '__proto__[polluted]', 'toString']) form.set(name, 'yes');
    form.set('model', 'wav2lip');
  });
  t.match(polluted, { status: 200, body: { code: -1, msg: /The form is broken/ } });
  t.equal(({} as { polluted?: string }).polluted, undefined);
  const many = await send((form) => {
    for (let n = 0; n < 50; n++) form.set(`field${n}`, 'x');
  });
  t.match(many.body, { code: -1, msg: /more in it than is expected/ });
  const named = await send((form) => {
    form.set('video_file', new Blob(['x']), '../../../../tmp/evil.mp4');
    form.set('model', 'wav2lip');
    form.set('avatar_id', '../evil');
  });
  t.match(named.body, { code: -1, msg: /id of an avatar/ });
  const uploads = join(folder, 'avatars', '.tasks', 'uploads');
  t.same(existsSync(uploads) ? readdirSync(uploads) : [], [], 'what was refused is gone');
  t.notOk(existsSync('/tmp/evil.mp4'));
});
