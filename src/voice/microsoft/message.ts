/**
 * How Microsoft's speech services write messages into a WebSocket: headers, an empty line, a body; in binary ones two
 * bytes (big endian) in front say how long the headers are.
 *
 * https://github.com/microsoft/cognitive-services-speech-sdk-js/blob/master/src/common.speech/WebsocketMessageFormatter.ts
 */

/** One message. Names of headers are in lower case. */
export interface Message {
  /** What it is: `turn.start`, `audio`, `audio.metadata`, `turn.end`, … */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Of a text message a text, of a binary one bytes. */
  readonly body: string | Uint8Array;
}

const END = '\r\n\r\n';

/** Reads one; undefined for what is none. */
export function readMessage(data: string | Uint8Array): Message | undefined {
  if (typeof data === 'string') {
    const end = data.indexOf(END);
    return end < 0 ? undefined : message(data.slice(0, end), data.slice(end + END.length));
  }
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  if (bytes.length < 2) return undefined;
  const end = 2 + bytes.readUInt16BE(0);
  return end > bytes.length ? undefined : message(bytes.toString('utf8', 2, end), bytes.subarray(end));
}

/** Writes a text message. */
export function writeMessage(headers: Readonly<Record<string, string>>, body: string): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}`);
  return `${lines.join('\r\n')}${END}${body}`;
}

function message(head: string, body: string | Uint8Array): Message | undefined {
  const headers: Record<string, string> = {};
  for (const line of head.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) headers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
  }
  const path = headers['path'];
  return path === undefined ? undefined : { path: path.toLowerCase(), headers, body };
}
