/** Meters behind a server that a session publishes to: RTMP, as a player of a real one gets it, and WHIP. */
import type { Branch } from '../../../src/session/branch.js';
import { ForeignPeer } from '../foreign.js';
import { RtmpServer } from '../nginx.js';
import { type Lab, type Meter, NOTHING, type Taken } from './meter.js';
import { taken } from './players.js';
import { RtmpPlayer } from './rtmpplayer.js';

/** nginx with its RTMP module, and somebody who plays from it: its own recordings count picture and sound from zero each. */
export class RtmpMeter implements Meter {
  readonly name = 'rtmp';
  readonly #lab: Lab;
  #server: RtmpServer | undefined;
  #branch: Branch | undefined;
  #player: RtmpPlayer | undefined;

  constructor(lab: Lab) {
    this.#lab = lab;
  }

  async begin(): Promise<void> {
    this.#server ??= await RtmpServer.make();
    await this.#server.start();
    this.#branch ??= await this.#lab.add('rtmpsink', {
      location: this.#server.url('lab'),
      'key-period': 1000,
    });
    this.#player = await RtmpPlayer.play(this.#server.url('lab'));
  }

  async take(): Promise<Taken> {
    const { pairs, flashes } = (await this.#player?.end()) ?? { pairs: [], flashes: [] };
    if (this.#player !== undefined && this.#server !== undefined)
      this.#player = await RtmpPlayer.play(this.#server.url('lab'));
    return { pairs, latencies: this.#lab.latencies(flashes) };
  }

  async kill(): Promise<void> {
    await this.#server?.kill();
    await this.#player?.end();
    this.#player = undefined;
  }

  async end(): Promise<void> {
    await this.#player?.end();
    await this.#branch?.close();
    this.#branch = undefined;
    await this.#server?.close();
  }
}

/** A WHIP server that is not ours: aiortc. */
export class WhipMeter implements Meter {
  readonly name = 'whip';
  readonly #lab: Lab;
  #server: ForeignPeer | undefined;
  #branch: Branch | undefined;
  #port = 0;

  constructor(lab: Lab) {
    this.#lab = lab;
  }

  async begin(): Promise<void> {
    this.#server = await ForeignPeer.serve(this.#port);
    this.#port = this.#server.port;
    const location = `http://127.0.0.1:${this.#port}/live`;
    this.#branch ??= await this.#lab.add('whipsink', { location, token: 'sesame' });
  }

  async take(): Promise<Taken> {
    return this.#server === undefined ? NOTHING : taken(this.#server, this.#lab);
  }

  async kill(): Promise<void> {
    await this.#server?.kill();
    this.#server = undefined;
  }

  async end(): Promise<void> {
    await this.#branch?.close();
    this.#branch = undefined;
    await this.kill();
  }
}
