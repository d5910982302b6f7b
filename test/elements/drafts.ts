/** What is made ready in a pause that may end a turn: by ears, model and voice, each by itself. */
import { setImmediate as turn } from 'node:timers/promises';
import t, { type Test } from 'tap';
import AsrFilter from '../../elements/asrfilter.js';
import LlmFilter from '../../elements/llmfilter.js';
import TtsSrc from '../../elements/ttssrc.js';
import { type Frame, framesToNs, pcm, register } from '../../src/element/index.js';
import { closeVoices } from '../../src/voice/index.js';
import { FakeChat, says } from '../fakes/fake-openai-chat.js';
import { FakeTranscriptions, hears } from '../fakes/fake-openai-transcriptions.js';
import { FakeTools } from '../fakes/fake-tools.js';
import { type Harness, harness, isEvent, type Output } from '../support/harness.js';
import { until } from '../support/script.js';

for (const element of [AsrFilter, LlmFilter, TtsSrc]) register(element);
t.teardown(() => closeVoices());

const SOUND = 'audio/x-raw,format=S16LE,layout=interleaved,channels=1,rate=16000';
const TEXT = 'text/x-raw,format=utf8';

const textOf = (item: Output) =>
  item === undefined || isEvent(item) ? '' : Buffer.from(item.data).toString();
const texts = (h: Harness) => h.waiting.map(textOf).filter((text) => text !== '');
const events = (h: Harness, name: string) =>
  h.waiting.flatMap((item) =>
    item !== undefined && isEvent(item) && item.name === `talkgraph/${name}` ? [item.fields] : [],
  );
const told = (h: Harness, name: string) => h.marks.filter((mark) => mark.name === name);
const asked = (item: Output) => (item as Frame).metas?.['TalkgraphTurn'] ?? {};

