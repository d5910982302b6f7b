/**
 * The data channel `events` of one viewer: what happens in the session goes out as JSON lines, commands come in as text.
 * The page opens it (`createDataChannel('events')`); a viewer without it misses nothing but the events.
 */
import type { RTCDataChannel } from 'werift';

/** Its label. Channels of another name are closed. */
export const EVENTS_CHANNEL = 'events';
/** A command longer than this is not one. */
const MAX_MESSAGE = 64 * 1024;
/** Bytes waiting for a slow viewer; past it events are dropped, the newest first: media matters more. */
const MAX_BUFFERED = 256 * 1024;

export class DataEvents {
  #channel: RTCDataChannel | undefined;
  readonly #received: (text: string) => void;
  /** Events that were not sent because the viewer did not keep up. */
  dropped = 0;

  constructor(received: (text: string) => void) {
    this.#received = received;
  }

  /** The viewer has opened the channel. */
  get open(): boolean {
    return this.#channel?.readyState === 'open';
  }

  /** Takes a channel the viewer opened. */
  use(channel: RTCDataChannel): void {
    if (channel.label !== EVENTS_CHANNEL || this.#channel !== undefined) {
      channel.close();
      return;
    }
    this.#channel = channel;
    channel.onMessage.subscribe((data) => {
      const text = typeof data === 'string' ? data : data.toString('utf8');
      if (text.length <= MAX_MESSAGE) this.#received(text);
    });
  }

  /** Sends one event; false when there is no open channel or it is full. */
  send(event: object): boolean {
    const channel = this.#channel;
    if (channel?.readyState !== 'open') return false;
    if (channel.bufferedAmount > MAX_BUFFERED) {
      this.dropped++;
      return false;
    }
    channel.send(JSON.stringify(event));
    return true;
  }
}
