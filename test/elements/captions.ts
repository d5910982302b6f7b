/** Captions of speech as files, read back. */
import { readFile } from 'node:fs/promises';
import t from 'tap';
import CaptionsElement from '../../elements/captions.js';
import CutGate from '../../elements/cutgate.js';
import RecordSink from '../../elements/recordsink.js';
import TtsSrc from '../../elements/ttssrc.js';
import { register } from '../../src/element/index.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import type { Sample } from '../../src/graph/samples.js';
import { closeVoices } from '../../src/voice/index.js';
import { harness, isEvent } from '../support/harness.js';
import { until } from '../support/script.js';

for (const element of [CaptionsElement, CutGate, RecordSink, TtsSrc]) register(element);
t.teardown(() => closeVoices());

const TEXT =
  'Good morning & <welcome>. This is a long sentence, which goes on and on, and will not be over before some seconds have passed.';

async function play(line: string): Promise<void> {
  const pipeline = Pipeline.launch(line);
  const failed = new Promise<never>((_, reject) => pipeline.on('error', reject));
  failed.catch(() => undefined);
  try {
    await Promise.race([pipeline.play().then(() => pipeline.finished()), failed]);
  } finally {
    await pipeline.close();
  }
}

/** The cues of a recording's text track that are not empty: ms, ms, text. */
async function track(file: string): Promise<[number, number, string][]> {
  const demux = file.endsWith('.mkv') ? 'matroskademux' : 'qtdemux';
  const rest = ['video', 'audio'].map((pad) => `d.${pad}_0 ! queue ! fakesink sync=false`).join(' ');
  const pipeline = Pipeline.launch(
    `filesrc location=${file} ! ${demux} name=d d.subtitle_0 ! queue ! appsink name=out sync=false ${rest}`,
  );
  const samples: Sample[] = [];
  pipeline.element('out').onSamples((batch) => void samples.push(...batch));
  try {
    await pipeline.play();
    await pipeline.finished();
  } finally {
    await pipeline.close();
  }
  return samples.flatMap(({ pts = 0, duration = 0, data }): [number, number, string][] => {
    const text = Buffer.from(data).toString().trim();
    // What matroskademux gives is markup.
    const plain = text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
    return plain === '' ? [] : [[pts / 1e6, (pts + duration) / 1e6, plain]];
  });
}

for (const name of ['a.mp4', 'a.mkv', 'fast.mp4'])
  t.test(`${name} has what is said as a track, and beside it as WebVTT`, async (t) => {
    const file = `${t.testdir()}/${name}`;
    const picture = 'videotestsrc num-buffers=240 ! video/x-raw,framerate=25/1,width=64,height=64 ! r.video';
    const more = name.startsWith('fast') ? 'faststart=true' : '';
    await play(
      `recordsink name=r location=${file} captions=both ${more} ttssrc is-live=false text="${TEXT}" ! r.audio ${picture}`,
    );
    const cues = await track(file);
    t.ok(cues.length >= 3, `${cues.length} cues`);
    t.equal(cues.map(([, , text]) => text).join(' '), TEXT, 'all of it, in order');
    t.ok(cues.every(([from, to]) => to > from && to - from <= 3040));
    t.ok(
      cues.every(([from], n) => n === 0 || from >= (cues[n - 1]?.[1] ?? 0) - 2),
      'one after the other',
    );
    const vtt = await readFile(file.replace(/\.\w+$/, '.vtt'), 'utf8');
    const blocks = vtt.trim().split('\n\n');
    t.equal(blocks[0], 'WEBVTT');
    t.match(blocks[1], /^00:00:00\.000 --> 00:00:0\d\.\d{3}\nGood morning &amp; &lt;welcome&gt;\.$/);
    const times = blocks.slice(1).map((block) => Number(/:(\d\d\.\d{3}) -->/.exec(block)?.[1]) * 1000);
    t.ok(
      times.every((time, n) => Math.abs(time - (cues[n]?.[0] ?? Number.NaN)) <= 2),
      'at the same times as the track',
    );
    t.equal(times.length, cues.length);
  });

