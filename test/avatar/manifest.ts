import t from 'tap';
import { frameFile } from '../../src/avatar/framefile.js';
import { formatManifest, parseManifest } from '../../src/avatar/manifest.js';
import { SMALL } from './support/small.js';

const text = formatManifest(SMALL, ['One.', 'Two.']);
const refuses = (t: { throws: typeof import('tap').t.throws }, changed: string, message: RegExp) =>
  t.throws(() => parseManifest(changed, 'x/avatar.yaml'), { code: 'resource/settings', message });

t.test('what is written is read', async (t) => {
  const read = parseManifest(text, 'avatar.yaml');
  t.same({ ...read, boxes: [] }, { ...SMALL, framings: [], crops: {}, boxes: [] });
  t.equal(read.boxes?.length, 7);
  t.equal((read.boxes ?? [])[1]?.[0], 10.333);
  t.match(text, /^# One\.\n# Two\.\nname: Small\n/);
});

t.test('so are background and framings', async (t) => {
  const more = {
    background: 'behind/wall.webp',
    framings: [[2, 4, 32, 32]] as [number, number, number, number][],
  };
  const read = parseManifest(formatManifest({ ...SMALL, ...more }, []), 'avatar.yaml');
  t.match(read, more);
  for (const background of ['/etc/wall.png', '../wall.png', 'blue', '#12345'])
    refuses(t, formatManifest({ ...SMALL, background }, []), /background: Expected a colour such as/);
});

t.test('loop and rate have defaults', async (t) => {
  const read = parseManifest(text.replace(/loop: .*\n/, '').replace(/framerate: .*\n/, ''), 'avatar.yaml');
  t.match(read, { loop: 'there-and-back', framerate: '25/1' });
});

t.test('every complaint names the line, the field, and what came', async (t) => {
  refuses(
    t,
    text.replace('width: 70', 'width: seventy'),
    /avatar\.yaml, line 4: width: .*expected number.*received "seventy"/,
  );
  refuses(t, text.replace('width: 70', 'width: 71'), /line 4: width: .*multiple of 2; received 71/);
  refuses(
    t,
    text.replace('framerate: 13/1', 'framerate: fast'),
    /line 6: framerate: Expected a fraction such as 25\/1; received "fast"/,
  );
  refuses(
    t,
    text.replace('loop: there-and-back', 'loop: pingpong'),
    /line 9: loop: .*there-and-back.*received "pingpong"/,
  );
  refuses(t, text.replace('name: Small\n', ''), /name: .*received nothing/);
  refuses(t, text.replace('8.5, 24.5, 24.5]', '8.5, 24.5]'), /line 11: boxes\.0/);
  refuses(t, text.replace('name: Small', 'name: Small\nspeed: 3'), /speed/);
  refuses(
    t,
    text.replace(/ {2}- .*\n$/, ''),
    /line \d+: boxes: Expected one box for each of the 7 frames but received 6/,
  );
});

t.test('broken YAML is refused with its line', async (t) => {
  refuses(t, 'name: Small\nwidth: [70\nheight: 46\n', /avatar\.yaml, line \d: not YAML/);
  refuses(t, '', /received|expected/i);
});

t.test('pictures cannot lie outside the folder', async (t) => {
  for (const files of [
    '../x%d.png',
    '/etc/%d.png',
    'a/../../%d.png',
    'a%d\\b.png',
    'plain.png',
    '%d.exe',
    '%d/a.png',
  ]) {
    refuses(t, text.replace(SMALL.files!, JSON.stringify(files)), /files: Expected a relative file name/);
  }
});

t.test('file names are padded as the pattern says', async (t) => {
  t.equal(frameFile('f/%08d.png', 12), 'f/00000012.png');
  t.equal(frameFile('%d.webp', 12), '12.webp');
  t.equal(frameFile('%03d.webp', 1234), '1234.webp');
});
