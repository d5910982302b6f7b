/** What is to be served, as the options say. */
import { isIP } from 'node:net';
import { ENCODER_VALUES } from '../../encode/names.js';
import type { Rates } from '../../server/limits.js';
import type { TlsFiles } from '../../server/listen.js';
import { type TraceSettings, traceSettings } from '../../server/traces/index.js';
import { type RecogniserChoice, usualGraph } from '../../session/graphs.js';
import { type Bounds, GRACE } from '../../session/lifetimes.js';
import type { SessionSettings } from '../../session/session.js';
import type { Queue, SessionIds } from '../../session/sessions.js';
import { UsageError } from '../exit.js';
import type { Settings } from '../livetalking/settings.js';

export interface Plan {
  readonly host: string;
  readonly port: number;
  readonly limit: number;
  readonly ids: SessionIds;
  readonly avatar: string;
  /** What viewers' sessions are made of. */
  readonly settings: SessionSettings;
  /** What sessions 0, 1, … are made of, where some stand from the start. */
  readonly standing: readonly SessionSettings[];
  /** Who understands speech. */
  readonly asr: RecogniserChoice;
  /** LiveTalking's list of custom actions. */
  readonly actions: string | undefined;
  /** Sites whose pages may ask. */
  readonly origins: readonly string[];
  readonly insecure: boolean;
  /** Graphs of the caller's own are run. */
  readonly editGraphs: boolean;
  readonly rates: Rates | false;
  readonly log: boolean;
  readonly queue: Queue;
  readonly bounds: Bounds;
  readonly tls: TlsFiles | undefined;
  /** Places that outputs may be added to. */
  readonly outputs: readonly string[];
  /** Proxies that are believed. */
  readonly trustProxy: readonly string[];
  /** File for who did what. */
  readonly audit: string | undefined;
  /** Where traces go. */
  readonly traces: TraceSettings | undefined;
}

type Options = Settings['options'];
type Parameters = Record<string, string | number>;

/** What a batch may hold, as the graphs say. */
const LARGEST_BATCH = 64;

/** ms that a client waits for a place: less than the minute after which proxies and browsers give up. */
const WAIT = 30_000;

/** Minutes. */
const WEEK = 7 * 24 * 60;

/** What counts when nobody says anything. */
export const DEFAULTS = {
  host: '127.0.0.1',
  port: '8010',
  'max-session': '5',
  'session-ids': 'uuid',
  transport: 'webrtc',
  avatar: 'ava',
  rate: '120',
  queue: '0',
  'max-per-client': '0',
  idle: '0',
  'max-length': '0',
} as const;

/** Reads the options. Throws UsageError for what cannot be. */
export function planOf(said: Options): Plan {
  const options = { ...DEFAULTS, ...said };
  const { avatar, graph } = options;
  const face: Parameters = { avatar };
  copy(options, face, 'model', 'voice', 'background');
  number(options, face, 'batch-size', 0, LARGEST_BATCH);
  const network: Parameters = {};
  copy(options, network, 'port-range', 'public-ip', 'stun', 'turn');
  if (options['ice-tcp'] === 'true') network['ice-tcp'] = 'true';
  number(options, network, 'max-connecting', 1, 1000);
  number(options, network, 'bitrate', 50_000, 50_000_000);
  const encodes = encoderOf(options.encoder);
  Object.assign(network, encodes);
  if (options.codec !== undefined) network['codec'] = choice(options.codec, 'codec', CODECS);
  const asr = { engine: options.asr, url: options['asr-url'], model: options['asr-model'] };
  if ((asr.engine ?? '') === '' && (asr.url ?? asr.model) !== undefined)
    throw new UsageError(
      '--asr-url and --asr-model are for a recogniser: name it by --asr openai, or another.',
    );
  const usual = usualGraph(
    {
      url: options['llm-url'],
      model: options['llm-model'],
      prompt: options['system-prompt'],
      temperature: warmth(options.temperature),
      tools: options.tools,
    },
    asr,
    graph,
  );
  const limit = whole(options['max-session'], 'max-session', 1, 10_000);
  return {
    host: options.host,
    port: whole(options.port, 'port', 0, 65535),
    limit,
    ids: choice(options['session-ids'], 'session-ids', ['uuid', 'number']),
    avatar,
    settings: {
      graph: usual.graph,
      parameters: { ...usual.parameters, ...face, ...network },
    },
    standing: standing(options, face, encodes, limit),
    actions: options.actions,
    asr,
    origins: originsOf(options.cors ?? ''),
    insecure: options.insecure === 'true',
    editGraphs: options['edit-graphs'] === 'true',
    rates: ratesOf(whole(options.rate, 'rate', 0, 1_000_000)),
    log: options.log === 'true',
    queue: { places: whole(options.queue, 'queue', 0, 1000), ms: WAIT },
    bounds: {
      perClient: whole(options['max-per-client'], 'max-per-client', 0, 10_000),
      idleMs: whole(options.idle, 'idle', 0, WEEK) * 60_000,
      longestMs: whole(options['max-length'], 'max-length', 0, WEEK) * 60_000,
      graceMs: GRACE,
    },
    tls: tlsOf(options['tls-cert'], options['tls-key']),
    outputs: listOf(options.outputs ?? ''),
    trustProxy: proxiesOf(options['trust-proxy'] ?? ''),
    audit: options.audit,
    traces: traceSettings(options.otlp, process.env),
  };
}

