/** What all GObjects have: properties and signals. */
import { TalkError } from '../element/error.js';
import type { EmitResult, NativeHandle, PropertyResult, RawInfo } from '../native/pipeline.js';
import { native } from '../native.js';
import { type Core, goneError, type ObjectLike } from './core.js';
import { unexpected } from './errors.js';

/**
 * A handle of an object inside a pipeline. It does not keep the object alive: once the object is gone, every method
 * throws `resource/not-found`.
 */
export class ObjectHandle implements ObjectLike {
  /** GType name, as `GstQueue`. */
  readonly type: string;
  /** Name inside its parent; the type for an object without a name. */
  readonly name: string;
  /** Names from below the pipeline down to this object: `say`, `out/mux`, `out/mux.sink_0` for a pad. */
  readonly path: string;
  /** For the native calls of `src/graph` only. */
  readonly raw: NativeHandle;
  protected readonly core: Core;

  constructor(core: Core, raw: NativeHandle, info: RawInfo) {
    this.core = core;
    this.raw = raw;
    this.type = info.type;
    this.name = info.name ?? info.type;
    this.path = info.path ?? info.type;
  }

  /** False once the object has been removed or its pipeline closed. */
  get alive(): boolean {
    // Somebody's thread may hold an object a moment longer than its pipeline lives.
    return !this.core.closed && native.objectInfo(this.raw) !== null;
  }

  /** Names of all properties. */
  get properties(): string[] {
    return native.objectProperties(this.raw);
  }

  /**
   * The value of a property, or of a child's property as `sink_0::alpha`: numbers (bigint where a number is not
   * exact), nicks of enums, nicks joined with `+` for flags, `{num, den}`, caps as text, `{name, fields}` of structures,
   * handles of objects.
   */
  get(property: string): unknown {
    return this.core.wrap(this.#checked(native.objectGet(this.raw, property), property, undefined).value);
  }

  /**
   * Sets a property. A value of the wrong kind or out of its range is a `TypeError` that says what was expected.
   * Launch syntax is accepted as a string for everything that has no JS form (caps, structures, fractions).
   */
  set(property: string, value: unknown): this {
    this.#checked(native.objectSet(this.raw, property, unwrap(value)), property, value);
    return this;
  }

  /** Sets a property from text, as a launch line does: for values that came from a person. */
  setText(property: string, text: string): this {
    this.#checked(native.objectSetText(this.raw, property, text), property, text);
    return this;
  }

  /**
   * Emits an action signal here and now and returns its value. If the signal answers by a GstPromise, leave that
   * argument out: a promise of the reply's fields is returned. For signals that wait (`pull-sample`), use `emitAsync`.
   */
  emit(signal: string, ...args: unknown[]): unknown {
    const result = this.#emitted(native.signalEmit(this.raw, signal, args.map(unwrap)), signal, args);
    return result.reply === undefined ? this.core.wrap(result.value) : this.#reply(result.reply, signal);
  }

  /** The same on a thread that may wait. */
  async emitAsync(signal: string, ...args: unknown[]): Promise<unknown> {
    const started = this.#emitted(native.signalEmitAsync(this.raw, signal, args.map(unwrap)), signal, args);
    const done = await started.later;
    return started.reply === undefined ? this.core.wrap(done?.value) : this.#reply(started.reply, signal);
  }

  /**
   * Listens to a signal (`pad-added`, `notify::caps`). The listener runs on the JS thread, later than the emission;
   * of more than 256 waiting emissions the oldest are dropped with a warning. If the signal wants a value, the emitting
   * thread waits for the listener's, at most 10 s and never longer than until the pipeline is stopped. With `wait` it
   * waits although nothing is wanted: the default for `pad-added`, because data flows as soon as that is over.
   * Returns the function that stops listening.
   */
  on(
    signal: string,
    listener: (...args: never[]) => unknown,
    { wait = signal === 'pad-added' }: { wait?: boolean } = {},
  ): () => void {
    const call = (args: unknown[]) =>
      this.core.guard(this.path, () => listener(...(args.map((value) => this.core.wrap(value)) as never[])));
    const id = this.core.listen((kind, payload) => {
      if (kind === 'ask') return unwrap(call(payload as unknown[]));
      const { calls, dropped } = payload as { calls: unknown[][]; dropped: number };
      if (dropped > 0)
        this.core.warn(overflow(this.path, `${dropped} emissions of "${signal}" were dropped`));
      for (const args of calls) call(args);
    });
    const handler = native.signalConnect(this.core.native(), this.raw, signal, id, wait);
    if (handler === 0) {
      this.core.forget(id);
      throw this.alive ? new TypeError(`${this.type} has no signal "${signal}"`) : goneError(this.path);
    }
    return () => {
      native.signalDisconnect(this.raw, handler);
      this.core.forget(id);
    };
  }

  #checked(result: PropertyResult, property: string, value: unknown): PropertyResult {
    if (this.core.closed || result.status === 'gone') throw goneError(this.path);
    switch (result.status) {
      case 'ok':
        return result;
      case 'expected':
        throw unexpected(result.expected ?? 'another value', property, value);
      case 'missing':
        throw new TypeError(`${this.type} has no property "${property}"`);
      case 'construct-only':
        throw new TypeError(`The property "${property}" of ${this.type} can only be set in the launch line`);
      default:
        throw new TypeError(`The property "${property}" of ${this.type} is ${result.status}`);
    }
  }

  #emitted(result: EmitResult, signal: string, args: unknown[]): EmitResult {
    if (this.core.closed || result.status === 'gone') throw goneError(this.path);
    if (result.status === 'missing') throw new TypeError(`${this.type} has no signal "${signal}"`);
    if (result.status === 'not-an-action')
      throw new TypeError(`"${signal}" of ${this.type} cannot be emitted`);
    if (result.status === 'expected')
      throw unexpected(
        result.expected ?? 'another value',
        `argument ${(result.index ?? 0) + 1} of ${signal}`,
        args[result.index ?? 0],
      );
    return result;
  }

  async #reply(reply: NonNullable<EmitResult['reply']>, signal: string): Promise<unknown> {
    const { replied, fields } = await reply;
    if (!replied) throw new TalkError('core/failed', `"${signal}" was not answered.`, { element: this.path });
    const { error, ...rest } = this.core.wrap(fields) as Record<string, unknown>;
    if (error !== undefined)
      throw new TalkError('core/failed', String((error as Error).message), { element: this.path });
    return rest;
  }
}

/** The warning that a bounded queue was full. */
export function overflow(element: string, what: string): TalkError {
  return new TalkError('core/failed', `${what}: the JS thread was busy.`, { element, retryable: true });
}

/** Handles inside a value as what C++ knows. */
export function unwrap(value: unknown): unknown {
  if (value instanceof ObjectHandle || value instanceof Opaque) return value.raw;
  return Array.isArray(value) ? value.map(unwrap) : value;
}

/** A value that JS cannot look into but may pass on, such as a WebRTC session description. */
export class Opaque {
  readonly raw: NativeHandle;
  constructor(raw: NativeHandle) {
    this.raw = raw;
  }
}