t.test('cues are where the marks are; silence is gaps, so that nobody waits for text', async (t) => {
  const h = await harness('captions', {
    caps: 'audio/x-raw,format=S16LE,layout=interleaved,channels=1,rate=8000',
  });
  t.teardown(() => h.close());
  const sound = async (from: number, to: number) => {
    for (let n = from * 25; n < to * 25; n++)
      await h.push({ data: new Uint8Array(640), pts: n * 40e6, duration: 40e6 });
  };
  await sound(0, 3);
  h.event('utterance-start', { id: 'a', pts: 3e9 });
  h.event('sentence', { id: 'a', text: 'One two.', pts: 3e9 });
  h.event('word', { id: 'a', text: 'One', pts: 3e9, duration: 4e8 });
  await sound(3, 3.4);
  h.event('word', { id: 'a', text: 'two', pts: 3.4e9, duration: 4e8 });
  await sound(3.4, 3.52);
  // Cut in the first half of the second word: this is what a gate lets through of it.
  h.event('epoch', { epoch: 1, pts: 3.44e9 });
  await sound(3.52, 5);
  h.end();
  const { frames } = await h.rest();
  const all = frames.map(({ pts = 0, duration = 0, data, gap }) => [
    pts / 1e6,
    (pts + duration) / 1e6,
    gap === true,
    Buffer.from(data).toString(),
  ]);
  t.match(h.outputCaps, /text\/x-raw.*utf8/);
  t.same(all, [
    [0, 1000, true, ''],
    [1000, 2000, true, ''],
    [2000, 3000, true, ''],
    [3000, 3520, false, 'One'],
    [3520, 4520, true, ''],
    [4520, 5000, true, ''],
  ]);
  t.notOk(h.waiting.some((item) => item !== undefined && isEvent(item)));
});

t.test('a cut that comes by itself ends the cue where it says, and the sound goes on', async (t) => {
  const h = await harness('captions', {
    caps: 'audio/x-raw,format=S16LE,layout=interleaved,channels=1,rate=8000',
  });
  t.teardown(() => h.close());
  const sound = async (from: number, to: number) => {
    for (let n = from; n < to; n++)
      await h.push({ data: new Uint8Array(640), pts: n * 40e6, duration: 40e6 });
  };
  h.event('utterance-start', { id: 'a', pts: 0 });
  h.event('sentence', { id: 'a', text: 'One two.', pts: 0 });
  h.event('word', { id: 'a', text: 'One', pts: 0, duration: 4e8 });
  await sound(0, 20);
  h.event('cut', { epoch: 1, pts: 6e8 }, { oob: true });
  await sound(20, 60);
  h.end();
  const { frames } = await h.rest();
  t.same(
    frames.map(({ pts = 0, duration = 0, data }) => [
      pts / 1e6,
      (pts + duration) / 1e6,
      Buffer.from(data).toString(),
    ]),
    [
      [0, 600, 'One'],
      [600, 1600, ''],
      [1600, 2400, ''],
    ],
  );
});

t.test('a live voice that is cut: the track ends where it fell silent', async (t) => {
  const file = `${t.testdir()}/cut.mp4`;
  const pipeline = Pipeline.launch(
    `recordsink name=r location=${file} captions=track ` +
      'ttssrc name=say ! queue ! cutgate ! r.audio videotestsrc is-live=true num-buffers=60 ! video/x-raw,framerate=25/1,width=64,height=64 ! r.video',
  );
  t.teardown(() => pipeline.close());
  let heard: Readonly<Record<string, unknown>> | undefined;
  pipeline.on('mark', ({ name, fields }) => {
    if (name === 'interrupted') heard = fields;
  });
  await pipeline.play();
  const say = pipeline.element('say');
  say.emit('say', 'Alpha bravo charlie delta echo foxtrot golf hotel india juliet.');
  const reached = (ns: number) => until(() => (pipeline.runningTime() ?? 0) >= ns);
  await reached(1.4e9);
  say.emit('cut');
  await reached(2.2e9);
  await pipeline.eos();
  await pipeline.finished();
  await pipeline.close();
  const cues = await track(file);
  t.equal(cues.length, 1);
  t.ok(heard !== undefined);
  t.equal(cues[0]?.[2], heard?.['heard'], 'the words that were heard');
});

t.test('what cannot be captioned is said before anything is written', async (t) => {
  const location = `${t.testdir()}/a.wav`;
  await t.rejects(play(`audiotestsrc num-buffers=5 ! recordsink location=${location} captions=track`), {
    code: 'core/link',
    message: /captions/,
  });
  await t.rejects(
    play(`videotestsrc num-buffers=5 ! recordsink location=${t.testdir()}/a.mp4 captions=file`),
    { code: 'core/link', message: /audio/ },
  );
});
