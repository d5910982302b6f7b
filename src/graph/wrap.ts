/** From what C++ returns to what an application holds. */
import { types } from 'node:util';
import type { NativeHandle } from '../native/pipeline.js';
import { native } from '../native.js';
import { type Core, goneError } from './core.js';
import { ElementHandle } from './handle.js';
import { ObjectHandle, Opaque } from './object.js';
import { PadHandle } from './pad.js';

/** The handle of an external. */
export function wrapHandle(core: Core, raw: NativeHandle): ObjectHandle {
  const info = native.objectInfo(raw);
  if (info === null) throw goneError('the object');
  if (info.kind === 'element') return new ElementHandle(core, raw, info);
  return info.kind === 'pad' ? new PadHandle(core, raw, info) : new ObjectHandle(core, raw, info);
}

/** Externals in a value as handles, to any depth; undefined for an object that is gone already. */
export function wrapValue(core: Core, value: unknown): unknown {
  if (types.isExternal(value)) {
    const raw = value as unknown as NativeHandle;
    const kind = native.objectKind(raw);
    if (kind === 'gone') return undefined;
    return kind === 'boxed' ? new Opaque(raw) : wrapHandle(core, raw);
  }
  if (Array.isArray(value)) return value.map((item) => wrapValue(core, item));
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, wrapValue(core, item)]));
}
