/** Text as SSML: https://learn.microsoft.com/azure/ai-services/speech-service/speech-synthesis-markup-structure */

/** How a text is to be said. */
export interface Manner {
  readonly voice: string;
  /** BCP 47; what the text is written in where the voice speaks many languages. */
  readonly language: string;
  /** 1 as usual. */
  readonly speed?: number | undefined;
  /** Per cent higher or lower. */
  readonly pitch?: number | undefined;
  /** Per cent louder or softer. */
  readonly volume?: number | undefined;
  /** `cheerful`, …: a style that the voice knows. */
  readonly style?: string | undefined;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};
/** What may not stand in XML 1.0, not even escaped. */
const IMPOSSIBLE = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

/** A text as it stands between tags or in an attribute. */
export function escaped(text: string): string {
  return text.replace(IMPOSSIBLE, ' ').replace(/[&<>"']/g, (sign) => ENTITIES[sign]!);
}

/** A text as it was before it was escaped. */
export function unescaped(text: string): string {
  return text.replace(/&(?:(amp|lt|gt|quot|apos)|#(\d+)|#x([0-9a-f]+));/gi, (whole, name, decimal, hex) => {
    if (name !== undefined) return SIGNS[String(name).toLowerCase()] ?? whole;
    const code = Number.parseInt(decimal ?? hex, decimal === undefined ? 16 : 10);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

const SIGNS = Object.fromEntries(Object.entries(ENTITIES).map(([sign, name]) => [name.slice(1, -1), sign]));

/** The document for a text. Nothing in it can become markup. */
export function ssml(
  text: string,
  { voice, language, speed = 1, pitch = 0, volume = 0, style }: Manner,
): string {
  const prosody = `pitch="${percent(pitch)}" rate="${percent((speed - 1) * 100)}" volume="${percent(volume)}"`;
  const said = `<prosody ${prosody}>${escaped(text)}</prosody>`;
  const styled =
    style === undefined ? said : `<mstts:express-as style="${escaped(style)}">${said}</mstts:express-as>`;
  return (
    '<speak version="1.0" xmlns="http://www.w3.org/2001/10/synthesis" xmlns:mstts="https://www.w3.org/2001/mstts"' +
    ` xml:lang="${escaped(language)}"><voice name="${escaped(voice)}">${styled}</voice></speak>`
  );
}

const percent = (value: number): string => `${value < 0 ? '-' : '+'}${Math.round(Math.abs(value))}%`;
