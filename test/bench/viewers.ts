/**
 * What one more viewer of a session costs: everybody is sent the same encode, so that it is encryption and sending, nothing else.
 *
 * A speaking session of the default avatar as `talkgraph serve` makes it, 512x512, and viewers of our own in another process. CPU is
 * that of the session's process alone, so it counts the session itself, too; a viewer is the difference to one viewer.
 */
import { openGraph } from '../../src/graph/open.js';
import { Audience, type Seen } from './support/audience.js';
import { prepare, SIZE, viewersOf, wait } from './support/face.js';
import { progress, type Row, report } from './support/report.js';

const VIEWERS = [1, 10, 25, 50];
const SECONDS = 10;
const SETTLE_S = 4;
const TEXT = 'Fifty people watch me now, and I speak to all of them from one and the same encoder. '.repeat(
  40,
);

const avatar = await prepare();
const { pipeline, ends } = await openGraph('graphs/webrtc.yaml', { ...SIZE, model: 'tinylip' });
pipeline.on('error', (error) => {
  throw error;
});
pipeline.on('mark', ({ name, fields }) => {
  if (name === 'viewer-left') progress(`a viewer left: ${fields['reason']}`);
});
await pipeline.play();
const sink = viewersOf(ends.out);
const audience = Audience.begin(async (offer) => (await sink.answer(offer)).sdp);
ends.in?.emit('say', TEXT, null, null);

interface Step extends Seen {
  readonly viewers: number;
  /** Cores in use by the session's process. */
  readonly cpu: number;
}

const steps: Step[] = [];
for (const viewers of VIEWERS) {
  await audience.grow(viewers);
  await wait(SETTLE_S * 1000);
  const watching = audience.watch(SECONDS);
  const [cpu, begun] = [process.cpuUsage(), performance.now()];
  await wait(SECONDS * 1000);
  const { user, system } = process.cpuUsage(cpu);
  const used = (user + system) / 1000 / (performance.now() - begun);
  const seen = await watching;
  steps.push({ ...seen, viewers, cpu: used });
  progress(
    `${viewers}: ${used.toFixed(2)} cores, ${Math.min(...seen.fps).toFixed(2)} to ${Math.max(...seen.fps).toFixed(2)} fps, ${Math.round(seen.packets)} packets/s, one decoded ${seen.decoded} of ${seen.received}`,
  );
}
audience.end();
await pipeline.close();
avatar.close();

const [one] = steps;
const rows = steps.flatMap(({ viewers, cpu, fps, packets, decoded, received }): Row[] => [
  {
    what: `${viewers} viewers: pictures per second of the slowest`,
    unit: 'fps',
    n: viewers,
    value: Math.min(...fps),
    budgets: [{ of: 'value', min: 24.8 }],
    note: `${Math.round(packets)} packets per second to all of them; one decoded ${decoded} of ${received} pictures`,
  },
  { what: `${viewers} viewers: the session's process`, unit: '% of a core', n: 1, value: 100 * cpu },
  ...(one === undefined || viewers === 1
    ? []
    : [
        {
          what: `${viewers} viewers: each more than the first`,
          unit: '% of a core',
          n: viewers - 1,
          value: (100 * (cpu - one.cpu)) / (viewers - 1),
          budgets: [{ of: 'value' as const, max: 2 }],
        },
      ]),
]);
report(rows);
