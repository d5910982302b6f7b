import t from 'tap';
import { escaped, ssml, unescaped } from '../../../src/voice/microsoft/ssml.js';
import { readSsml } from '../../fakes/microsoft.js';

const ODD = `</prosody><voice name="x">&amp; <b> "it's" \u0000\u0008\ufffe \ud83d 😀 你好 ]]>`;

t.test('nothing in a text, a voice or a style becomes markup', async (t) => {
  const made = ssml(ODD, { voice: `a"><b c='`, language: 'de-DE', style: '"/><x y="' });
  t.same(readSsml(made), {
    language: 'de-DE',
    voice: `a"><b c='`,
    text: `</prosody><voice name="x">&amp; <b> "it's"       😀 你好 ]]>`,
  });
});

t.test('manners are per cent', async (t) => {
  const made = ssml('x', { voice: 'v', language: 'en-US', speed: 0.8, pitch: 5.4, volume: -100 });
  t.match(made, 'pitch="+5%" rate="-20%" volume="-100%"');
  t.match(ssml('x', { voice: 'v', language: 'en-US' }), 'pitch="+0%" rate="+0%" volume="+0%"');
  t.notMatch(made, 'express-as');
});

t.test('reads back what it wrote, and what others write', async (t) => {
  const text = `<b> & "it's" &amp;`;
  t.equal(unescaped(escaped(text)), text);
  t.equal(unescaped('R&#38;D &#x4f60; &nbsp; &#99999999; &'), 'R&D 你 &nbsp; &#99999999; &');
});