t.test('ears', async (t) => {
  async function bench(t: Test, speculate: string, ...scripts: Parameters<typeof FakeTranscriptions.start>) {
    const fake = await FakeTranscriptions.start(...scripts);
    t.teardown(() => fake.close());
    const h = await harness(`asrfilter url=${fake.url} speculate=${speculate}`, { caps: SOUND });
    t.teardown(() => h.close());
    let at = 0;
    const sound = async (to: number) => {
      for (; at < Math.round(to * 50); at++)
        await h.push({ data: new Uint8Array(640), pts: framesToNs(at * 320, 16_000) });
    };
    /** Speech until `end`, and so much silence that it is known. */
    const speak = async (begin: number, end: number) => {
      await sound(begin + 0.1);
      h.event('vad', { state: 'speech', pts: begin * 1e9, from: begin * 1e9, at: (begin + 0.1) * 1e9 });
      await sound(end + 0.3);
      h.event('vad', { state: 'silence', pts: end * 1e9, from: end * 1e9, at: (end + 0.3) * 1e9 });
    };
    return { h, fake, sound, speak };
  }

  t.test('a draft goes out in the pause, and is kept when the pause ends the turn', async (t) => {
    const { h, fake, sound, speak } = await bench(t, 'tts', hears('What time is it?'));
    await speak(1, 2);
    await until(() => texts(h).length === 1);
    t.same(told(h, 'turn-end'), []);
    t.same(told(h, 'transcript.final'), []);
    const meta = asked(h.waiting.find((item) => textOf(item) !== '') as Output);
    t.match(meta, { draft: 'tts', id: String, due: Number });
    t.ok(Number(meta['due']) >= 2.6e9, 'it ends 0.6 s after the speech');
    await sound(2.7);
    await until(() => told(h, 'transcript.final').length > 0);
    t.match(told(h, 'transcript.final'), [{ fields: { id: meta['id'], text: 'What time is it?' } }]);
    await until(() => events(h, 'draft-kept').length > 0);
    t.same(events(h, 'draft-kept'), [{ id: meta['id'] }]);
    t.same(texts(h), ['What time is it?'], 'it is not asked twice');
    t.equal(fake.requests.length, 1, 'nor is the recogniser');
  });

  t.test('who goes on drops the draft, and the whole turn is asked', async (t) => {
    const { h, fake, sound, speak } = await bench(t, 'llm', hears('What time'), hears('What time is it?'));
    await speak(1, 2);
    await until(() => texts(h).length === 1);
    await speak(2.4, 3);
    await until(() => events(h, 'draft-dropped').length > 0);
    await until(() => texts(h).length === 2);
    await sound(3.7);
    await until(() => told(h, 'transcript.final').length > 0);
    t.match(told(h, 'transcript.final'), [{ fields: { turn: 1, text: 'What time is it?' } }]);
    t.equal(fake.requests.length, 2);
    await until(() => events(h, 'draft-kept').length > 0);
    const [first, second] = h.waiting.filter((item) => textOf(item) !== '').map(asked);
    t.same(events(h, 'draft-dropped'), [{ id: first?.['id'] }]);
    t.same(events(h, 'draft-kept'), [{ id: second?.['id'] }]);
    const sizes = fake.requests.map(({ file }) => file.bytes.length);
    t.ok((sizes[1] ?? 0) >= (sizes[0] ?? 0) + 32_000, 'the second time all of it is heard');
  });

  t.test('a cut in between makes a draft old: it is asked again, knowing of the cut', async (t) => {
    const { h, sound, speak } = await bench(t, 'tts', hears('What time is it?'));
    await speak(1, 2);
    await until(() => texts(h).length === 1);
    h.element.emit('cut', 'c1');
    await sound(2.7);
    await until(() => texts(h).length === 2);
    const [first, second] = h.waiting.filter((item) => textOf(item) !== '').map(asked);
    t.same(events(h, 'draft-dropped'), [{ id: first?.['id'] }]);
    t.match(second, { cut: 'c1' });
    t.equal(second?.['draft'], undefined);
  });

  t.test('the way to the recogniser is open before a turn is over', async (t) => {
    const { h, fake, sound } = await bench(t, 'asr', hears('Hello.'));
    await sound(1);
    t.equal(fake.connections, 0, 'nobody speaks');
    h.event('vad', { state: 'speech', pts: 0.9e9, from: 0.9e9, at: 1e9 });
    await sound(1.5);
    await until(() => fake.connections === 1);
    t.equal(fake.requests.length, 0);
    h.event('vad', { state: 'silence', pts: 1.2e9, from: 1.2e9, at: 1.5e9 });
    await sound(2.2);
    await until(() => texts(h).length === 1);
    t.equal(fake.connections, 1, 'and is gone by then');
  });

  t.test('without a draft the recogniser alone is early; or nobody', async (t) => {
    for (const speculate of ['asr', 'off']) {
      const { h, fake, sound, speak } = await bench(t, speculate, hears('Hello.'));
      await speak(1, 2);
      await sound(2.5);
      if (speculate === 'asr') await until(() => fake.requests.length === 1);
      t.equal(fake.requests.length, speculate === 'asr' ? 1 : 0);
      t.same(texts(h), []);
      await sound(2.7);
      await until(() => texts(h).length === 1);
      t.equal(asked(h.waiting.find((item) => textOf(item) !== '') as Output)['draft'], undefined);
      t.equal(fake.requests.length, 1);
    }
  });
});

