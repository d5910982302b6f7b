/**
 * Who may talk to a peer's socket.
 *
 * werift answers STUN requests without checking their MESSAGE-INTEGRITY (RFC 8445 7.3), takes DTLS and SRTP from any
 * address, and ends its connection on any DTLS alert, also one in clear text that anybody can make up: a single datagram
 * from a stranger closed a session, as one garbage datagram in a few thousand did. So a datagram passes only if it is
 * - a STUN message: requests must carry our user name and the right integrity, and then make their sender known;
 * - from a known address, for everything else;
 * - encrypted, for DTLS after the handshake (RFC 6347 4.1: records of another epoch are to be ignored), and an alert only if it was made
 *   by who has the keys: werift reads one that looks like clear text without decrypting it, and takes what it does not know for one.
 */
import { parseMessage } from 'werift';
import type { Address } from './socket.js';

/** Our ICE credentials, as they are now. */
export interface Credentials {
  readonly localUsername: string;
  readonly localPassword: string;
}

const MAGIC_COOKIE = 0x2112_a442;
const BINDING_REQUEST = 0x0001;
/** A viewer has a handful of addresses; the bound keeps a hostile one from filling memory. */
const MAX_KNOWN = 16;
const RECORD_HEADER = 13;
/** Content types of records (RFC 5246 6.2.1). */
const [CHANGE_CIPHER_SPEC, ALERT, HANDSHAKE, APPLICATION_DATA] = [20, 21, 22, 23];
const HANDSHAKING = new Set([CHANGE_CIPHER_SPEC, HANDSHAKE]);
const ENCRYPTED = new Set([ALERT, HANDSHAKE, APPLICATION_DATA]);

export class Guard {
  readonly #credentials: Credentials;
  readonly #known = new Set<string>();
  #authentic: ((record: Buffer) => boolean) | undefined;
  #sealed = false;
  /** Datagrams turned away. */
  refused = 0;

  constructor(credentials: Credentials) {
    this.#credentials = credentials;
  }

  /**
   * Our side of the DTLS handshake is done: the viewer may have to say its last words of it again, and no more in clear text.
   * @param authentic whether a record was made by who has the keys
   */
  connected(authentic: (record: Buffer) => boolean): void {
    this.#authentic = authentic;
  }

  /** The viewer has proven that its DTLS handshake is done: nothing in clear text is for us any more. */
  seal(): void {
    this.#sealed = true;
  }

  /** Whether a datagram is to be looked at. */
  admits(data: Buffer, from: Address): boolean {
    const admitted = this.#admits(data, `${from[0]} ${from[1]}`);
    if (!admitted) this.refused++;
    return admitted;
  }

  #admits(data: Buffer, from: string): boolean {
    const first = data[0];
    if (first === undefined) return false;
    if (first < 4) return this.#stun(data, from);
    if (!this.#known.has(from)) return false;
    return first < 20 || first > 63 || this.#authentic === undefined || this.#records(data, this.#authentic);
  }

  #stun(data: Buffer, from: string): boolean {
    if (data.length < 20 || data.readUInt32BE(4) !== MAGIC_COOKIE) return false;
    // Responses are matched to a request of ours, with its integrity, by werift.
    if (data.readUInt16BE(0) !== BINDING_REQUEST) return true;
    const { localUsername, localPassword } = this.#credentials;
    const message = parseMessage(data, Buffer.from(localPassword));
    const user = message?.getAttributeValue('USERNAME');
    if (typeof user !== 'string' || !user.startsWith(`${localUsername}:`)) return false;
    if (this.#known.size < MAX_KNOWN) this.#known.add(from);
    return true;
  }

  /** True when every record of a DTLS datagram is whole, encrypted where it has to be, and no alert that was made up. */
  #records(data: Buffer, authentic: (record: Buffer) => boolean): boolean {
    let at = 0;
    while (at + RECORD_HEADER <= data.length) {
      const end = at + RECORD_HEADER + data.readUInt16BE(at + 11);
      const [type, encrypted] = [data[at] ?? 0, data.readUInt16BE(at + 3) > 0];
      if (!encrypted && (this.#sealed || !HANDSHAKING.has(type))) return false;
      if (encrypted && !ENCRYPTED.has(type)) return false;
      if (type === ALERT && (end > data.length || !authentic(data.subarray(at, end)))) return false;
      at = end;
    }
    return at === data.length;
  }
}