function tlsOf(cert: string | undefined, key: string | undefined): TlsFiles | undefined {
  if (cert !== undefined && key !== undefined) return { cert, key };
  if (cert === key) return undefined;
  throw new UsageError('TLS needs both --tls-cert FILE and --tls-key FILE.');
}

function originsOf(list: string): string[] {
  const origins = listOf(list).map((one) => one.replace(/\/$/, ''));
  return origins.filter((one) => {
    if (one === '*' || (URL.canParse(one) && new URL(one).origin === one)) return true;
    throw new UsageError(`--cors takes sites as https://a.example, or "*", not "${one}".`);
  });
}

const listOf = (list: string): string[] =>
  list
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');

/** Proxies by address or network. All the world is no proxy: whoever asks would say himself who he is. */
function proxiesOf(list: string): string[] {
  return listOf(list).filter((one) => {
    const [address = '', bits, more] = one.split('/');
    const most = isIP(address) === 4 ? 32 : 128;
    const fits = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) >= 1 && Number(bits) <= most);
    if (isIP(address) !== 0 && fits && more === undefined) return true;
    throw new UsageError(
      `--trust-proxy takes addresses and networks of proxies, as 127.0.0.1,10.0.0.0/8, not "${one}".`,
    );
  });
}

/** The other limits follow. */
const ratesOf = (offers: number): Rates | false =>
  offers === 0 ? false : { offers, work: offers, other: offers * 25 };

const TRANSPORTS = ['webrtc', 'rtmp', 'virtualcam', 'rtcpush'] as const;

const CODECS = ['auto', 'viewer', 'h264', 'vp8', 'vp9'] as const;

/** Where LiveTalking publishes to unless it is told: an SRS beside it. */
const WHIP = 'http://localhost:1985/rtc/v1/whip/?app=live&stream=livestream';

/** The graphs of the sessions that stand from the start, for the transports that have some. */
function standing(
  options: Options,
  face: Parameters,
  encodes: Parameters,
  places: number,
): SessionSettings[] {
  const transport = choice(options.transport ?? 'webrtc', 'transport', TRANSPORTS);
  const target = options['push-url'] ?? '';
  if (transport === 'rtmp') {
    if (!/^rtmps?:\/\//.test(target))
      throw new UsageError('--transport rtmp needs --push-url rtmp://HOST/APPLICATION/KEY');
    const parameters: Parameters = { ...face, ...encodes, url: target };
    number(options, parameters, 'bitrate', 50_000, 50_000_000);
    return [{ graph: 'rtmp.yaml', parameters }];
  }
  if (transport === 'virtualcam') {
    // A list of options of LiveTalking's names a server of media that no camera needs.
    const device = target.startsWith('/') ? { device: target } : {};
    return [{ graph: 'virtualcam.yaml', parameters: { ...face, ...device } }];
  }
  if (transport === 'rtcpush') {
    const url = target === '' ? WHIP : target;
    if (!/^https?:\/\//.test(url))
      throw new UsageError('--transport rtcpush needs --push-url https://HOST/PATH');
    const parameters: Parameters = { ...face, ...encodes };
    copy(options, parameters, 'port-range');
    number(options, parameters, 'bitrate', 50_000, 50_000_000);
    // One for each place; the numbers are put behind the address, as LiveTalking does.
    return Array.from({ length: places }, (_, n) => ({
      graph: 'whip.yaml',
      parameters: { ...parameters, url: n === 0 ? url : `${url}${n}` },
    }));
  }
  return [];
}

/** A parameter of every graph that encodes video. */
const encoderOf = (name: string | undefined): Parameters =>
  name === undefined ? {} : { encoder: choice(name, 'encoder', ENCODER_VALUES) };

function copy(options: Options, into: Parameters, ...names: readonly (keyof Options)[]): void {
  for (const name of names) {
    const value = options[name];
    if (value !== undefined) into[name] = value;
  }
}

function number(options: Options, into: Parameters, name: keyof Options, min: number, max: number): void {
  const value = options[name];
  if (value !== undefined) into[name] = whole(value, name, min, max);
}

function warmth(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= 2) return value;
  throw new UsageError(`--temperature takes a number from 0 to 2, not "${text}".`);
}

function whole(text: string, name: string, min: number, max: number): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isInteger(value) && value >= min && value <= max) return value;
  throw new UsageError(`--${name} takes a whole number from ${min} to ${max}, not "${text}".`);
}

function choice<const T extends string>(text: string, name: string, of: readonly T[]): T {
  const found = of.find((one) => one === text);
  if (found !== undefined) return found;
  throw new UsageError(`--${name} takes ${of.slice(0, -1).join(', ')} or ${of.at(-1)}, not "${text}".`);
}