t.test('a language model', async (t) => {
  async function bench(t: Test, more = '', ...answer: string[]) {
    const fake = await FakeChat.open(says(...(answer.length > 0 ? answer : ['Noon. ', 'And you?'])));
    t.teardown(() => fake.close());
    const h = await harness(`llmfilter url=${fake.url} model=m system-prompt="" ${more}`, { caps: TEXT });
    t.teardown(() => h.close());
    const ask = (text: string, meta: Readonly<Record<string, string | number>>) =>
      h.push({ data: new TextEncoder().encode(text), metas: { TalkgraphTurn: meta } });
    const roles = () => fake.last.asked.messages.map(({ role, content }) => `${role[0]}: ${content}`);
    return { fake, h, ask, roles };
  }

  t.test('answers a draft at once, and counts it when it is kept', async (t) => {
    const { h, ask, roles, fake } = await bench(t);
    await ask('Time?', { id: 'd1', draft: 'tts', due: 5e9 });
    await until(() => events(h, 'text-end').length === 1);
    t.same(events(h, 'text-start'), [{ id: 'd1', voice: '', cuts: 0, draft: true, due: 5e9 }]);
    t.equal(texts(h).join(''), 'Noon. And you?');
    h.event('draft-kept', { id: 'd1' }, { oob: true });
    await until(() => events(h, 'draft-kept').length === 1);
    await ask('Fine.', { id: 'b' });
    await until(() => events(h, 'text-end').length === 2);
    t.same(roles(), ['u: Time?', 'a: Noon. And you?', 'u: Fine.']);
    t.same(events(h, 'text-start')[1], { id: 'b', voice: '', cuts: 0 });
    t.equal(fake.exchanges.length, 2);
  });

  t.test('of a draft that is dropped the model is told nothing, and its connection is closed', async (t) => {
    const { fake, h, ask, roles } = await bench(t);
    fake.answers(async (writer) => writer.say('Once upon a time. '));
    await ask('Tell', { id: 'd1', draft: 'tts', due: 0 });
    await until(() => texts(h).length > 0);
    const { closed } = fake.last;
    h.event('draft-dropped', { id: 'd1' }, { oob: true });
    await closed;
    fake.answers(says('Yes.'));
    await ask('Tell me.', { id: 'b' });
    await until(() => events(h, 'text-end').length === 2);
    t.same(roles(), ['u: Tell me.']);
    t.same(told(h, 'answer-failed'), []);
    // The end of one may be there before it is.
    h.event('draft-dropped', { id: 'd2' }, { oob: true });
    await until(() => events(h, 'draft-dropped').length === 2);
    await ask('Never', { id: 'd2', draft: 'tts', due: 0 });
    await ask('Well?', { id: 'c' });
    await until(() => events(h, 'text-end').length === 3);
    t.same(roles(), ['u: Tell me.', 'a: Yes.', 'u: Well?']);
  });

  t.test('the way to it is open before somebody has asked', async (t) => {
    const { fake, h, ask } = await bench(t);
    // No question: the bench sends events behind something.
    await ask(' ', { id: 'none' });
    h.event('vad', { state: 'speech', pts: 0, from: 0, at: 0 });
    await until(() => fake.connections === 1);
    t.equal(fake.exchanges.length, 0);
    await ask('Time?', { id: 'a' });
    await until(() => events(h, 'text-end').length === 1);
    t.equal(fake.connections, 1);
  });

  t.test('holds its answer back where the voice is not to begin, and calls no tool', async (t) => {
    const tools = await FakeTools.open({ weather: (_, response) => void response.end('7 degrees') });
    t.teardown(() => tools.close());
    const { writeFile } = await import('node:fs/promises');
    const file = `${t.testdir()}/tools.yaml`;
    await writeFile(file, `tools: [{ name: weather, description: W, url: "${tools.url}/weather" }]`);
    const { fake, h, ask } = await bench(t, `tools="${file}"`);
    await ask('Time?', { id: 'd1', draft: 'llm', due: 0 });
    await until(() => fake.exchanges.length === 1);
    for (let n = 0; n < 100; n++) await turn();
    t.same(texts(h), []);
    h.event('draft-kept', { id: 'd1' }, { oob: true });
    await until(() => events(h, 'text-end').length === 1);
    t.equal(texts(h).join(''), 'Noon. And you?');
    t.equal(events(h, 'text-start')[0]?.['draft'], undefined);
    let round = 0;
    fake.answers(async (writer, exchange) => {
      if (round++ > 0) return says('Cold.')(writer, exchange);
      await writer.call(0, 'c1', 'weather', ['{}']);
      await writer.done('tool_calls');
    });
    await ask('Weather?', { id: 'd2', draft: 'tts', due: 0 });
    await until(() => fake.exchanges.length === 2);
    for (let n = 0; n < 100; n++) await turn();
    t.same(tools.requests, []);
    h.event('draft-kept', { id: 'd2' }, { oob: true });
    await until(() => events(h, 'text-end').length === 2);
    t.equal(tools.requests.length, 1);
  });
});

