/** Microsoft's lists of voices. https://learn.microsoft.com/azure/ai-services/speech-service/rest-text-to-speech#get-a-list-of-voices */
import type { VoiceInfo } from '../engine.js';

/** An entry as far as it is read here. */
export interface MicrosoftVoice {
  readonly ShortName?: string;
  readonly Locale?: string;
  readonly Gender?: string;
  readonly FriendlyName?: string;
  readonly DisplayName?: string;
}

/** The voices of a list; what has no name is left out. */
export function voicesOf(list: unknown, rate: number): VoiceInfo[] {
  if (!Array.isArray(list)) return [];
  return (list as readonly MicrosoftVoice[]).flatMap((voice) => {
    const { ShortName: name, Locale: language, Gender, FriendlyName, DisplayName } = voice ?? {};
    if (typeof name !== 'string') return [];
    const gender = Gender?.toLowerCase();
    return [
      {
        name,
        language: language ?? localeOf(name),
        ...(gender === 'female' || gender === 'male' ? { gender } : {}),
        rate,
        description: FriendlyName ?? DisplayName ?? name,
      },
    ];
  });
}

/** Voices that are known without a list: names and genders. */
export function knownVoices(
  voices: readonly (readonly [name: string, gender: 'female' | 'male'])[],
  rate: number,
  description: string,
): VoiceInfo[] {
  return voices.map(([name, gender]) => ({ name, language: localeOf(name), gender, rate, description }));
}

/** The language in a voice's name: `zh-CN` of `zh-CN-YunxiaNeural`; `en-US` where it has none. */
export function localeOf(name: string): string {
  return (
    /^([a-z]{2,3}-[A-Za-z]{2,4})-/.exec(name)?.[1] ?? /\(([a-z]{2,3}-[A-Z]{2})/.exec(name)?.[1] ?? 'en-US'
  );
}
