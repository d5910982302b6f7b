import { native } from '../native.js';
import { type Declared, type Description, describe, specOf } from './declaration.js';
import { classOf, type ElementClass, setClass } from './runtime.js';

/**
 * Makes a class an element: a GType, and a factory under `metadata.name`, usable in launch lines of this process.
 * Registering the same class again does nothing; in another isolate the same declaration joins the type that exists.
 * Throws a TypeError for a wrong declaration.
 */
export function register(made: Declared): Description {
  const description = describe(made);
  const known = classOf(description.name);
  if (known === (made as unknown)) return description;
  if (known !== undefined)
    throw new TypeError(`${description.name}: an element of this name is registered already`);
  native.registerType(specOf(made, description));
  setClass(description.name, made as unknown as ElementClass);
  return description;
}
