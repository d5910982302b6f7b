/**
 * From what was written to what is read.
 *
 * A hook is a pure function from text to text; `speak` runs the general ones, then the caller's, then the engine's own. An engine that
 * takes its text whole gets it untouched.
 */

/** Changes a sentence before it is said. Must not throw and should not make it much longer. */
export type TextHook = (text: string) => string;

/** Pictures, control and direction characters and lone halves of pairs have no sound; voices stumble over them or read their names. */
const SILENT =
  /(?:\p{Extended_Pictographic}|\p{Regional_Indicator}|\p{Emoji_Modifier}|[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Cn}]|\ufe0e|\ufe0f|\u20e3)+/gu;
/** Joiners that change how letters around them are read in Persian and Indic scripts. */
const JOINER = /^[\u200c\u200d]$/;

/** Removes what has no sound and folds white space. Keeps every letter, digit, mark and punctuation sign. */
export function soundless(text: string): string {
  return text
    .normalize('NFC')
    .replace(SILENT, (run) => (JOINER.test(run) ? run : ' '))
    .replace(/\s+/gu, ' ')
    .trim();
}

/** Whether anything in a text has a sound: a letter or a digit of any script. */
export function isSpeakable(text: string): boolean {
  return /[\p{L}\p{N}]/u.test(text);
}

/** The hooks every text goes through. */
export const generalHooks: readonly TextHook[] = [soundless];
