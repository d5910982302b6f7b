/** What the addon reads out of GStreamer's registry (native/introspect.cc). Types only. */

/** The few words of a factory that need no plugin to be loaded. */
export interface FactorySummary {
  /** Name in launch lines, as `queue`. */
  readonly name: string;
  readonly longName: string;
  /** What it is, as `Codec/Encoder/Video`. */
  readonly klass: string;
  readonly description: string;
  readonly author: string;
  /** Preference in autoplugging; 0 never, 256 primary. */
  readonly rank: number;
  /** Name of the plugin; null for an element registered by this process. */
  readonly plugin: string | null;
}

export interface PluginDescription {
  readonly name: string;
  readonly description: string;
  readonly filename: string | null;
  readonly version: string;
  readonly license: string;
  readonly source: string;
  readonly package: string;
  readonly origin: string;
  /** ISO 8601, as GStreamer has it; null when unknown. */
  readonly released: string | null;
}

export interface PluginSummary extends PluginDescription {
  readonly features: readonly { readonly name: string; readonly type: string }[];
}

export type PropertyType =
  | 'bool'
  | 'int'
  | 'uint'
  | 'long'
  | 'ulong'
  | 'int64'
  | 'uint64'
  | 'float'
  | 'double'
  | 'string'
  | 'enum'
  | 'flags'
  | 'fraction'
  | 'caps'
  | 'structure'
  | 'array'
  | 'list'
  | 'value-array'
  | 'boxed'
  | 'object'
  | 'pointer'
  | 'other';

export interface Fraction {
  readonly num: number;
  readonly den: number;
}

/** One choice of an enum, or one bit of flags. */
export interface Choice {
  readonly value: number;
  /** What a launch line says. */
  readonly nick: string;
  /** What a person reads. */
  readonly name: string;
}

export interface PropertyDescription {
  readonly name: string;
  readonly nick: string;
  readonly blurb: string | null;
  readonly type: PropertyType;
  /** GType name of the value. */
  readonly gtype: string;
  /** GType name of the class that declares it. */
  readonly owner: string;
  /** GType name of an array's items. */
  readonly element?: string;
  readonly readable: boolean;
  readonly writable: boolean;
  /** Set once when the element is made. */
  readonly construct: boolean;
  readonly constructOnly: boolean;
  readonly controllable: boolean;
  readonly deprecated: boolean;
  /** Not there on every machine. */
  readonly conditional: boolean;
  /** The highest state in which it may be changed; undefined when the element does not say. */
  readonly mutable?: 'ready' | 'paused' | 'playing';
  readonly min?: number | bigint | Fraction;
  readonly max?: number | bigint | Fraction;
  /** What the class declares. */
  readonly default?: unknown;
  /** What a new element has; `undefined` for objects and opaque values. Flags as nicks, structures as text by field. */
  readonly value?: unknown;
  /** The value of an enum or of flags as a number. */
  readonly bits?: number;
  readonly values?: readonly Choice[];
}

export interface CapsDescription {
  readonly text: string;
  /** Empty for ANY and EMPTY. */
  readonly structures: readonly {
    readonly name: string;
    readonly features?: string;
    readonly fields: readonly { readonly name: string; readonly text: string }[];
  }[];
}

export interface PadTemplateDescription {
  /** `sink`, `src_%u`. */
  readonly name: string;
  readonly direction: 'sink' | 'src';
  readonly presence: 'always' | 'sometimes' | 'request';
  readonly caps: CapsDescription;
  /** Class of the pad where it is one of its own, and what it adds to a pad's properties. */
  readonly gtype?: string;
  readonly properties?: readonly PropertyDescription[];
}

export interface SignalDescription {
  readonly name: string;
  /** Meant to be emitted by the application. */
  readonly action: boolean;
  /** C type of the result; `void` for none. */
  readonly returns: string;
  /** C types after the element itself. */
  readonly params: readonly string[];
}

/** Everything gst-inspect shows. */
export interface FactoryDescription extends FactorySummary {
  /** All metadata by GStreamer's keys (`long-name`, `doc-uri`). */
  readonly metadata: Readonly<Record<string, string>>;
  readonly pluginDetails: PluginDescription | null;
  /** Features of its plugin, this one included. */
  readonly siblings: number;
  /** GType names from GObject down to the element's class. */
  readonly hierarchy: readonly string[];
  readonly interfaces: readonly string[];
  readonly templates: readonly PadTemplateDescription[];
  /** Pads that a new element has. */
  readonly pads: readonly {
    readonly name: string;
    readonly direction: 'sink' | 'src';
    readonly template?: string;
  }[];
  readonly clocking: { readonly requires: boolean; readonly provides: boolean; readonly clock?: string };
  readonly uri: { readonly direction: 'sink' | 'src'; readonly protocols: readonly string[] } | null;
  readonly properties: readonly PropertyDescription[];
  readonly signals: readonly SignalDescription[];
  readonly children: readonly { readonly name: string; readonly type: string }[];
  readonly presets: readonly { readonly name: string; readonly comment?: string }[];
}

/** An element whose plugin is there but which cannot be made here (a missing device or library). */
export type Unavailable = Pick<
  FactoryDescription,
  keyof FactorySummary | 'metadata' | 'pluginDetails' | 'siblings'
> & {
  readonly unavailable: true;
};

export interface CatalogNative {
  catalogFactories(): FactorySummary[];
  catalogPlugins(): PluginSummary[];
  catalogDescribe(name: string): (FactoryDescription & { unavailable: false }) | Unavailable | null;
}
