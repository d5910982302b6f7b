/**
 * What each H.264 encoder of a graphics card is told.
 *
 * Properties are those of GStreamer's documentation and source, 1.22 to 1.28 (nvcodec: GstNvBaseEnc and GstNvEncoder, va: GstVaH264Enc,
 * qsv: GstQsvH264Enc); all take their bitrate in kbit/s, also while they run. They differ by version and by card, so each is only told
 * what the element of this machine has: NVENC's old element has `rc-mode` and `zerolatency`, its new one `rate-control` and
 * `zero-reorder-delay`. None of them has been seen by us on a real card; trial.ts looks at what each one does before it is used.
 */
import { describe } from '../graph/catalog.js';
import type { Hardware } from './names.js';

/** What an encoder has to do. */
export interface Wanted {
  /** bit/s, of which `buffer` ms may leave at once. */
  readonly bitrate: number;
  readonly buffer: number;
  /** Frames between key frames nobody asked for. */
  readonly keyInterval: number;
  readonly profile: 'constrained-baseline' | 'main';
  /** No picture is better than this quantizer makes it, so that easy ones cost less than the bitrate; 0: any may be. */
  readonly leastQp?: number;
}

/** A property, and what it is set to: of several values the first one that it takes. */
type Setting = readonly [property: string, ...values: readonly (string | number | boolean)[]];

type Settings = (wanted: Wanted, kbit: number, buffered: number) => readonly Setting[];

const va: Settings = ({ keyInterval, leastQp = 0 }, kbit, buffered) => [
  ['rate-control', 'cbr'],
  ['bitrate', kbit],
  ['cpb-size', buffered],
  ['key-int-max', keyInterval],
  ['b-frames', 0],
  ['ref-frames', 1],
  ['aud', false],
  ['min-qp', Math.max(1, leastQp)],
];

const SETTINGS: Readonly<Record<Hardware, Settings>> = {
  nvh264enc: ({ keyInterval, leastQp = 0 }, kbit, buffered) => [
    ['preset', 'p4', 'low-latency-hq'],
    ['tune', 'ultra-low-latency'],
    ['rc-mode', 'cbr'],
    ['rate-control', 'cbr'],
    ['bitrate', kbit],
    ['vbv-buffer-size', buffered],
    ['gop-size', keyInterval],
    ['zerolatency', true],
    ['zero-reorder-delay', true],
    ['bframes', 0],
    ['b-frames', 0],
    ['rc-lookahead', 0],
    ['aud', false],
    ['repeat-sequence-header', true],
    ...(leastQp === 0
      ? []
      : (['qp-min', 'min-qp-i', 'min-qp-p'] as const).map((name): Setting => [name, leastQp])),
  ],
  vah264enc: va,
  vah264lpenc: va,
  qsvh264enc: ({ keyInterval, leastQp = 0 }, kbit) => [
    ['rate-control', 'cbr'],
    ['bitrate', kbit],
    ['max-bitrate', kbit],
    ['gop-size', keyInterval],
    ['b-frames', 0],
    ['ref-frames', 1],
    ['low-latency', true],
    ['min-qp-i', leastQp],
    ['min-qp-p', leastQp],
  ],
};

/** Baseline without what only baseline has is constrained baseline, and NVENC's old element has no other word for it. */
const PROFILES = {
  'constrained-baseline': '{(string)constrained-baseline,(string)baseline}',
  main: 'main',
};

/**
 * Launch text from raw video to H.264 by one of them. `label` names the encoder inside.
 * Throws `core/missing-element` where it is not installed, or does not work on this machine.
 */
export function hardwareText(name: Hardware, label: string, wanted: Wanted): string {
  const kbit = Math.round(wanted.bitrate / 1000);
  const buffered = Math.round((kbit * wanted.buffer) / 1000);
  const settings = SETTINGS[name](wanted, kbit, buffered);
  const { properties } = describe(name);
  const told = settings.flatMap(([property, ...values]) => {
    const has = properties.find((one) => one.name === property && one.writable);
    if (has === undefined) return [];
    const value = values
      .map((one) => (typeof one === 'number' ? within(one, has.min, has.max) : one))
      .find((one) => has.values === undefined || has.values.some(({ nick }) => nick === one));
    return value === undefined ? [] : [`${property}=${value}`];
  });
  return (
    `videoconvert ! video/x-raw,format=NV12 ! ${name} name=${label} ${told.join(' ')} ` +
    `! capsfilter caps=video/x-h264,profile=${PROFILES[wanted.profile]},stream-format=byte-stream,alignment=au`
  );
}

/** VA's encoders take 1024 frames between key frames at most. */
function within(value: number, min: unknown, max: unknown): number {
  const bound = (limit: unknown, otherwise: number) =>
    typeof limit === 'number' || typeof limit === 'bigint' ? Number(limit) : otherwise;
  return Math.min(
    Math.max(value, bound(min, Number.NEGATIVE_INFINITY)),
    bound(max, Number.POSITIVE_INFINITY),
  );
}