t.test('a voice', async (t) => {
  async function bench(t: Test) {
    // Tones are made at once, whatever else the machine does.
    const h = await harness('ttssrc voice=tone/square lead=300', { inputs: { text: TEXT } });
    t.teardown(() => h.close());
    const write = async (id: string, text: string, more: Readonly<Record<string, number | boolean>> = {}) => {
      h.event('text-start', { id, voice: '', cuts: 0, ...more }, { pad: 'text' });
      await h.push({ data: new TextEncoder().encode(text) }, 'text');
      h.event('text-end', { id }, { pad: 'text' });
    };
    const frames = () => h.waiting.filter((item): item is Frame => item !== undefined && !isEvent(item));
    const loud = (from = 0) =>
      frames()
        .slice(from)
        .filter((frame) => pcm(frame).some((sample) => sample !== 0));
    const crank = async (ready: () => boolean, most = 400) => {
      for (let n = 0; !ready() && n < most; n++) {
        await h.clock.crank();
        for (let turns = 0; turns < 20; turns++) await turn();
      }
      return ready();
    };
    const settle = (id: string, kept: boolean) =>
      h.event(kept ? 'draft-kept' : 'draft-dropped', { id }, { pad: 'text', oob: true });
    return { h, write, frames, loud, crank, settle };
  }
  const bytes = (frames: readonly Frame[]) => Buffer.concat(frames.map(({ data }) => Buffer.from(data)));

  t.test('says a draft when it is kept, and one that is dropped never', async (t) => {
    const { write, loud, crank, settle, frames } = await bench(t);
    await write('d1', '440:0.8', { draft: true, due: 0 });
    t.notOk(await crank(() => loud().length > 0, 40), 'not before it is known');
    settle('d1', true);
    t.ok(await crank(() => loud().length > 0));
    await crank(() => false, 40);
    const before = frames().length;
    await write('d2', '880:0.8', { draft: true, due: 0 });
    t.notOk(await crank(() => loud(before).length > 0, 20));
    settle('d2', false);
    await write('c', '550:0.4');
    t.ok(await crank(() => loud(before).length > 0), 'what comes behind it is said');
    // The end of one may be there before it is.
    settle('d3', true);
    await crank(() => false, 40);
    const then = frames().length;
    await write('d3', '660:0.4', { draft: true, due: 0 });
    t.ok(await crank(() => loud(then).length > 0));
  });

  t.test('a draft is on its way before it is known, so as to be heard right behind that', async (t) => {
    const { h, write, loud, crank, settle } = await bench(t);
    const due = 2e9;
    await write('d1', '440:0.8', { draft: true, due });
    t.ok(await crank(() => loud().length > 0));
    t.ok((h.pipeline.runningTime() ?? 0) < due, 'it leaves before');
    const [first] = loud();
    // Latency is 0 here: what is due later than that could not be taken back any more.
    t.ok((first?.pts ?? 0) > due && (first?.pts ?? 0) < due + 150e6, `stamped ${first?.pts}`);
    settle('d1', true);
    const more = loud().length;
    await crank(() => loud().length > more + 4);
    t.same(events(h, 'cut'), [], 'kept in time it goes on');
  });

  t.test(
    'a draft that is not kept in time is taken back, and said from its beginning when it is',
    async (t) => {
      const { h, write, loud, crank, settle, frames } = await bench(t);
      await write('d1', '440:0.8', { draft: true, due: 2e9 });
      t.ok(await crank(() => events(h, 'cut').length > 0), 'taken back');
      t.same(told(h, 'interrupted'), [], 'nobody was interrupted');
      t.ok(Number(events(h, 'cut')[0]?.['pts']) < (loud()[0]?.pts ?? 0), 'before anybody heard it');
      const before = frames().length;
      const old = bytes(loud().slice(0, 2));
      t.notOk(await crank(() => loud(before).length > 0, 20));
      settle('d1', true);
      t.ok(await crank(() => loud(before).length > 2));
      t.ok(bytes(loud(before).slice(0, 2)).equals(old), 'the same samples');
      t.same(
        h.upstream('text').filter(({ name }) => name === 'talkgraph/interrupted'),
        [],
      );
    },
  );

  t.test('a short draft that has left whole can be taken back as well, or is over', async (t) => {
    const { h, write, loud, crank, settle, frames } = await bench(t);
    const schedule = () =>
      told(h, 'schedule').flatMap(({ fields }) => JSON.parse(String(fields['entry'])).say ?? []);
    await write('d1', '440:0.08', { draft: true, due: 2e9 });
    t.ok(await crank(() => events(h, 'utterance-end').length > 0 && loud().length > 1));
    settle('d1', false);
    const before = frames().length;
    t.notOk(await crank(() => loud(before).length > 0, 20));
    t.same(schedule(), []);
    const due = Math.round((h.pipeline.runningTime() ?? 0) + 2e9);
    await write('d2', '330:0.08', { draft: true, due });
    t.ok(await crank(() => events(h, 'utterance-end').length > 1 && loud(before).length > 1));
    settle('d2', true);
    await until(() => schedule().length > 0);
    t.match(schedule(), [{ id: 'd2' }]);
    const then = frames().length;
    await write('c', '550:0.4');
    t.ok(await crank(() => loud(then).length > 0));
  });

  t.test('of a draft that is dropped when it is heard already it is told what was heard', async (t) => {
    const { h, write, loud, crank, settle } = await bench(t);
    await write('d1', '440:0.8', { draft: true, due: 2e9 });
    t.ok(await crank(() => loud().length > 0));
    // A machine that sees nothing for so long, and then that it is too late.
    const begun = loud()[0]?.pts ?? 0;
    h.clock.advance(begun + 100e6 - (h.pipeline.runningTime() ?? 0));
    const left = loud().length;
    t.ok(await crank(() => loud().length > left));
    t.same(events(h, 'cut'), [], 'it goes on');
    settle('d1', false);
    await until(() => told(h, 'interrupted').length > 0);
    await until(() => events(h, 'cut').length === 1);
    const interrupted = told(h, 'interrupted');
    t.match(interrupted, [{ fields: { id: 'd1' } }]);
    const ms = Number(interrupted[0]?.fields['heard-ms']);
    t.ok(ms >= 100 && ms < 400, `${ms} ms`);
    const writer = () => h.upstream('text').filter(({ name }) => name === 'talkgraph/heard');
    await until(() => writer().length > 0);
    t.match(writer(), [{ fields: { id: 'd1', text: String } }]);
  });

  t.test(
    'where drafts are kept late the next one leaves so much room, and not because of a single one',
    async (t) => {
      const { h, write, loud, crank, settle, frames } = await bench(t);
      const now = () => h.pipeline.runningTime() ?? 0;
      /** Writes a draft and tells how far behind its time it begins; it is kept `late` ms behind that time. */
      const draft = async (id: string, late: number) => {
        const [before, due] = [frames().length, now() + 2e9];
        await write(id, '440:0.4', { draft: true, due });
        t.ok(await crank(() => loud(before).length > 0));
        const behind = (loud(before)[0]?.pts ?? 0) - due;
        const cuts = events(h, 'cut').length;
        t.ok(await crank(() => now() >= due + late * 1e6));
        const taken = events(h, 'cut').length - cuts;
        settle(id, true);
        await crank(() => false, 60);
        return { behind, taken };
      };
      const first = await draft('d1', 150);
      const second = await draft('d2', 150);
      t.ok(second.behind - first.behind < 40e6, 'one that was held up makes the next one no later');
      const third = await draft('d3', 100);
      t.ok(third.behind - first.behind > 80e6, `${first.behind / 1e6}, then ${third.behind / 1e6} ms`);
      t.same([first.taken, second.taken, third.taken], [1, 1, 0], 'what has room is not taken back');
    },
  );
});
