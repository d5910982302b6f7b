/** The options of `talkgraph serve`: one table that reads the command line and `config.yaml`, and makes the help. */

export interface ServeOption {
  readonly name: string;
  /** What stands for its value in the help; without one it is a switch. */
  readonly value?: string;
  readonly group: Group;
  readonly blurb: string;
  /** What counts when nobody says anything, for the help. */
  readonly otherwise?: string;
  /** Environment variable that says the same; it counts before `config.yaml`. */
  readonly environment?: string;
}

export const GROUPS = [
  'Where it listens',
  'Sessions',
  'Face and voice',
  'Answers',
  'Over the network',
  'Who may ask',
  'Watching',
] as const;
type Group = (typeof GROUPS)[number];

export const OPTIONS = [
  {
    name: 'host',
    value: 'H',
    group: 'Where it listens',
    blurb: 'address to listen on',
    otherwise: '127.0.0.1',
  },
  {
    name: 'port',
    value: 'N',
    group: 'Where it listens',
    blurb: 'port to listen on; 0 takes a free one',
    otherwise: '8010',
  },
  {
    name: 'tls-cert',
    value: 'FILE',
    group: 'Where it listens',
    blurb: 'certificate in PEM, with those between it and its root: HTTPS instead of HTTP',
  },
  {
    name: 'tls-key',
    value: 'FILE',
    group: 'Where it listens',
    blurb: 'its private key in PEM',
  },
  {
    name: 'config',
    value: 'FILE',
    group: 'Where it listens',
    blurb: 'options in YAML, one a line; "" reads none',
    otherwise: 'config.yaml, if there is one',
  },
  {
    name: 'max-session',
    value: 'N',
    group: 'Sessions',
    blurb: 'sessions at once, starting ones included',
    otherwise: '5',
  },
  {
    name: 'queue',
    value: 'N',
    group: 'Sessions',
    blurb: 'clients that wait for a place, up to 30 s, before others are refused',
    otherwise: '0',
  },
  {
    name: 'max-per-client',
    value: 'N',
    group: 'Sessions',
    blurb: 'sessions of one address at once (of one network in IPv6)',
    otherwise: '0: any number',
  },
  {
    name: 'idle',
    value: 'MINUTES',
    group: 'Sessions',
    blurb: 'a session ends in which nothing was said or heard for so long',
    otherwise: '0: never, as long as somebody watches',
  },
  {
    name: 'max-length',
    value: 'MINUTES',
    group: 'Sessions',
    blurb: 'a session ends after so long, whatever is said in it',
    otherwise: '0: never',
  },
  {
    name: 'transport',
    value: 'NAME',
    group: 'Sessions',
    blurb: 'webrtc: one for each viewer; rtmp, rtcpush, virtualcam: session 0 stands from the start',
    otherwise: 'webrtc',
  },
  {
    name: 'push-url',
    value: 'URL',
    group: 'Sessions',
    blurb: 'server that session 0 sends to, by RTMP or WHIP, or camera that it is (/dev/video10)',
  },
  {
    name: 'graph',
    value: 'FILE',
    group: 'Sessions',
    blurb: 'graph of a session',
    otherwise: 'webrtc.yaml; chat.yaml with a model that answers, conversation.yaml with ears as well',
  },
  {
    name: 'session-ids',
    value: 'KIND',
    group: 'Sessions',
    blurb: 'uuid, or number: six digits, for clients of old that read no others; they can be guessed',
    otherwise: 'uuid',
  },
  {
    name: 'avatar',
    value: 'ID',
    group: 'Face and voice',
    blurb: 'who speaks unless an offer says otherwise',
    otherwise: 'ava',
  },
  {
    name: 'model',
    value: 'NAME',
    group: 'Face and voice',
    blurb: 'lip-sync model, see talkgraph models',
    otherwise: 'tinylip',
  },
  {
    name: 'voice',
    value: 'NAME',
    group: 'Face and voice',
    blurb: 'ENGINE/NAME of the voice, see talkgraph voices',
    otherwise: 'flite/slt',
  },
  {
    name: 'background',
    value: 'WHAT',
    group: 'Face and voice',
    blurb: 'what lies behind the avatar: #rrggbb, a picture, or a video, which is repeated',
    otherwise: "the avatar's own",
  },
  {
    name: 'actions',
    value: 'FILE',
    group: 'Face and voice',
    blurb: "LiveTalking's list of custom actions: clips of all sessions",
  },
  {
    name: 'batch-size',
    value: 'N',
    group: 'Face and voice',
    blurb: 'frames in one inference at most',
    otherwise: 'what suits the machine',
  },
  {
    name: 'llm-url',
    value: 'URL',
    group: 'Answers',
    blurb: 'chat server that answers, OpenAI-compatible',
    otherwise: 'LLM_BASE_URL',
    environment: 'LLM_BASE_URL',
  },
  {
    name: 'llm-model',
    value: 'NAME',
    group: 'Answers',
    blurb: 'model to ask there',
    otherwise: 'LLM_MODEL',
    environment: 'LLM_MODEL',
  },
  {
    name: 'system-prompt',
    value: 'TEXT',
    group: 'Answers',
    blurb: 'what the model is told before everything else',
  },
  {
    name: 'temperature',
    value: 'N',
    group: 'Answers',
    blurb: 'how freely it chooses its words, 0 to 2',
    otherwise: "the server's own",
  },
  {
    name: 'tools',
    value: 'FILE',
    group: 'Answers',
    blurb: 'tools it may use, see docs/conversation.md',
  },
  {
    name: 'asr',
    value: 'ENGINE',
    group: 'Answers',
    blurb: 'who understands speech: openai, funasr, sherpa',
    otherwise: 'TALKGRAPH_ASR; without one nobody is heard',
    environment: 'TALKGRAPH_ASR',
  },
  {
    name: 'asr-url',
    value: 'URL',
    group: 'Answers',
    blurb: 'address of its server',
    otherwise: 'ASR_BASE_URL, FUNASR_URL',
  },
  {
    name: 'asr-model',
    value: 'NAME',
    group: 'Answers',
    blurb: 'model it is to use; a folder for sherpa',
    otherwise: 'ASR_MODEL, SHERPA_MODEL',
  },
  {
    name: 'port-range',
    value: 'A-B',
    group: 'Over the network',
    blurb: 'UDP ports for viewers, one each',
    otherwise: 'any',
  },
  {
    name: 'public-ip',
    value: 'LIST',
    group: 'Over the network',
    blurb: "addresses to offer besides this machine's own (behind NAT, in a container)",
  },
  {
    name: 'ice-tcp',
    group: 'Over the network',
    blurb: 'viewers whose network lets no UDP through may come over TCP, on the ports of the same numbers',
  },
  {
    name: 'max-connecting',
    value: 'N',
    group: 'Over the network',
    blurb: 'viewers of a session who are not connected yet, at a time; more are told to come again',
    otherwise: '32; each has 15 s',
  },
  {
    name: 'stun',
    value: 'URL',
    group: 'Over the network',
    blurb: 'stun:HOST:PORT, asked what our address is',
    otherwise: 'none is',
  },
  {
    name: 'turn',
    value: 'URL',
    group: 'Over the network',
    blurb: 'turn:HOST:PORT, a relay that shares TURN_SECRET of the environment with us',
    otherwise: 'none is used',
  },
  {
    name: 'bitrate',
    value: 'N',
    group: 'Over the network',
    blurb: 'of the video, bit/s',
    otherwise: '1500000',
  },
  {
    name: 'codec',
    value: 'NAME',
    group: 'Over the network',
    blurb:
      'of the video: h264, vp8 or vp9; auto: H.264, or VP8 to those who take none; viewer: what stands first in each offer',
    otherwise: 'auto',
  },
  {
    name: 'encoder',
    value: 'NAME',
    group: 'Over the network',
    blurb:
      'of H.264: software, an element of a graphics card as nvh264enc or vah264enc, or auto: a graphics card where one works, else software',
    otherwise: 'auto',
  },
  {
    name: 'outputs',
    value: 'LIST',
    group: 'Over the network',
    blurb:
      'places that sessions may be sent to besides while they run, as rtmp://live.example/app,https://whip.example/',
    otherwise: 'none',
  },
  {
    name: 'cors',
    value: 'LIST',
    group: 'Who may ask',
    blurb: 'sites whose pages may ask besides our own, as https://a.example; "*" for all, as LiveTalking',
    otherwise: 'none',
  },
  {
    name: 'insecure',
    group: 'Who may ask',
    blurb: 'no token is needed on an address that others can reach; as LiveTalking, and nobody should',
  },
  {
    name: 'rate',
    value: 'N',
    group: 'Who may ask',
    blurb: 'offers a minute from one address, and 25 times as many other requests; 0 for any number',
    otherwise: '120',
  },
  {
    name: 'trust-proxy',
    value: 'LIST',
    group: 'Who may ask',
    blurb: 'proxies in front, as 127.0.0.1,10.0.0.0/8: who asks is whom their X-Forwarded-For names',
    otherwise: 'none; the header is ignored',
  },
  {
    name: 'edit-graphs',
    group: 'Who may ask',
    blurb: 'graphs of their own for those who may watch the server; these read and write whatever it can',
  },
  {
    name: 'audit',
    value: 'FILE',
    group: 'Watching',
    blurb: 'a JSON line in this file for who did what, no texts and no tokens',
  },
  {
    name: 'otlp',
    value: 'URL',
    group: 'Watching',
    blurb: 'OpenTelemetry collector that gets a trace of each turn, as http://127.0.0.1:4318; no texts',
    otherwise: 'OTEL_EXPORTER_OTLP_ENDPOINT; without one no traces are made',
  },
  { name: 'log', group: 'Watching', blurb: 'a JSON line on stderr for each request' },
] as const satisfies readonly ServeOption[];

export type OptionName = (typeof OPTIONS)[number]['name'];
