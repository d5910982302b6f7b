import t from 'tap';
import { Cuts, Drafts, type TalkError } from '../../src/element/index.js';
import { TextInput, type Utterable } from '../../src/voice/textinput.js';
import { Written } from '../../src/voice/written.js';

async function parts(written: Written): Promise<string[]> {
  const all: string[] = [];
  for await (const part of written) all.push(part);
  return all;
}

t.test('a text is read as it is written, part by part, and again in the same parts', async (t) => {
  const written = new Written();
  written.push('One');
  const reading = parts(written);
  await null;
  written.push(' two');
  written.push('');
  written.push(' three');
  written.end();
  written.push(' four');
  t.same(await reading, ['One', ' two', ' three']);
  t.equal(written.text, 'One two three');
  t.same(written.parts, [3, 4, 6]);
  t.same(await parts(Written.of(written.text, written.parts)), ['One', ' two', ' three']);
  t.same(await parts(Written.of('One two', [3])), ['One', ' two']);
  t.same(await parts(Written.of('', [])), []);
});

function input(longest = 100, refuses = false) {
  const said: Utterable[] = [];
  const failures: [string, string][] = [];
  let expected = 0;
  const cuts = new Cuts();
  const text = new TextInput({
    cuts,
    drafts: new Drafts(),
    longest,
    say: (utterable) => said.push(utterable) > 0 && !refuses,
    expected: () => void expected++,
    failed: ({ code }: TalkError, id) => failures.push([id, code]),
  });
  const shown = () => said.map(({ id, text }) => [id, typeof text === 'string' ? text : text.text]);
  return { text, cuts, said, failures, shown, expected: () => expected };
}

t.test('too long a text is cut off and told, a refused one is let go', async (t) => {
  const { text, failures, shown } = input(8);
  text.event('talkgraph/text-start', { id: 'a' });
  text.take('12345');
  text.take('6789');
  text.take('x');
  text.event('talkgraph/text-end', {});
  text.event('talkgraph/text-start', { id: 'b' });
  text.take('ok');
  t.same(shown(), [
    ['a', '12345'],
    ['b', 'ok'],
  ]);
  t.same(failures, [['a', 'resource/quota']]);
  const none = input(8, true);
  none.text.event('talkgraph/text-start', { id: 'a' });
  none.text.take('12');
  none.text.take('34');
  t.equal(none.said.length, 1);
});

t.test('who has heard of fewer cuts writes what is old, who has heard of more is believed', async (t) => {
  const { text, cuts, shown } = input();
  t.ok(cuts.take('x'));
  t.notOk(cuts.take('x'));
  const write = (id: string, known: number) => {
    text.event('talkgraph/text-start', { id, cuts: known });
    text.take(id);
    text.event('talkgraph/text-end', { id });
  };
  write('old', 0);
  write('new', 1);
  write('newer', 3);
  write('older', 2);
  t.same(shown(), [
    ['new', 'new'],
    ['newer', 'newer'],
  ]);
  t.equal(cuts.count, 3);
});

t.test('when somebody begins to speak a voice is expected to be needed', async (t) => {
  const { text, expected } = input();
  text.event('talkgraph/vad', { state: 'silence' });
  t.equal(expected(), 0);
  text.event('talkgraph/vad', { state: 'speech' });
  t.equal(expected(), 1);
});
