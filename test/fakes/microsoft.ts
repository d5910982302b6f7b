/**
 * What the read-aloud service and Azure have in common: https://learn.microsoft.com/azure/ai-services/speech-service/speech-synthesis-markup
 * and, for the messages, https://github.com/microsoft/cognitive-services-speech-sdk-js
 */
import { randomUUID } from 'node:crypto';
import type { WebSocket } from 'ws';
import { murmur } from './service.js';
import { SocketFake, type Spoken } from './socket.js';

/** A message that came, taken apart without the code under test. */
export interface Came {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a document says, and with which voice; undefined where it is not well-formed, as the service would find. */
export function readSsml(xml: string): { voice: string; text: string; language: string } | undefined {
  const found =
    /^<speak version="1\.0"[^>]* xml:lang="([\w-]+)"><voice name="([^"<]+)">(?:<mstts:express-as style="[^"<]+">)?<prosody [^<>]*>([^<>]*)<\/prosody>(?:<\/mstts:express-as>)?<\/voice><\/speak>$/.exec(
      xml,
    );
  if (found === null || /&(?!(amp|lt|gt|quot|apos);)/.test(xml)) return undefined;
  const signs: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
  const plain = (text: string): string => text.replace(/&(\w+);/g, (_, name: string) => signs[name]!);
  return { language: found[1]!, voice: plain(found[2]!), text: plain(found[3]!) };
}

export abstract class MicrosoftFake extends SocketFake {
  /** Paths of what came over the connections, in order. */
  readonly paths: string[] = [];

  /** Closes every connection that asks for speech with this code. */
  closes: number | undefined;
  /** Seconds of silence behind a text. The services put more than 0.8; what is left of them depends on the pause that is wanted. */
  padding = 0;
  /** Content type of the sound. */
  protected readonly soundType: string = 'audio/mpeg';

  /** Whether a voice is there. */
  protected abstract has(voice: string): boolean;
  /** Sound in parts as it is sent. */
  protected abstract encoded(text: string): Promise<readonly Uint8Array[]>;
  /** The entries of `audio.metadata` for a text. */
  protected abstract metadata(text: string): readonly object[];
  /** Whether messages that must come before the text have come, and are right. */
  protected abstract prepared(came: readonly Came[]): boolean;

  protected talk(
    socket: WebSocket,
    _asked: unknown,
    say: (spoken: Spoken | Promise<Spoken>) => Promise<void>,
  ): void {
    const came: Came[] = [];
    socket.on('message', (data, binary) => {
      if (binary) return socket.close(1003, 'Expected text');
      const [head = '', body = ''] = String(data).split('\r\n\r\n');
      const headers = Object.fromEntries(
        head.split('\r\n').map((line) => [line.split(':')[0]!, line.slice(line.indexOf(':') + 1)]),
      );
      this.paths.push(headers['Path'] ?? '');
      came.push({ headers, body });
      if (headers['Path'] !== 'ssml') return undefined;
      if (this.closes !== undefined) return socket.close(this.closes);
      const said = readSsml(body);
      if (said === undefined) return socket.close(1007, 'SSML parsing error.');
      if (!this.prepared(came)) return socket.close(1007, 'Missing configuration.');
      if (!this.has(said.voice)) return socket.close(1007, `Unsupported voice ${said.voice}.`);
      return void say(this.#turn(headers['X-RequestId'] ?? '', said.text));
    });
  }

  /** The sound of a text with its silence. */
  protected padded(text: string): Int16Array {
    const made = murmur(text, this.rate);
    const padded = new Int16Array(made.length + Math.round(this.padding * this.rate));
    padded.set(made);
    return padded;
  }

  async #turn(id: string, text: string): Promise<Spoken> {
    const stream = randomUUID().replaceAll('-', '').toUpperCase();
    const message = (path: string, body: object) => ({
      data: `X-RequestId:${id}\r\nContent-Type:application/json; charset=utf-8\r\nPath:${path}\r\n\r\n${JSON.stringify(body, undefined, 2)}`,
    });
    const binary = (headers: string, body: Uint8Array): Uint8Array => {
      const head = Buffer.from(headers);
      const length = Buffer.alloc(2);
      length.writeUInt16BE(head.length);
      return Buffer.concat([length, head, body]);
    };
    const sound = (await this.encoded(text)).map((part) => ({
      data: binary(
        `X-RequestId:${id}\r\nContent-Type:${this.soundType}\r\nX-StreamId:${stream}\r\nPath:audio\r\n`,
        part,
      ),
      sound: true,
    }));
    return {
      text,
      messages: [
        message('turn.start', { context: { serviceTag: stream.toLowerCase() } }),
        message('response', {
          context: { serviceTag: stream.toLowerCase() },
          audio: { type: 'inline', streamId: stream },
        }),
        ...inPairs(this.metadata(text)).map((Metadata) => message('audio.metadata', { Metadata })),
        ...sound,
        // The stream's end: no type, no bytes.
        {
          data: binary(`X-RequestId:${id}\r\nX-StreamId:${stream}\r\nPath:audio\r\n`, new Uint8Array(0)),
        },
        message('turn.end', {}),
      ],
    };
  }
}

/** Two in a message, where there are two. */
function inPairs(entries: readonly object[]): (readonly object[])[] {
  const half = Math.ceil(entries.length / 2);
  return Array.from({ length: half }, (_, n) => entries.slice(2 * n, 2 * n + 2));
}

/** A word boundary for each word, as evenly as the fake murmurs; its text is escaped, as the services do. */
export function boundaries(text: string, seconds: number): object[] {
  const perUnit = (seconds * 1e7) / [...text].length;
  const found: object[] = [];
  for (const { 0: word, index } of text.matchAll(/[\p{L}\p{N}']+|[.,!?&]/gu)) {
    const offset = Math.round([...text.slice(0, index)].length * perUnit);
    const duration = Math.round([...word].length * perUnit);
    const type = /[\p{L}\p{N}]/u.test(word) ? 'WordBoundary' : 'PunctuationBoundary';
    found.push({
      Type: 'WordBoundary',
      Data: {
        Offset: offset,
        Duration: duration,
        text: {
          Text: word.replaceAll('&', '&amp;').replaceAll("'", '&apos;'),
          Length: word.length,
          BoundaryType: type,
        },
      },
    });
  }
  return found;
}
