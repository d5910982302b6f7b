/**
 * A voice that plays recorded sound: announcements, somebody's own speech, music. Anything GStreamer decodes.
 *
 * `file/PATH` plays that file whatever the text says, the text is its caption; with `file` alone the text is the path. Which paths a
 * caller may name is decided where the name comes in, not here.
 */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TalkError } from '../../element/error.js';
import {
  type EngineInfo,
  type SpeechPiece,
  type SynthesisRequest,
  VoiceEngine,
  type VoiceInfo,
} from '../engine.js';

/** The voice that takes the path from the text. */
const FROM_TEXT = 'text';

export default class FileEngine extends VoiceEngine {
  readonly info: EngineInfo = {
    name: 'file',
    longName: 'Sound files',
    description: 'Plays a sound file: file/PATH, or file with the path as text',
    defaultVoice: FROM_TEXT,
    text: 'whole',
    streaming: true,
    marks: [],
    repeatable: true,
    cache: false,
  };

  async voices(): Promise<readonly VoiceInfo[]> {
    return [{ name: FROM_TEXT, language: 'mul', description: 'The file whose path is the text' }];
  }

  /** Any path: whether it can be played is seen when it is. */
  override async accepts(): Promise<boolean> {
    return true;
  }

  async *synthesize(request: SynthesisRequest): AsyncGenerator<SpeechPiece, void, undefined> {
    const path = pathOf(request);
    if (path === undefined) return;
    // GStreamer is loaded by the first file that is played, not by everybody who speaks.
    const { decodeFile } = await import('../decode.js');
    yield* decodeFile(path, request.signal);
  }
}

function pathOf({ text, voice = FROM_TEXT }: SynthesisRequest): string | undefined {
  const named = voice === FROM_TEXT ? text.trim() : voice;
  if (named === '') return undefined;
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(named)) return resolve(named);
  try {
    return fileURLToPath(named);
  } catch (cause) {
    throw new TalkError(
      'resource/settings',
      'Expected the path of a file on this machine or a file:// address.',
      { cause },
    );
  }
}
