import t from 'tap';
import type { Chain } from '../../src/graph/launch-ast.js';
import { LaunchSyntaxError, parseLaunch } from '../../src/graph/launch-parse.js';
import { printLaunch } from '../../src/graph/launch-print.js';

/** A chain in short: what stands in it and what joins it. */
function brief({ nodes, links }: Chain): string {
  return nodes
    .map((node, i) => {
      const link = links[i];
      const word =
        node.kind === 'ref'
          ? `@${node.name.text}`
          : node.kind === 'uri'
            ? `<${node.uri.text}>`
            : node.factory.text;
      if (!link) return word;
      const pads = (words: readonly { text: string }[]) => words.map((pad) => pad.text).join('+');
      return `${word} [${pads(link.srcPads)}${link.operator.text}${link.caps?.text ?? ''}${link.operator.text}${pads(link.sinkPads)}] `;
    })
    .join('');
}
const briefs = (line: string) => parseLaunch(line).map(brief);

t.test('reads chains, names, pads, caps and URIs', async (t) => {
  t.same(briefs('fakesrc ! fakesink'), ['fakesrc [!!] fakesink']);
  t.same(briefs('t. ! queue ! face.'), ['@t [!!] queue [!!] @face']);
  t.same(briefs('t.src_0,src_1 ! m.a,b'), ['@t [src_0+src_1!!a+b] @m']);
  t.same(briefs('fakesrc .src ! .sink identity .src ! fakesink'), [
    'fakesrc [src!!sink] identity [src!!] fakesink',
  ]);
  t.same(briefs('a !video/x-raw, width = 5 ;audio/x-raw! b'), [
    'a [!video/x-raw, width = 5 ;audio/x-raw!] b',
  ]);
  t.same(briefs('a : audio/x-raw : b'), ['a [:audio/x-raw:] b']);
  t.same(briefs('file:///a/b ! fakesink'), ['<file:///a/b> [!!] fakesink']);
  t.same(briefs('a name=x a. ! b  c ! d. e'), ['a', '@a [!!] b', 'c [!!] @d', 'e']);
});

t.test('reads bins with their properties and content', async (t) => {
  const [chain] = parseLaunch('a ! mybin.( name=m sync=true b ! c  d ) .out ! e');
  const bin = chain?.nodes[1];
  t.equal(bin?.kind, 'bin');
  if (bin?.kind !== 'bin') return;
  t.equal(bin.factory.text, 'mybin');
  t.same(
    bin.assignments.map((item) => [item.name.text, item.value.text]),
    [
      ['name', 'm'],
      ['sync', 'true'],
    ],
  );
  t.same(bin.chains.map(brief), ['b [!!] c', 'd']);
  t.same(chain?.links[1]?.srcPads[0]?.text, 'out');
});

t.test('reads values as GStreamer unescapes them', async (t) => {
  const value = (line: string) => {
    const node = parseLaunch(line)[0]?.nodes[0];
    return node?.kind === 'element' ? node.assignments.map((item) => item.value.text) : undefined;
  };
  // Each of these was read back from gst_parse_launch of GStreamer 1.22.
  t.same(value('filesrc location=a\\ b name=f'), ['a b', 'f']);
  t.same(value('filesrc location="a b" name=f'), ['a b', 'f']);
  t.same(value("filesrc location='a b' name=f"), ["'a b'", 'f']);
  t.same(value('filesrc location=a"b\\c"d\\e'), ['a"b\\c"de']);
  t.same(value('filesrc location="x\\"b\\\\ c\\"d"'), ['x"b\\ c"d']);
  t.same(value('filesrc location="a\\\\"'), ['a\\']);
  t.same(value('filesrc location="a\nb" name = f'), ['a\nb', 'f']);
  t.same(value('filesrc location="é ! ; x"'), ['é ! ; x']);
  t.same(value('filesrc location=""'), ['']);
});

t.test('a quoted value that ends in a backslash runs on to the next quote, as in GStreamer', async (t) => {
  const node = parseLaunch('filesrc location="a\\\\" b"')[0]?.nodes[0];
  t.same(node?.kind === 'element' && node.assignments.map((item) => item.value.text), ['a\\" b']);
});

t.test('says where each word stands', async (t) => {
  const line = 'a ! b name=x .out ! caps/raw ! t.pad';
  const [chain] = parseLaunch(line);
  const link = chain?.links[1];
  const words = [link?.srcPads[0], link?.caps, link?.sinkPads[0]];
  t.same(
    words.map((word) => line.slice(word?.start, word?.end)),
    ['out', 'caps/raw', 'pad'],
  );
});

for (const [line, message, at] of [
  ['a ! ', /must follow this link/, '!'],
  ['! a', /a link needs something before it/, '!'],
  ['a.', /a name alone does nothing/, 'a'],
  ['a. ! b. ! c', /a chain ends at a name/, '! c'],
  ['a ! é', /"é" cannot stand outside a quoted value/, 'é'],
  ['a ! $x', /"\$" cannot stand outside/, '$'],
  ['a ! video/x-raw', /caps must stand between two links/, 'video'],
  ['a ! ( b', /never closed/, '('],
  ['a )', /closes nothing/, ')'],
  ['a ! ( )', /must hold something/, '('],
  ['x=y', /a property must stand behind its element/, 'x=y'],
  ['a .src', /a link must follow this pad/, 'src'],
  ['a ! .in b.x', /write the pad behind the name/, 'in'],
  ['a.b,! c', /a pad name was expected/, '!'],
  ['a. ! b.x,', /a pad name was expected/, ''],
  ['a ! .pad', /must follow this link/, '! .pad'],
  ['.pad ! a', /a pad must stand next to a link/, '.pad'],
  ['a ! = b', /an element was expected here, not "="/, '='],
] as const) {
  t.test(`refuses ${line}`, async (t) => {
    try {
      parseLaunch(line);
      t.fail('it parsed');
    } catch (error) {
      t.ok(error instanceof LaunchSyntaxError);
      t.match((error as Error).message, message);
      t.ok(line.slice((error as LaunchSyntaxError).start).startsWith(at), 'at its place');
    }
  });
}

t.test('prints what it read, and prints that the same', async (t) => {
  for (const [line, printed] of [
    ['a  !  b   name = x', 'a ! b name=x'],
    ['a ! ( name=q b ! c ) ! d', 'a ! ( name=q b ! c ) ! d'],
    ['a ! bin.( b ) ! d', 'a ! ( b ) ! d'],
    ['a ! my.( b ) ! d', 'a ! my.( b ) ! d'],
    ['a .x,y ! .z b  c. : d.', 'a .x,y ! .z b  c. : d.'],
    ['a !x/y,z=1! b', 'a ! x/y,z=1 ! b'],
    ['a : x/y : b', 'a ! x/y : b'],
    ['a text="say \\"hi\\"" ! b x=\'q\'', 'a text="say \\"hi\\"" ! b x="\'q\'"'],
    ['a @preset=P x=1', 'a @preset=P x=1'],
    ['rtsp://h/p ! b', 'rtsp://h/p ! b'],
  ] as const) {
    t.equal(printLaunch(parseLaunch(line)), printed);
    t.equal(printLaunch(parseLaunch(printed)), printed);
  }
});
