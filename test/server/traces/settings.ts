import t from 'tap';
import { traceSettings } from '../../../src/server/traces/index.js';

t.test('the option counts before the environment, and a path is kept', async (t) => {
  t.equal(traceSettings(undefined, {}), undefined);
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://otel.example/team/' };
  t.equal(traceSettings(undefined, env)?.url.href, 'https://otel.example/team/v1/traces');
  t.equal(traceSettings('http://127.0.0.1:4318', env)?.url.href, 'http://127.0.0.1:4318/v1/traces');
  const whole = { ...env, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://otel.example/in?org=7' };
  t.equal(traceSettings(undefined, whole)?.url.href, 'https://otel.example/in?org=7');
  t.equal(traceSettings(undefined, { ...env, OTEL_SDK_DISABLED: 'true' }), undefined);
});

t.test('who is told what, and as whom', async (t) => {
  const env = { OTEL_EXPORTER_OTLP_HEADERS: 'X-Key=a%20b, tenant=7', OTEL_SERVICE_NAME: 'faces' };
  t.match(traceSettings('http://h:1', env), { headers: { 'x-key': 'a b', tenant: '7' }, service: 'faces' });
  t.match(traceSettings('http://h:1', {}), { headers: {}, service: 'talkgraph' });
});

t.test('what cannot be is refused, without what may be a key', async (t) => {
  for (const address of [
    'otel.example:4318',
    'ftp://otel.example',
    'http://me:sk-secret@otel.example',
    '/traces',
  ]) {
    t.throws(() => traceSettings(address, {}), {
      code: 'resource/settings',
      message: /^Expected the address of/,
    });
    t.throws(() => traceSettings(address, {}), { message: /^(?!.*sk-secret)/ });
  }
  for (const headers of ['sk-secret', 'key=%zz', 'key=a%0Ab', '=x'])
    t.throws(() => traceSettings('http://h:1', { OTEL_EXPORTER_OTLP_HEADERS: headers }), {
      message: 'Expected name=value,… for OTEL_EXPORTER_OTLP_HEADERS.',
    });
  t.throws(
    () =>
      traceSettings(undefined, {
        OTEL_EXPORTER_OTLP_ENDPOINT: 'http://h:4317',
        OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
      }),
    { message: /over HTTP \(port 4318\) and not gRPC/ },
  );
});
