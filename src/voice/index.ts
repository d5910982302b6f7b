/** Voices: text to sound, one file per engine on one base. */

export { type Fallback, forgetFailures } from './chain.js';
export {
  type EngineInfo,
  type Pause,
  type RemoteInfo,
  type SpeechPiece,
  type SynthesisRequest,
  type TimedPhone,
  type TimedWord,
  VoiceEngine,
  type VoiceInfo,
  type VoiceOptions,
} from './engine.js';
export { type OnFirstSound, onFirstSound } from './firstsound.js';
export type { PhonemeMark, SentenceMark, SpeechMark, WordMark } from './marks.js';
export { isSpeakable, soundless, type TextHook } from './normalise.js';
export type { OptionInfo, OptionInfos } from './options.js';
export { opusSamples, PushedOpus } from './pcm/opus.js';
export { type Pushed, PushedSound } from './pcm/pushed.js';
export { bring, letGo, type Sound } from './pcm/sounds.js';
export {
  closeVoices,
  DEFAULT_ENGINE,
  type EngineListing,
  engineNames,
  engineOf,
  expectVoices,
  listVoices,
  type ResolvedVoice,
  readyVoices,
  resolveVoice,
  resolveVoices,
  splitVoices,
  voiceEngine,
  warmVoices,
} from './registry.js';
export { Resampler } from './resample.js';
export { type Sentence, type SentenceOptions, SentenceSplitter, splitSentences } from './sentences.js';
export {
  clearSpeechCache,
  type SpeakRequest,
  type Speech,
  type SpeechChunk,
  type SpokenSentence,
  speak,
} from './speak.js';
export { closedOption, isLocal } from './strangers.js';
export { knownOptions, shareOptions, withQuery } from './voice-options.js';
