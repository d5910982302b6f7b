/**
 * SDP as lines: a session part and media sections, read and written without interpretation (RFC 8866).
 *
 * werift parses SDP too, but it throws nameless errors on half of what a stranger may post, takes every codec
 * it knows and misreads `bundle-only` (RFC 9143). So offers are read, checked and rewritten here first.
 */
import { TalkError } from '../element/error.js';

/** One media section: the parts of its `m=` line and the lines under it, without line ends. */
export interface Section {
  media: string;
  port: number;
  protocol: string;
  formats: string[];
  lines: string[];
}

/** A session description: the lines before the first `m=`, and the sections in their order. */
export interface Description {
  session: string[];
  sections: Section[];
}

/** No browser's offer comes near it (Chromium's full offer is 8 KB); it bounds what a stranger makes us parse. */
export const MAX_SDP_BYTES = 64 * 1024;
const MAX_SECTIONS = 16;

/** The error for an SDP that cannot be used: what was expected, and what came instead. */
export function badSdp(expected: string, got: string): TalkError {
  return new TalkError('stream/format', `Expected ${expected} in the SDP offer but received ${got}.`);
}

/** The same for one that is well written but asks for what there is not; `details.understood` tells it apart. */
export function unfitSdp(expected: string, got: string): TalkError {
  const { message } = badSdp(expected, got);
  return new TalkError('stream/format', message, { details: { understood: true } });
}

/** Parses SDP text. Throws TalkError `stream/format` for anything that is not SDP. */
export function parseSdp(text: unknown): Description {
  if (typeof text !== 'string') throw badSdp('text', `a value of type ${typeof text}`);
  if (text.trim() === '') throw badSdp('a session description', 'an empty text');
  if (text.length > MAX_SDP_BYTES) throw badSdp(`at most ${MAX_SDP_BYTES} characters`, `${text.length}`);
  const lines = text.split(/\r\n|\r|\n/).filter((line) => line !== '');
  if (lines[0] !== 'v=0') throw badSdp('"v=0" on the first line', quote(lines[0] ?? ''));
  const description: Description = { session: [], sections: [] };
  for (const [index, line] of lines.entries()) {
    if (!/^[a-z]=/.test(line)) throw badSdp(`"letter=value" on line ${index + 1}`, quote(line));
    if (line.startsWith('m=')) {
      if (description.sections.length === MAX_SECTIONS) {
        throw badSdp(`at most ${MAX_SECTIONS} media sections`, 'more');
      }
      description.sections.push(parseMediaLine(line, index + 1));
    } else {
      (description.sections.at(-1)?.lines ?? description.session).push(line);
    }
  }
  return description;
}

function parseMediaLine(line: string, number: number): Section {
  const match = /^m=([a-z]+) (\d{1,5}) ([A-Za-z0-9/]+) ([^ ].*)$/.exec(line);
  if (match === null) throw badSdp(`"m=media port protocol formats" on line ${number}`, quote(line));
  return {
    media: match[1] ?? '',
    port: Number(match[2]),
    protocol: match[3] ?? '',
    formats: (match[4] ?? '').trim().split(/ +/),
    lines: [],
  };
}

/** The text of a description, with CRLF line ends as RFC 8866 asks. */
export function writeSdp(description: Description): string {
  const out = [...description.session];
  for (const s of description.sections) {
    out.push(`m=${s.media} ${s.port} ${s.protocol} ${s.formats.join(' ')}`, ...s.lines);
  }
  return `${out.join('\r\n')}\r\n`;
}

/** Values of `a=name:value` lines; a flag (`a=name`) gives an empty string. */
export function attributes(lines: readonly string[], name: string): string[] {
  const prefix = `a=${name}:`;
  const values: string[] = [];
  for (const line of lines) {
    if (line === `a=${name}`) values.push('');
    else if (line.startsWith(prefix)) values.push(line.slice(prefix.length));
  }
  return values;
}

/** A stranger's text made fit for an error message: short, on one line, printable. */
export function quote(text: string): string {
  const short = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  return JSON.stringify(short);
}
