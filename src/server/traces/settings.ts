/** Where traces go: `--otlp`, or what OpenTelemetry's own variables say (https://opentelemetry.io/docs/specs/otel/protocol/exporter/). */
import { TalkError } from '../../element/index.js';

export interface TraceSettings {
  /** Where spans are posted to, whole: `http://127.0.0.1:4318/v1/traces`. */
  readonly url: URL;
  /** Sent along; they may hold a key, and are never shown. */
  readonly headers: Readonly<Record<string, string>>;
  /** What the server is called. */
  readonly service: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Undefined where nobody wants traces.
 * @param base address of the collector, as `http://127.0.0.1:4318`; counts before the environment
 * @throws TalkError resource/settings for an address that is none, headers that are none, and gRPC
 */
export function traceSettings(base: string | undefined, env: Environment): TraceSettings | undefined {
  const whole = base === undefined ? env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] : undefined;
  const given = (whole || base || env['OTEL_EXPORTER_OTLP_ENDPOINT'] || '').trim();
  if (given === '' || env['OTEL_SDK_DISABLED'] === 'true') return undefined;
  const protocol = env['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL'] || env['OTEL_EXPORTER_OTLP_PROTOCOL'] || '';
  if (base === undefined && protocol === 'grpc')
    throw settings(
      'Expected a collector that takes OTLP over HTTP (port 4318) and not gRPC: name it by --otlp.',
    );
  const url = addressOf(given);
  if (!whole) url.pathname = `${url.pathname.replace(/\/+$/, '')}/v1/traces`;
  return {
    url,
    headers: headersOf(env['OTEL_EXPORTER_OTLP_TRACES_HEADERS'] || env['OTEL_EXPORTER_OTLP_HEADERS'] || ''),
    service: env['OTEL_SERVICE_NAME'] || 'talkgraph',
  };
}

/** It may hold a key, so it stands in no error. */
function addressOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '')
    return url;
  throw settings(
    'Expected the address of an OpenTelemetry collector, as http://127.0.0.1:4318, for --otlp; a key belongs into OTEL_EXPORTER_OTLP_HEADERS.',
  );
}

/** `name=value,name=value`, percent-encoded. */
function headersOf(list: string): Record<string, string> {
  const pairs = list.split(',').filter((one) => one.trim() !== '');
  return Object.fromEntries(
    pairs.map((pair) => {
      const [, name = '', value = ''] = /^\s*([\w!#$%&'*+.^`|~-]+)\s*=(.*)$/.exec(pair) ?? [];
      const text = decoded(value.trim());
      if (name !== '' && text !== undefined && !/[\r\n\0]/.test(text)) return [name.toLowerCase(), text];
      throw settings('Expected name=value,… for OTEL_EXPORTER_OTLP_HEADERS.');
    }),
  );
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

const settings = (message: string) => new TalkError('resource/settings', message);
