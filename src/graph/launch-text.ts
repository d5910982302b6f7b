/**
 * How a value is written into a launch line, and read out of one, so that GStreamer's parser sees what was meant.
 *
 * A value passes three readers: the scanner (`launch-lex.ts`), which finds its end; the unescaper, which takes the
 * outer quotes and backslashes away; and for strings `gst_value_deserialize`, which takes the word NULL for "no
 * string" and a value in double quotes for its own escaped form.
 */
import { quoteValue } from '../element/fragment.js';

/** Bare words that no reader changes: also what numbers, booleans, enum nicks and names look like. */
const PLAIN = /^[A-Za-z0-9_+./%*${}-][A-Za-z0-9_+./:%*${}-]*$/;

/**
 * The text of a string property that `gst_value_deserialize` reads as this string: nearly always the string itself.
 */
export function serializeString(value: string): string {
  const readAsOther = value === 'NULL' || (value.length > 0 && value.startsWith('"') && value.endsWith('"'));
  return readAsOther ? wrap(value) : value;
}

/** Writes a serialized value into a launch line: bare when that is safe, in double quotes else. */
export function writeValue(text: string): string {
  if (PLAIN.test(text)) return text;
  // A closing quote after a backslash would be read as escaped and the value as going on; only strings end so.
  return quoteValue(text.endsWith('\\') ? wrap(text) : text);
}

/** GStreamer's escaped string: in double quotes, everything but letters, digits and `-+/:._` escaped, bytes past ASCII in octal. */
function wrap(text: string): string {
  let out = '"';
  for (const byte of new TextEncoder().encode(text)) {
    const char = String.fromCharCode(byte);
    if (/[A-Za-z0-9\-+/:._]/.test(char)) out += char;
    else if (byte < 0x20 || byte >= 0x7f) out += `\\${byte.toString(8).padStart(3, '0')}`;
    else out += `\\${char}`;
  }
  return `${out}"`;
}

/** Writes a string inside caps (`name=(string)HERE`), where `!` and `;` would end the filter. */
export function writeCapsString(value: string): string {
  return /^[A-Za-z0-9_+./:-]+$/.test(value) ? value : wrap(value);
}

/**
 * Reads a value as it stands in a launch line: takes one pair of outer double quotes and the backslashes away.
 * Quotes in the middle of a word are part of the value, and so are the backslashes between them, as GStreamer has it.
 */
export function readValue(raw: string): string {
  const text = raw.length > 1 && raw.startsWith('"') && raw.endsWith('"') ? raw.slice(1, -1) : raw;
  let out = '';
  let inQuotes = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === '\\' && !inQuotes) {
      i++;
      if (i === text.length) break;
    } else if (char === '"' && (!inQuotes || text[i - 1] !== '\\')) {
      inQuotes = !inQuotes;
    }
    out += text[i];
  }
  return out;
}

/** Reads a string property's value after `readValue`: undefined for NULL, GStreamer's escaped form taken apart. */
export function readString(value: string): string | undefined {
  if (value === 'NULL') return undefined;
  if (value.length < 2 || !value.startsWith('"') || !value.endsWith('"')) return value;
  const bytes: number[] = [];
  const inner = new TextEncoder().encode(value.slice(1, -1));
  for (let i = 0; i < inner.length; i++) {
    let byte = inner[i] ?? 0;
    if (byte === 0x5c) {
      const octal = /^[0-3][0-7]{2}$/.exec(String.fromCharCode(...inner.subarray(i + 1, i + 4)));
      if (octal) {
        byte = Number.parseInt(octal[0], 8);
        i += 3;
      } else byte = inner[++i] ?? 0x5c;
    }
    bytes.push(byte);
  }
  return new TextDecoder().decode(new Uint8Array(bytes));
}
