import t from 'tap';
import { retimed, type Tag, TagReader } from '../../src/rtmp/flv.js';
import { metadataTag } from '../../src/rtmp/metadata.js';
import { Track } from '../../src/rtmp/track.js';
import { FILE_HEADER, flv } from './support/flv.js';

const shown = (tags: readonly Tag[]): string =>
  tags.map(({ kind, of, time }) => `${of[0]}-${kind}-${time}`).join(' ');
const ALL = 's-setup-0 v-setup-0 a-setup-0 v-key-0 a-audio-5 v-delta-40 v-key-16777216 a-audio-4294967295';
const TEXT = 'M V S k0 a5 d40 k16777216 a4294967295';

t.test('finds the tags in pieces of any size', async (t) => {
  const bytes = Buffer.concat([FILE_HEADER, flv(TEXT)]);
  for (const size of [1, 3, 7, 16, 1000]) {
    const reader = new TagReader();
    const found: Tag[] = [];
    for (let at = 0; at < bytes.length; at += size) found.push(...reader.push(bytes.subarray(at, at + size)));
    t.equal(shown(found), ALL, `${size} bytes at a time`);
  }
});

t.test('takes a stream without a file header, and one that begins again', async (t) => {
  const reader = new TagReader();
  t.equal(shown(reader.push(flv('V k7'))), 'v-setup-0 v-key-7');
  t.equal(shown(reader.push(Buffer.concat([FILE_HEADER, flv('k0')]))), 'v-key-0');
});

t.test('says that something else is no FLV', async (t) => {
  t.throws(() => new TagReader().push(Buffer.from('RIFF....WAVEfmt ')), { code: 'stream/format' });
  const broken = flv('k0 d40');
  broken[broken.length - 1] = 9;
  t.throws(() => new TagReader().push(broken), { code: 'stream/format' });
});

t.test('gives a tag another time, past the 24 bits too, and leaves the first one alone', async (t) => {
  const [tag] = new TagReader().push(flv('k7'));
  for (const time of [0, 7, 2 ** 24 - 1, 2 ** 24 + 5]) {
    const [again] = new TagReader().push(retimed(tag!, time).data);
    t.equal(again?.time, time);
  }
  t.equal(tag?.data[6], 7);
});

t.test('puts the tags of a track on the running time, without the sound from before it', async (t) => {
  const track = new Track();
  const packet = (text: string, ms: number | undefined) => ({
    data: flv(text),
    runningTime: ms === undefined ? undefined : ms * 1e6,
    key: true,
  });
  const tags = track.tags([
    packet('M V S', undefined),
    packet('a0', undefined),
    packet('k0', undefined),
    packet('a21', 700),
    packet('d40', 740.4),
  ]);
  t.equal(shown(tags), 'v-setup-0 a-setup-0 v-key-0 a-audio-700 v-delta-740');
});

t.test('writes metadata that a reader of FLV reads', async (t) => {
  const tag = metadataTag({ width: 512, hasAudio: true, encoder: 'talkgraph', absent: undefined });
  const [again] = new TagReader().push(tag.data);
  t.match(again, { kind: 'setup', of: 'script' });
  const text = tag.data.toString('latin1').replace(/[^ -~]/g, '.');
  t.match(text, /onMetaData\.{5}\.\.width\.@\.\.{6}\.\.hasAudio\.\.\.\.encoder\.\.\.talkgraph\.\.\.\./);
});
