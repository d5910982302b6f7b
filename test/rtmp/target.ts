import t from 'tap';
import { Pipeline } from '../../src/graph/pipeline.js';
import { hide, parseTarget } from '../../src/rtmp/target.js';

const settings = (location: string) => parseTarget(location).settings;

t.test('reads where to send: the key is the last part, the application all before it', async (t) => {
  t.same(settings('rtmp://a.example/live/key'), {
    scheme: 'rtmp',
    host: 'a.example',
    port: 1935,
    application: 'live',
    stream: 'key',
  });
  t.match(settings('RTMPS://a.example:80/app/instance/k?sign=1'), {
    scheme: 'rtmps',
    port: 80,
    application: 'app/instance',
    stream: 'k?sign=1',
  });
  t.match(settings('rtmps://a/b/c'), { port: 443 });
  t.match(settings('rtmp://[::1]:1936/live/key'), { host: '::1', port: 1936 });
  t.match(settings('rtmp://anna:p%40ss@h/live/key'), { username: 'anna', password: 'p@ss' });
});

t.test('takes what the stock element takes behind the URL', async (t) => {
  t.match(settings('rtmp://h/live/key live=1 timeout=30'), { application: 'live', stream: 'key' });
  t.match(settings('rtmp://h/live2 app=live2 playpath=a-b-c'), { application: 'live2', stream: 'a-b-c' });
  t.match(settings('rtmp://h/a/k pubUser=anna pubPasswd=s=1 flashver=FMLE/3.0'), {
    username: 'anna',
    password: 's=1',
    'flash-version': 'FMLE/3.0',
  });
});

t.test('a key is sent as it is written, as the stock element reads it', async (t) => {
  const pipeline = Pipeline.launch('appsrc ! rtmp2sink name=stock');
  t.teardown(() => pipeline.close());
  const stock = pipeline.element('stock');
  for (const location of [
    'rtmp://h/app/key#1',
    'rtmp://h/app/k|e"y{}^`<>',
    "rtmp://h/app/ké'%20%zz",
    'rtmp://h/app/..',
    'rtmp://h/app/a\\b',
    'rtmp://h/app/k?sign=a/b==',
    'rtmp://h/app?auth=1/key?x#y',
    'rtmp://h:80/app/k?to=a:8080',
    'rtmp://u%3a:p%40@h/app/k@x',
  ]) {
    stock.set('location', location);
    const { application, stream, host, port } = settings(location);
    t.same(
      [host, port, application, stream],
      ['host', 'port', 'application', 'stream'].map((name) => stock.get(name)),
      location,
    );
  }
});

t.test('shows neither key nor password', async (t) => {
  const target = parseTarget('rtmp://anna:pa55@h:1936/live/k3y?token=x');
  t.equal(target.shown, 'rtmp://h:1936/live/***');
  const text = hide('rtmp://anna:pa55@h:1936/live/k3y?token=x: no k3y?token=x for pa55', target);
  t.equal(text, '***: no *** for ***');
  const signed = parseTarget('rtmp://h/live/k3y?sign=s1/s2');
  t.equal(signed.shown, 'rtmp://h/live/***/***');
  t.equal(hide('no k3y with sign=s1 and s2', signed), 'no *** with *** and ***');
  t.equal(parseTarget('rtmp://h/live?auth=1/k3y').shown, 'rtmp://h/live/***/***');
});

t.test('says what is wrong, and not what was written', async (t) => {
  for (const [location, message] of [
    ['', /received none/],
    ['k3y', /received no URL/],
    ['rtmpt://h/live/k3y', /received one of rtmpt/],
    ['rtmp://h/k3y', /without an application or a key/],
    ['rtmp://h:99999/live/k3y', /host or port/],
    ['rtmp://anna:%zz@h/live/k3y', /user or password has a %/],
  ] as const) {
    t.throws(() => parseTarget(location), { code: 'resource/settings', message });
    try {
      parseTarget(location);
    } catch (error) {
      t.notMatch(String(error), 'k3y');
    }
  }
});
