/** A pad of an element in a pipeline. */
import { TalkError } from '../element/error.js';
import type { RawPad } from '../native/pipeline.js';
import { native } from '../native.js';
import { asked, goneError } from './core.js';
import { type EventOptions, sendEvent } from './custom-event.js';
import { ObjectHandle } from './object.js';

export class PadHandle extends ObjectHandle {
  get direction(): 'src' | 'sink' {
    return this.#info().direction;
  }

  /** `request` pads are made by `requestPad` and given back by `release`. */
  get presence(): 'always' | 'sometimes' | 'request' | undefined {
    return this.#info().presence;
  }

  /** The caps that flow now, as text; undefined before any were agreed on. */
  get caps(): string | undefined {
    return this.#info().caps ?? undefined;
  }

  /** The pad at the other end. */
  get peer(): PadHandle | undefined {
    const { peer } = this.#info();
    return peer === null ? undefined : (this.core.handle(peer) as PadHandle);
  }

  /** Links this src pad to a sink pad. Throws `core/link` or `core/negotiation`. */
  link(to: PadHandle): void {
    const result = native.padLink(this.raw, to.raw);
    if (result === 'ok') return;
    const code = /format/.test(result) ? 'core/negotiation' : 'core/link';
    throw new TalkError(code, `${this.path} cannot be linked to ${to.path}: ${result}.`, {
      element: this.path,
    });
  }

  /** Takes the link away. False when there was none. */
  unlink(): boolean {
    return native.padUnlink(this.raw);
  }

  /**
   * Resolves once nothing moves through the pad, with the function that lets it move again. `idle` waits until the
   * buffer in flight has passed (at once when there is none) and holds the next; `block` waits for the next. Rejects when
   * the pipeline is stopped before that.
   */
  async block(kind: 'idle' | 'block' = 'idle'): Promise<() => void> {
    const made = native.padBlock(this.raw, kind);
    if (made === null) throw goneError(this.path);
    const release = () => native.padUnblock(made.block);
    const forget = this.core.onStop(release);
    if (!(await made.blocked)) {
      forget();
      throw new TalkError('core/state-change', `${this.path} was not blocked before its pipeline stopped.`);
    }
    return () => {
      forget();
      release();
    };
  }

  /** Gives a request pad back to its element. */
  async release(): Promise<void> {
    await asked(native.padRelease(this.core.native(), this.raw));
  }

  /** Asks the element that feeds this pad for a key frame. False when nobody upstream knows how to make one. */
  forceKeyUnit({ allHeaders = true, count = 0 } = {}): Promise<boolean> {
    return asked(native.eventKeyUnit(this.core.native(), this.raw, allHeaders, count));
  }

  /** Sends a custom event from here. False when nobody took it. */
  sendEvent(
    name: string,
    fields: Record<string, unknown> = {},
    options: EventOptions = {},
  ): Promise<boolean> {
    return sendEvent(this.core, this, name, fields, options);
  }

  /** Flushes everything downstream of this pad. */
  flush({ resetTime = true } = {}): Promise<boolean> {
    return asked(native.eventFlush(this.core.native(), this.raw, resetTime));
  }

  /** Sends EOS from here: finishes one branch of a running pipeline. */
  eos(): Promise<boolean> {
    return asked(native.eventEos(this.core.native(), this.raw));
  }

  #info(): RawPad {
    const info = native.padInfo(this.raw);
    if (info === null) throw goneError(this.path);
    return info;
  }
}
