/**
 * A voice that plays what its session was sent: samples pushed over a socket while they are heard, an uploaded file.
 *
 * Its names are keys of sounds that wait (`pcm/sounds.ts`); what is to be said is a caption. Whoever brings a sound may pause as long as the
 * door lets it: the timeline puts silence in.
 */
import { TalkError } from '../../element/error.js';
import {
  type EngineInfo,
  type SpeechPiece,
  type SynthesisRequest,
  VoiceEngine,
  type VoiceInfo,
} from '../engine.js';
import { broughtSound } from '../pcm/sounds.js';

/** ms without a sample: longer than any door stays open without one. */
const PATIENCE = 3_600_000;

export default class PcmEngine extends VoiceEngine {
  readonly info: EngineInfo = {
    name: 'pcm',
    longName: 'Sound sent to a session',
    description: 'Plays what a session is sent: by WS /v1/sessions/ID/audio, by POST /humanaudio',
    defaultVoice: 'sent',
    text: 'whole',
    streaming: true,
    marks: [],
    repeatable: false,
    firstByteMs: PATIENCE,
    stallMs: PATIENCE,
  };

  async voices(): Promise<readonly VoiceInfo[]> {
    return [
      { name: 'sent', language: 'mul', description: 'What a session is sent; it has a key in its place' },
    ];
  }

  /** Any key: whether there is a sound of it is seen when its turn comes, and told nobody before. */
  override async accepts(): Promise<boolean> {
    return true;
  }

  async *synthesize(request: SynthesisRequest): AsyncGenerator<SpeechPiece, void, undefined> {
    const sound = broughtSound(request.voice ?? '');
    if (sound === undefined) {
      throw new TalkError(
        'resource/not-found',
        'The sound is not here any more: it is kept until it was heard.',
      );
    }
    yield* sound.open(request.signal);
  }
}
