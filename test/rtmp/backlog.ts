import t from 'tap';
import { Backlog } from '../../src/rtmp/backlog.js';
import { type Tag, TagReader } from '../../src/rtmp/flv.js';
import { flv } from './support/flv.js';

/** Tags of a text like `V S k0 a10 d40`: setup of video, of sound, pictures and sound at times in ms. */
const tags = (text: string): Tag[] => new TagReader().push(flv(text));
const shown = (tag: Tag | undefined): string =>
  tag === undefined ? '' : tag.kind === 'setup' ? tag.of : `${tag.kind}${tag.time}`;

function filled(text: string, limit = 1000, bytes = 1e6): Backlog {
  const backlog = new Backlog({ limit, bytes });
  for (const tag of tags(text)) backlog.add(tag);
  return backlog;
}
const taken = (backlog: Backlog): string => {
  const all: string[] = [];
  for (let tag = backlog.take(); tag !== undefined; tag = backlog.take()) all.push(shown(tag));
  return all.join(' ');
};

t.test('begins every connection with the headers, then a key frame at time 0', async (t) => {
  const backlog = filled('V S a7000 d7010 k7040 a7050 d7080');
  t.equal(backlog.begin().map(shown).join(' '), 'video audio');
  t.equal(taken(backlog), 'key0 audio10 delta40');
  t.equal(backlog.dropped, 2, 'what came before the key frame');
});

t.test('keeps the sound of a stream without pictures from its first piece on', async (t) => {
  const backlog = filled('S a500 a521');
  t.equal(backlog.begin().map(shown).join(' '), 'audio');
  t.equal(taken(backlog), 'audio0 audio21');
  t.equal(backlog.wantsKey, false);
});

t.test('a header that comes in mid-stream leaves before its pictures, whatever time it has', async (t) => {
  const backlog = filled('S a7000 a7021 V k7040');
  backlog.begin();
  t.equal(taken(backlog), 'audio0 audio21 video key40');
});

t.test('where pictures will come nothing begins before the first', async (t) => {
  const backlog = new Backlog({ limit: 1000, bytes: 1e6, pictures: true });
  for (const tag of tags('S a7000 a7021 V d7040 k7080 a7090')) backlog.add(tag);
  t.equal(backlog.begin().map(shown).join(' '), 'audio video');
  t.equal(taken(backlog), 'key0 audio10');
});

t.test('sound that was there before a picture of its time is kept, as long as it may wait', async (t) => {
  const backlog = new Backlog({ limit: 1000, bytes: 1e6, pictures: true });
  for (const tag of tags('S a6000 a7000 a7021 V k7010 a7042')) backlog.add(tag);
  backlog.begin();
  t.equal(taken(backlog), 'key0 audio11 audio32');
  t.equal(backlog.dropped, 2);
  for (const tag of tags('a8000 a9500')) backlog.add(tag);
  backlog.clear();
  t.equal(backlog.size, 0);
});

t.test('at its limit drops up to the next key frame that waits, and counts', async (t) => {
  const backlog = filled('V S k0 a10 d40 k400 d440 a450', 440);
  t.equal(backlog.dropped, 3);
  backlog.begin();
  t.equal(taken(backlog), 'key0 delta40 audio50');
});

t.test('at its limit without a key frame drops all and takes no more before one', async (t) => {
  const backlog = filled('V k0 d40 d80 d120 d160', 100);
  t.equal(backlog.size, 0);
  t.ok(backlog.wantsKey, 'and says so');
  t.equal(backlog.dropped, 5);
  backlog.begin();
  for (const tag of tags('k200 d240')) backlog.add(tag);
  t.notOk(backlog.wantsKey);
  t.equal(taken(backlog), 'video key0 delta40', 'with its header again');
});

t.test('stays at its limit however long nothing leaves', async (t) => {
  const backlog = filled('V S', 100);
  for (let n = 0; n < 1000; n++) {
    for (const tag of tags(`${n % 25 === 0 ? 'k' : 'd'}${n * 40} a${n * 40}`)) backlog.add(tag);
    if (backlog.size > 8) t.fail(`${backlog.size} wait`);
  }
  t.ok(backlog.dropped > 1900, `${backlog.dropped} dropped`);
});

t.test('drops the oldest piece of a stream of sound alone', async (t) => {
  const backlog = filled('S a0 a40 a80 a120', 100);
  t.equal(taken(backlog), 'audio audio0 audio40 audio80');
  t.equal(backlog.dropped, 1);
});

t.test('is limited in bytes as well, whatever the times say', async (t) => {
  const backlog = filled('V k0 d0 d0 d0 d0', 1000, 60);
  t.ok(backlog.dropped > 0 && backlog.size < 5);
});

t.test('a lost connection leaves nothing behind, and the next one begins anew', async (t) => {
  const backlog = filled('V S k0 d40');
  backlog.begin();
  backlog.take();
  backlog.clear();
  t.equal(backlog.dropped, 1);
  for (const tag of tags('d80 a90 k120 d160')) backlog.add(tag);
  t.equal(backlog.begin().map(shown).join(' '), 'video audio');
  t.equal(taken(backlog), 'key0 delta40');
});

t.test('sound from before the first picture, but later than it, is left out', async (t) => {
  const backlog = filled('V S k1000 a980 a1001');
  backlog.begin();
  t.equal(taken(backlog), 'key0 audio1');
});

t.test(
  'pictures that begin after the sound of a stream in mid-time have their header, at their time',
  async (t) => {
    // An output that is added to a graph that plays: the sound is there first.
    const backlog = filled('S a1599 a1620 V k1600 d1640');
    backlog.begin();
    const all: Tag[] = [];
    for (let tag = backlog.take(); tag !== undefined; tag = backlog.take()) all.push(tag);
    t.equal(all.map(shown).join(' '), 'audio0 audio21 video key1 delta41');
    t.equal(all[2]?.time, 21, 'time never goes back by more than the tracks are apart');
    t.equal(backlog.dropped, 0);
  },
);

t.test('a header in mid-stream stays before the pictures it is for', async (t) => {
  const backlog = filled('V k0 d40 V k80');
  backlog.begin();
  t.equal(taken(backlog), 'key0 delta40 video key80');
});
