/**
 * What there is to build graphs of: every element of this process, stock or ours, described from GStreamer's own
 * registry and one instance of it. Needs no pipeline.
 */
import { TalkError } from '../element/error.js';
import type { FactoryDescription, FactorySummary, PluginSummary } from '../native/catalog.js';
import { native } from '../native.js';

export type * from '../native/catalog.js';

const described = new Map<string, FactoryDescription>();

/** Every element factory, by name. */
export function factories(): FactorySummary[] {
  return native.catalogFactories().sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The element factories that GStreamer has without us, also those whose name one of ours has taken. */
export function stockFactories(): FactorySummary[] {
  return factories().filter(({ name, plugin }) => plugin !== null || native.shadows(name));
}

/** Every plugin with its features, by name. */
export function plugins(): PluginSummary[] {
  return native.catalogPlugins().sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * Everything there is to know of an element; the same object at every call. Throws `core/missing-element` for a name
 * that nobody registered, and for an element whose plugin refuses to make it on this machine.
 */
export function describe(name: string): FactoryDescription {
  const known = described.get(name);
  if (known !== undefined) return known;
  const found = native.catalogDescribe(name);
  if (found === null)
    throw new TalkError('core/missing-element', `There is no element "${name}".`, {
      details: { missing: [name] },
    });
  if (found.unavailable)
    throw new TalkError('core/missing-element', `The element "${name}" does not work on this machine.`, {
      details: { missing: [name], plugin: found.pluginDetails?.filename },
    });
  described.set(name, found);
  return found;
}

/** Forgets what was described, after elements were registered again (development). */
export function forgetDescriptions(): void {
  described.clear();
}
