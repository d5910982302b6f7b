/**
 * What the sinks of WebRTC have in common, whoever made the offer: their pads, properties that mean the same in each, and the
 * branches that carry what comes in to where packets leave.
 */

import type { Log, Ns, Packet, PadTemplates, Properties } from '../element/index.js';
import type { Hardware } from '../encode/names.js';
import type { Sent } from '../publish/sent.js';
import { localAddresses, parseAddresses } from './addresses.js';
import { Branches, type BranchSettings, type Outlet } from './branches.js';
import { type IceServers, iceServers } from './ice.js';
import { PacedWriter } from './pacer.js';
import { PortPool, parsePortRange } from './ports.js';

export const PADS = {
  video: {
    direction: 'sink',
    presence: 'request',
    caps:
      'video/x-raw; video/x-h264, stream-format={ (string)byte-stream, (string)avc }, alignment=au; ' +
      'video/x-vp8; video/x-vp9',
  },
  audio: {
    direction: 'sink',
    presence: 'request',
    caps: 'audio/x-raw; audio/x-opus, channel-mapping-family=0',
  },
} as const satisfies PadTemplates;

/** How hard the H.264 encoder tries. */
export const CRF = {
  type: 'uint',
  max: 50,
  ui: [18, 30],
  default: 25,
  blurb: 'H.264 quality below the bitrate, less is better; 0: always the full bitrate',
} as const satisfies Properties[string];

/** How the voice is sent besides its bitrate. */
export const VOICE = {
  'audio-fec': {
    type: 'uint',
    unit: '%',
    max: 50,
    ui: [0, 30],
    default: 0,
    blurb:
      'Loss of packets to be ready for: each says in short what the one before said (Opus, in pieces of 10 ms at least), for lines on which what is sent again comes too late; 0: none',
  },
  'audio-dtx': {
    type: 'bool',
    default: false,
    blurb: 'Silence is not sent, but for a packet each 0.4 s (Opus, in pieces of 10 ms at least)',
  },
} as const satisfies Properties;

/** How the other side is reached. */
export const REACH = {
  'port-range': {
    type: 'string',
    default: '',
    blurb: 'UDP ports to use, as 40000-40199, one for each connection; empty: any',
  },
  'public-ip': {
    type: 'string',
    default: '',
    blurb: 'Addresses to offer besides this machine’s own, separated by commas (behind NAT, in a container)',
  },
  'stun-server': { type: 'string', default: '', blurb: 'stun:HOST:PORT; empty: none is asked' },
  'turn-server': {
    type: 'string',
    default: '',
    secret: true,
    blurb: 'turn:USER:PASSWORD@HOST:PORT, turns: and ?transport=tcp too',
  },
  'turn-secret': {
    type: 'string',
    default: '',
    secret: true,
    blurb:
      'Secret shared with the TURN server (coturn: static-auth-secret), then turn-server=turn:HOST:PORT; each connection has a user of its own; empty: TURN_SECRET of the environment',
  },
} as const satisfies Properties;

type ReachProps = Readonly<Record<keyof typeof REACH, string>>;

/** What the properties of {@link REACH} say. Throws TypeError for what is written wrong. */
export function reachOf(props: ReachProps): { ports: PortPool; addresses: string[]; servers: IceServers } {
  return {
    ports: new PortPool(parsePortRange(props['port-range'])),
    addresses: [...new Set([...parseAddresses(props['public-ip']), ...localAddresses()])],
    servers: serversOf(props['stun-server'], props['turn-server'], props['turn-secret']),
  };
}

/** Those that help to connect. The environment's secret is for who names a relay without a user. Throws TypeError for what is written wrong. */
export function serversOf(stun: string, turn: string, secret = ''): IceServers {
  const environment = secret === '' && turn.trim() !== '' && !turn.includes('@');
  return iceServers(stun, turn, environment ? (process.env['TURN_SECRET'] ?? '') : secret);
}

/** A sink as its branches see it. */
export interface SendingSink {
  readonly props: {
    readonly bitrate: number;
    readonly 'audio-bitrate': number;
    readonly crf: number;
    readonly preset: string;
    readonly 'frame-size': string;
    readonly 'audio-fec': number;
    readonly 'audio-dtx': boolean;
    readonly 'key-interval': number;
    readonly 'idle-pictures'?: string;
  };
  /** Of a graphics card, see Choice. */
  readonly hardware: Hardware | undefined;
  readonly log: Log;
  readonly pipelineLatency: Ns;
  runningTime(): Ns | undefined;
}

/** Gets a packet when it is to leave; `key`: part of a key frame. */
export type Write = (outlet: Outlet, packet: Buffer, key: boolean) => void;

/** The branches of a sink, with the settings it has at the moment they are needed. @param sent is told when what leaves */
export function branchesOf(sink: SendingSink, write: Write, sent?: Sent): Branches {
  const settings = (): BranchSettings => ({
    bitrate: sink.props.bitrate,
    audioBitrate: sink.props['audio-bitrate'],
    crf: sink.props.crf,
    preset: sink.props.preset,
    frameSize: sink.props['frame-size'],
    fec: sink.props['audio-fec'],
    dtx: sink.props['audio-dtx'],
    keyInterval: sink.props['key-interval'],
    thin: sink.props['idle-pictures'] === 'half',
    hardware: sink.hardware,
  });
  const paced = new Map<Outlet, PacedWriter<Packet>>();
  const pacedOf = (outlet: Outlet) => {
    const writer = paced.get(outlet) ?? new PacedWriter(({ data, key }) => write(outlet, data, key));
    paced.set(outlet, writer);
    return writer;
  };
  const branches = new Branches(settings, (outlet, packets, dropped) => {
    if (dropped > 0) {
      sink.log.warn('packets dropped: the JS thread was busy for too long', { outlet, dropped });
      if (outlet !== 'audio') branches.forceKeyFrame(outlet);
    }
    const what = outlet === 'audio' ? 'voice' : 'picture';
    sent?.note(what, sink.runningTime(), packets[0]?.runningTime, dropped);
    // The voice waits for nothing.
    if (outlet === 'audio') for (const { data, key } of packets) write(outlet, data, key);
    else pacedOf(outlet).push(packets, timestampOf);
    // Only what is live may lose anything.
    if (sink.pipelineLatency > 0) branches.leak();
  });
  return branches;
}

const timestampOf = ({ data }: Packet): number => data.readUInt32BE(4);
