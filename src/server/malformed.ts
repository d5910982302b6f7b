/** The answer to bytes that are no request: it has a sentence, and says that the connection ends with it, so that no client sends another on it. */
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { failed } from './contract/livetalking.js';

const WHY: Readonly<Record<string, readonly [status: number, sentence: string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'Expected an address and headers of at most 16 KiB together.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Expected the headers of a request within a minute.'],
};
const OTHERWISE = [400, 'Expected a request of HTTP/1.1.'] as const;

/** For `clientErrorHandler` of fastify. */
export function answerMalformed({ code = '' }: { readonly code?: string }, socket: Socket): void {
  // Gone already: nobody reads an answer.
  if (code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const [status, sentence] = WHY[code] ?? OTHERWISE;
  const body = JSON.stringify(failed(sentence));
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}
