/** Spans as OpenTelemetry has them, and how they travel: OTLP 1 in JSON, which is stable (https://opentelemetry.io/docs/specs/otlp/). */
import { randomBytes } from 'node:crypto';

export type Attributes = Readonly<Record<string, string | number | boolean>>;

/** Something that lasted. Times are ms since 1970, with fractions. */
export interface Span {
  readonly trace: string;
  readonly id: string;
  readonly parent?: string;
  readonly name: string;
  readonly begin: number;
  readonly end: number;
  readonly attributes?: Attributes;
  readonly events?: readonly {
    readonly at: number;
    readonly name: string;
    readonly attributes?: Attributes;
  }[];
  /** What went wrong, in a word or a code; never what somebody said. */
  readonly error?: string;
}

/** 16 bytes in hex. */
export const traceId = (): string => randomBytes(16).toString('hex');
/** 8 bytes in hex. */
export const spanId = (): string => randomBytes(8).toString('hex');

/** Numbers of the enums in trace.proto. */
const INTERNAL = 1;
const FAILED = 2;

/** The body of a request: `ExportTraceServiceRequest`. `resource` says whose spans they are. */
export function requestOf(spans: readonly Span[], resource: Attributes, version: string): string {
  return JSON.stringify({
    resourceSpans: [
      {
        resource: { attributes: pairs(resource) },
        scopeSpans: [{ scope: { name: 'talkgraph', version }, spans: spans.map(shape) }],
      },
    ],
  });
}

function shape({ trace, id, parent, name, begin, end, attributes, events = [], error }: Span): object {
  return {
    traceId: trace,
    spanId: id,
    ...(parent !== undefined && { parentSpanId: parent }),
    name,
    kind: INTERNAL,
    startTimeUnixNano: nanos(begin),
    endTimeUnixNano: nanos(end),
    attributes: pairs(attributes),
    events: events.map((event) => ({
      timeUnixNano: nanos(event.at),
      name: event.name,
      attributes: pairs(event.attributes),
    })),
    ...(error !== undefined && { status: { code: FAILED, message: error } }),
  };
}

/** 64-bit numbers are decimal strings in proto3's JSON. A double holds microseconds of these years, and no more. */
const nanos = (ms: number): string => String(BigInt(Math.round(ms * 1000)) * 1000n);

function pairs(attributes: Attributes = {}): object[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: anyValue(value) }));
}

function anyValue(value: string | number | boolean): object {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}
