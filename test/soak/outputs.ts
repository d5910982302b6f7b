/**
 * One session that feeds everything at once: Chromium that measures, aiortc (VP8), a receiver of our own, RTMP through nginx, WHIP to
 * aiortc, a recording, a camera (fake device). Each is killed and revived in turn, while those beside it are watched by content: none
 * may lose its flashes and beeps, nor their being together. Over the whole time, which is real, they may not drift apart.
 *
 *   node --expose-gc dist/test/soak/outputs.js [SHARE]      30 minutes x SHARE, every output killed once
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as later } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openGraph } from '../../src/graph/open.js';
import { closeSharedPool } from '../../src/inference/index.js';
import { closeVoices } from '../../src/voice/index.js';
import { prepare } from '../bench/support/face.js';
import { bias } from '../bench/support/zero.js';
import { Camera } from '../support/camera.js';
import { hasAiortc } from '../support/foreign.js';
import { CameraMeter, hasCamera } from '../support/outputs/camera.js';
import { Lab, type Meter, type Pair, TONES } from '../support/outputs/meter.js';
import { AiortcMeter, ChromiumMeter, ReceiverMeter } from '../support/outputs/players.js';
import { RecordingMeter } from '../support/outputs/recording.js';
import { RtmpMeter, WhipMeter } from '../support/outputs/servers.js';
import { Chromium, hasChromium } from '../webrtc/support/chromium.js';
import { quantile, skewOf } from '../webrtc/support/skew.js';

const SHARE = Number(process.argv[2] ?? 1);
/** A short run kills each of them as well, and gives it no more time than it takes to see that the others go on. */
const SHORT = SHARE < 0.1;
const SECONDS = SHORT ? 45 : 1800 * SHARE;
/** Of the events of a round those that each of the others must have had; whoever begins a file or a player anew misses one or two. */
const SEEN = SHORT ? 0.5 : 0.7;
/** ms that an output stays dead. */
const DEAD = 1000;
/** ms that voice and face may be apart at the median; a browser's own clocks are only as good as its screen and the machine's leisure. */
const APART: Readonly<Record<string, number>> = {
  chromium: 100,
  receiver: 5,
  rtmp: 10,
  mp4: 10,
  'camera, fake': 40,
};
const APART_ELSE = 20;
/** ms an hour, where the run is long enough to tell and the output exact enough. What aiortc gives moves in steps of 1 ms, which is 2 in half an hour. */
const DRIFT: Readonly<Record<string, number>> = { 'aiortc, VP8': 3, whip: 3 };
const DRIFT_ELSE = 1;
const TELLS = 0.9;
/** Further from the median than half a picture is a mouth that this machine was too slow for, and no drift. ms */
const MISSED = 20;

/** Begins this program anew, with a camera. */
async function withCamera(): Promise<number> {
  const camera = await Camera.make();
  const folder = await mkdtemp(join(tmpdir(), 'talkgraph-soak-'));
  const child = spawn(
    process.execPath,
    [...process.execArgv, fileURLToPath(import.meta.url), String(SHARE)],
    {
      stdio: 'inherit',
      env: { TALKGRAPH_LOG: 'error', ...process.env, ...camera.environment(join(folder, 'lines')) },
    },
  );
  const [code] = (await once(child, 'exit')) as [number | null];
  await camera.close();
  await rm(folder, { recursive: true, force: true });
  return code ?? 1;
}

async function soak(): Promise<string[]> {
  const problems: string[] = [];
  const avatar = await prepare();
  // A page needs ten seconds to settle, and as long for its zero: in a short run it has to see and to hear, no more.
  const zero = hasChromium && !SHORT ? await bias() : 0;
  const lab = new Lab(await openGraph('graphs/lab/sync.yaml', { text: TONES, 'frame-size': '20' }));
  await lab.pipeline.play();
  const chromium = new ChromiumMeter(lab, () => Chromium.launch());
  chromium.bias = zero;
  const meters: Meter[] = [
    new ReceiverMeter(lab),
    new RtmpMeter(lab),
    new RecordingMeter(lab, 'mp4'),
    new CameraMeter(lab),
    ...(hasAiortc ? [new AiortcMeter(lab), new WhipMeter(lab)] : []),
    ...(hasChromium ? [chromium] : []),
  ];
  const all = new Map<string, Pair[]>(meters.map(({ name }) => [name, []]));
  for (const meter of meters) await meter.begin();
  const round = SECONDS / meters.length;
  for (const victim of meters) {
    for (const meter of meters) await meter.take();
    const begun = performance.now();
    await victim.kill();
    await later(DEAD);
    await victim.begin();
    const revived = performance.now();
    await later(Math.max(0, round * 1000 - (revived - begun)));
    const seconds = (performance.now() - begun) / 1000;
    const told: string[] = [];
    for (const meter of meters) {
      const { pairs } = await meter.take();
      if (meter === victim) continue;
      all.get(meter.name)?.push(...pairs);
      const median = quantile(
        pairs.map(({ skew }) => skew),
        0.5,
      );
      told.push(`${meter.name} ${pairs.length}: ${median.toFixed(1)} ms`);
      if (pairs.length < SEEN * (seconds - 2))
        problems.push(
          `${meter.name} had ${pairs.length} events in ${seconds.toFixed(0)} s while ${victim.name} was killed`,
        );
      if (!(SHORT && meter === chromium) && !(Math.abs(median) <= (APART[meter.name] ?? APART_ELSE)))
        problems.push(`${meter.name} was ${median.toFixed(1)} ms apart while ${victim.name} was killed`);
    }
    console.log(
      `${victim.name} killed, back after ${((revived - begun - DEAD) / 1000).toFixed(1)} s; ${told.join(', ')}`,
    );
  }
  for (const [name, pairs] of all) problems.push(...judged(name, pairs));
  for (const meter of meters) await meter.end();
  await lab.pipeline.close();
  avatar.close();
  await closeVoices();
  await closeSharedPool();
  return [...problems, ...lab.errors];
}

function judged(name: string, pairs: readonly Pair[]): string[] {
  const { median } = skewOf(pairs);
  const kept = pairs.filter(({ skew }) => Math.abs(skew - median) <= MISSED);
  const { n, min, max, p99, driftPerHour } = skewOf(name === 'chromium' ? pairs : kept);
  console.log(
    `${name}: ${pairs.length} events, ${pairs.length - kept.length} of them over ${MISSED} ms from the median; median ${median.toFixed(2)} ms, ${min.toFixed(2)} to ${max.toFixed(2)}, p99 ${p99.toFixed(2)}, drift ${driftPerHour.toFixed(2)} ms/h`,
  );
  if (SHARE < TELLS || n < 100 || name in { chromium: 0, 'camera, fake': 0 }) return [];
  return Math.abs(driftPerHour) <= (DRIFT[name] ?? DRIFT_ELSE)
    ? []
    : [`${name} drifts by ${driftPerHour.toFixed(2)} ms an hour`];
}

if (hasCamera) {
  const problems = await soak();
  for (const problem of problems) console.error(`not as it should be: ${problem}`);
  process.exit(problems.length === 0 ? 0 : 1);
} else process.exit(await withCamera());
