/** Speech of a voice behind a service that is cut at random moments: what its connection and the listener see of each cut. */
import { setTimeout as wait } from 'node:timers/promises';
import TtsSrc from '../../elements/ttssrc.js';
import { register } from '../../src/element/index.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import { OpenAiSpeech } from '../fakes/fake-openai-speech.js';
import { Hangups } from './hangups.js';

register(TtsSrc);

const TEXT = 'alpha bravo charlie delta echo foxtrot golf hotel india juliet kilo lima mike november.';

/** ms from each cut until we let go of the voice's connection; Infinity where we did not. */
export async function cutVoice(count: number, random: () => number): Promise<number[]> {
  const fake = await new OpenAiSpeech().listen();
  const kept = { ...process.env };
  Object.assign(process.env, fake.environment);
  // Half of the sound comes, and the rest is waited for until nobody wants it any more.
  fake.fail('stall');
  const hangups = new Hangups();
  const pipeline = Pipeline.launch('ttssrc name=say voice=openai ! fakesink sync=true');
  const until = async (ready: () => boolean) => {
    while (!ready()) await wait(1);
  };
  const times: number[] = [];
  try {
    await pipeline.play();
    const say = pipeline.element('say');
    for (let n = 1; n <= count; n++) {
      say.emit('say', `${n} ${TEXT}`);
      await until(() => fake.calls === n);
      const when = (pipeline.runningTime() ?? 0) + random() * 600e6;
      await until(() => (pipeline.runningTime() ?? 0) >= when);
      const hungUp = fake.hungUp();
      const before = performance.now();
      say.emit('cut');
      await hungUp;
      times.push((hangups.at(fake.address).find((at) => at >= before) ?? Number.POSITIVE_INFINITY) - before);
    }
  } finally {
    hangups.end();
    await pipeline.close();
    await fake.close();
    process.env = kept;
  }
  return times;
}
