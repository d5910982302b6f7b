/**
 * A thousand utterances of random length through each voice behind a service: no sample lost, no growth, no connection left.
 *
 *     node dist/test/soak/services.js [share or count]      1 = 1,000 of each; npm test runs a twentieth
 *
 * Each engine speaks to its fake (test/fakes), which sends its sound in torn pieces. Every fifth utterance is cut at a random moment:
 * its call must be gone at the end as well. Prints one line per engine and exits with 1 when something does not hold.
 */
import { readdir } from 'node:fs/promises';
import { clearSpeechCache, closeVoices, speak } from '../../src/voice/index.js';
import type { Fake, FakeService } from '../fakes/service.js';
import { Trend } from './support/trend.js';

const WORDS =
  'the a quick brown fox jumps over 3.14 lazy dogs, while Dr. Smith pays and sings! 你好，世界。'.split(' ');
/** Bytes an utterance may leave behind. */
const LIMIT = 8 * 1024;
/** Utterances of each engine after which allocators and connections have settled. */
const SETTLED = 300;

const asked = Number(process.argv[2] ?? 1);
const each = Math.max(1, Math.round(asked <= 1 ? 1000 * asked : asked));
let seed = 1;
const random = (below: number): number => {
  seed = (seed * 48271) % 2147483647;
  return seed % below;
};
const text = (): string =>
  `${Array.from({ length: 1 + random(25) }, () => WORDS[random(WORDS.length)]).join(' ')}.`;

interface Voice {
  readonly engine: string;
  readonly service: FakeService;
  seconds: number;
  cuts: number;
  wrong: number;
}

const folder = new URL('../fakes/', import.meta.url);
const voices: Voice[] = [];
for (const file of (await readdir(folder)).filter((name) => /^fake-.*\.js$/.test(name)).sort()) {
  const { default: fake }: { default?: Fake } = await import(new URL(file, folder).href);
  if (fake?.engine === undefined) continue;
  voices.push({ engine: fake.engine, service: await fake.open(), seconds: 0, cuts: 0, wrong: 0 });
}

/** Lets the event loop turn, 20 times at least, until something holds. */
async function turns(holds: () => boolean): Promise<void> {
  for (let n = 0; n < 1000 && (n < 20 || !holds()); n++)
    await new Promise((resolve) => setImmediate(resolve));
}

/** Says one text and counts; the fake's own notes of it go at once. */
async function say(voice: Voice, n: number): Promise<void> {
  const { engine, service } = voice;
  // A question that was cut on its way may still arrive.
  await turns(() => service.busy === 0);
  service.said.length = 0;
  const stopAfter = n % 5 === 4 ? random(12) : Number.POSITIVE_INFINITY;
  const rate = [16000, 24000, 48000][n % 3]!;
  let [count, chunks] = [0, 0];
  // Some variables belong to whichever engine is used, as in LiveTalking (REF_FILE).
  Object.assign(process.env, service.environment);
  for await (const { samples } of speak({ text: text(), voice: engine, rate })) {
    count += samples.length;
    if (++chunks > stopAfter) break;
  }
  for (const name of Object.keys(service.environment)) delete process.env[name];
  const sent = service.said.reduce((sum, said) => sum + service.sound(said).length, 0);
  if (chunks > stopAfter) voice.cuts++;
  else if (count !== Math.round((sent * rate) / service.rate)) voice.wrong++;
  voice.seconds += count / rate;
  (service as { asked?: unknown[] }).asked?.splice(0);
}

const total = each * voices.length;
const trend = new Trend('utterance', total, SETTLED * voices.length);
const looks = new Set(trend.stops());
const begun = performance.now();
for (let n = 0; n < total; n++) {
  await say(voices[n % voices.length]!, Math.floor(n / voices.length));
  if (!looks.has(n + 1)) continue;
  // What it keeps on purpose is no growth.
  clearSpeechCache();
  await trend.look(n + 1);
}
const took = (performance.now() - begun) / 1000;
const settled = trend.judge(LIMIT);
await closeVoices();

let left = 0;
for (const { engine, service, seconds, cuts, wrong } of voices) {
  // The other side of a connection learns of its end in a turn of its own.
  await turns(() => service.connections === 0);
  left += service.connections + service.busy;
  console.log(
    `${engine}: ${each} utterances, ${seconds.toFixed(0)} s of speech, ${cuts} cut, ${wrong} with a wrong total, ${service.connections} connections left`,
  );
  await service.close();
}
const spoken = voices.reduce((sum, { seconds }) => sum + seconds, 0);
console.log(`${voices.length} engines, ${(spoken / took).toFixed(0)} x real time`);
const alive = process
  .getActiveResourcesInfo()
  .filter((kind) => /TCPSocket|TLS|Worker|MessagePort/.test(kind));
if (alive.length > 0) console.log(`left alive: ${alive.join(' ')}`);
if (left > 0 || alive.length > 0 || !settled || voices.some(({ wrong }) => wrong > 0)) process.exitCode = 1;
