/**
 * LiveTalking's options: one table that reads them, says what has no meaning here, and makes the table in
 * docs/livetalking.md.
 */
import type { OptionName } from '../serve/options.js';

/** What an option of theirs is here. */
export type Becomes =
  | { readonly option: OptionName }
  /** A variable that an engine reads. */
  | { readonly environment: string }
  /** Nothing, for this reason; the values in `fine` ask for what is done anyway and need no word. */
  | { readonly nothing: string; readonly fine?: readonly string[] };

export interface TheirOption {
  /** As it is written behind `--` and in `config.yaml`. */
  readonly name: string;
  /** Letter behind a single `-`. */
  readonly short?: string;
  /** Their own default, for the docs. */
  readonly default: string;
  /** It can be said in `config.yaml` alone. */
  readonly hidden?: true;
  /** It is a key, or an address that may hold one: shown to nobody. */
  readonly secret?: true;
  readonly becomes: Becomes;
}

const CONTEXT = 'how much sound a mouth is made of follows from the model';

export const THEIRS: readonly TheirOption[] = [
  { name: 'config', short: 'c', default: 'config.yaml', becomes: { option: 'config' } },
  {
    name: 'fps',
    default: '25',
    becomes: { nothing: 'the frame rate is that of the avatar', fine: ['25', '50'] },
  },
  { name: 'l', short: 'l', default: '10', becomes: { nothing: CONTEXT } },
  { name: 'm', short: 'm', default: '8', becomes: { nothing: 'nothing was made of it' } },
  { name: 'r', short: 'r', default: '10', becomes: { nothing: CONTEXT } },
  { name: 'model', default: 'wav2lip', becomes: { option: 'model' } },
  { name: 'avatar_id', default: 'wav2lip256_avatar1', becomes: { option: 'avatar' } },
  { name: 'batch_size', default: '16', becomes: { option: 'batch-size' } },
  { name: 'modelres', default: '192', becomes: { nothing: 'the size of a model stands in its model.yaml' } },
  { name: 'modelfile', default: '', becomes: { nothing: 'the file of a model stands in its model.yaml' } },
  { name: 'W', default: '450', becomes: { nothing: 'the picture is as large as the avatar' } },
  { name: 'H', default: '450', becomes: { nothing: 'the picture is as large as the avatar' } },
  { name: 'customvideo_config', default: '', becomes: { option: 'actions' } },
  { name: 'tts', default: 'edgetts', becomes: { option: 'voice' } },
  { name: 'REF_FILE', default: 'zh-CN-YunxiaNeural', becomes: { environment: 'REF_FILE' } },
  { name: 'REF_TEXT', default: '', becomes: { environment: 'REF_TEXT' } },
  { name: 'TTS_SERVER', default: 'http://127.0.0.1:9880', becomes: { environment: 'TTS_SERVER' } },
  { name: 'transport', default: 'webrtc', becomes: { option: 'transport' } },
  { name: 'stun', default: 'stun:stun.freeswitch.org:3478', becomes: { option: 'stun' } },
  {
    name: 'push_url',
    default: 'http://localhost:1985/rtc/v1/whip/?app=live&stream=livestream',
    secret: true,
    becomes: { option: 'push-url' },
  },
  { name: 'max_session', default: '5', becomes: { option: 'max-session' } },
  { name: 'listenport', default: '8010', becomes: { option: 'port' } },
  {
    name: 'audio_output_device',
    default: '',
    becomes: { nothing: 'the voice of a virtual camera goes to the loudspeaker that the desktop has chosen' },
  },
  {
    name: 'qwen_tts_model',
    default: 'qwen3-tts-flash-realtime',
    hidden: true,
    becomes: { environment: 'QWEN_TTS_MODEL' },
  },
  {
    name: 'qwen_tts_url',
    default: 'wss://dashscope.aliyuncs.com/api-ws/v1/realtime',
    hidden: true,
    becomes: { environment: 'QWEN_TTS_URL' },
  },
  {
    name: 'dashscope_api_key',
    default: '',
    hidden: true,
    secret: true,
    becomes: { environment: 'DASHSCOPE_API_KEY' },
  },
  { name: 'omni_tts_language', default: 'Auto', hidden: true, becomes: { environment: 'OMNI_TTS_LANGUAGE' } },
  { name: 'omni_tts_speed', default: '1.0', hidden: true, becomes: { environment: 'OMNI_TTS_SPEED' } },
  {
    name: 'omni_tts_format',
    default: 'pcm',
    hidden: true,
    becomes: { nothing: 'samples are asked for', fine: ['pcm'] },
  },
  {
    name: 'omni_tts_task_type',
    default: 'CustomVoice',
    hidden: true,
    becomes: { environment: 'OMNI_TTS_TASK_TYPE' },
  },
  {
    name: 'omni_tts_instructions',
    default: '',
    hidden: true,
    becomes: { environment: 'OMNI_TTS_INSTRUCTIONS' },
  },
  { name: 'omni_tts_src_sr', default: '24000', hidden: true, becomes: { environment: 'OMNI_TTS_SRC_SR' } },
  { name: 'MAX_TOKENS', default: '120', hidden: true, becomes: { environment: 'MAX_TOKENS' } },
  { name: 'bitrate', default: '1000000', hidden: true, becomes: { option: 'bitrate' } },
];

/** Markdown, one row for each option. */
export function optionTable(): string {
  const rows = THEIRS.map(({ name, short, default: usual, hidden, becomes }) => [
    hidden === true ? `\`${name}:\`` : `\`${short === name ? '-' : '--'}${name}\``,
    short === undefined || short === name ? '' : `\`-${short}\``,
    usual === '' ? '' : `\`${usual}\``,
    meaning(becomes),
  ]);
  const head = ['LiveTalking', 'short', 'default there', 'here'];
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function meaning(becomes: Becomes): string {
  if ('option' in becomes) return `\`--${becomes.option}\``;
  if ('environment' in becomes) return `\`${becomes.environment}\` of the environment`;
  return `nothing: ${becomes.nothing}`;
}
