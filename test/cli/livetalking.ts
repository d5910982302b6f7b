/** LiveTalking's command line, `config.yaml` and `.env`, as its users have them. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { readConfig, readDotEnv } from '../../src/cli/livetalking/config.js';
import { settle } from '../../src/cli/livetalking/settings.js';
import { optionTable, THEIRS } from '../../src/cli/livetalking/table.js';
import { readWords } from '../../src/cli/serve/arguments.js';
import { planOf } from '../../src/cli/serve/plan.js';
import { PACKAGE } from '../../src/graph/find.js';

const settled = (args: readonly string[], file = '', env: Record<string, string> = {}) => {
  const folder = t.testdir({ 'config.yaml': file });
  return settle(readWords(args).said, readConfig(join(folder, 'config.yaml'), true).said, env);
};

t.test('a command line of LiveTalking’s means here what it meant there', async (t) => {
  const { options, environment, warnings } = settled(
    '--transport webrtc --model wav2lip --avatar_id lisa --tts gpt-sovits --TTS_SERVER http://127.0.0.1:9880 --REF_FILE /a.wav --REF_TEXT=hi --max_session 3 --listenport 8011 --batch_size 4 --fps 25 --stun stun:127.0.0.1:3478 --customvideo_config a.json -l 12'.split(
      ' ',
    ),
  );
  t.same(environment, { TTS_SERVER: 'http://127.0.0.1:9880', REF_FILE: '/a.wav', REF_TEXT: 'hi' });
  t.same(warnings, ['-l has no meaning here: how much sound a mouth is made of follows from the model']);
  t.match(planOf(options), {
    host: '127.0.0.1',
    port: 8011,
    limit: 3,
    avatar: 'lisa',
    standing: [],
    actions: 'a.json',
    settings: {
      parameters: {
        avatar: 'lisa',
        model: 'wav2lip',
        voice: 'gpt-sovits',
        'batch-size': 4,
        stun: 'stun:127.0.0.1:3478',
      },
    },
  });
});

t.test('every option of theirs is taken, and says what it is or that it is nothing', async (t) => {
  for (const { name, becomes, hidden } of THEIRS) {
    const { options, environment, warnings } = settled([`--${name}`, '7']);
    const what = 'option' in becomes ? options[becomes.option] : undefined;
    const where = 'environment' in becomes ? environment[becomes.environment] : undefined;
    t.equal(what ?? where ?? (warnings.length === 1 ? '7' : undefined), '7', name);
    if (hidden === true) t.match(settled([], `${name}: 7\n`), { options, environment }, `${name}:`);
  }
});

t.test('the command line counts before the environment, that before config.yaml', async (t) => {
  const file = 'REF_FILE: from-file\nlistenport: 1\nmax-session: 2\ntts: edgetts\nllm_url: http://file/v1\n';
  t.match(settled(['--listenport', '3', '--REF_FILE', 'typed'], file, { REF_FILE: 'set' }), {
    options: { port: '3', 'max-session': '2', voice: 'edgetts', 'llm-url': 'http://file/v1' },
    environment: { REF_FILE: 'typed' },
  });
  const set = settled([], file, { REF_FILE: 'set', LLM_BASE_URL: 'http://env/v1' });
  t.same([set.environment, set.options['llm-url']], [{}, undefined]);
  t.same(settled([], file).environment, { REF_FILE: 'from-file' });
  t.match(settled(['--avatar', 'max', '--avatar_id', 'lisa'], 'avatar: ava'), { options: { avatar: 'max' } });
});

t.test('the config.yaml they ship is taken with a word about what changes nothing', async (t) => {
  const shipped =
    'fps: 25\nl: 10\nm: 8\nr: 10\nmodel: wav2lip\navatar_id: wav2lip256_avatar1\nbatch_size: 16\ncustomvideo_config: ""\ntts: edgetts\nREF_FILE: ""\nREF_TEXT: ""\nTTS_SERVER: ""\ntransport: webrtc\npush_url: ""\nmax_session: 5\nlistenport: 8010\n';
  const { options, environment, warnings } = settled([], shipped);
  t.same(environment, {});
  t.same(
    warnings.map((line) => line.split(' ')[0]),
    ['l', 'm', 'r'],
  );
  t.match(planOf(options), {
    port: 8010,
    actions: undefined,
    settings: { graph: 'webrtc.yaml', parameters: { 'batch-size': 16, voice: 'edgetts' } },
  });
});

t.test('a config.yaml is read as it is written, by whatever editor', async (t) => {
  const { options, environment } = settled(
    [],
    '\ufeffmax_session: &few 3\r\nqueue: *few\r\nlistenport: 8011\r\nlistenport: 8012\r\n' +
      'REF_FILE: 7426720361733144585\r\nREF_TEXT: 12e3\r\nTTS_SERVER: ~\r\nomni_tts_speed: 1.0\r\navatar_id: 007\r\n',
  );
  t.same(options, { 'max-session': '3', queue: '3', port: '8012', avatar: '007' });
  t.same(environment, { REF_FILE: '7426720361733144585', REF_TEXT: '12e3', OMNI_TTS_SPEED: '1.0' });
  t.same(settled([], 'log: yes\nice_tcp: On\ninsecure: no\nedit-graphs: "false"\n').options, {
    log: 'true',
    'ice-tcp': 'true',
  });
  for (const [text, message] of [
    ['log: loud\n', /log is true or false, not "loud"/],
    ['max_session: [3]\n', /max_session takes one value, not a list/],
    ['a: 1\n---\nb: 2\n', /is no YAML: see line 2/],
    ['a:\n\tb: 1\n', /is no YAML: see line 2/],
  ] as const)
    t.throws(() => settled([], text), { message }, text);
});

t.test('what nobody knows is told with the nearest name', async (t) => {
  const { said, warnings } = readWords(['--avatr_id', 'lisa', '--max_session', '2', '--my_own=5', '-z']);
  t.same([...said], [['max_session', '2']]);
  t.same(warnings, [
    '--avatr_id is unknown and changes nothing, did you mean avatar_id?',
    '--my_own is unknown and changes nothing',
    '-z is unknown and changes nothing',
  ]);
  t.match(readWords(['--max_s', '2', '--avatar_i=lisa']), {
    said: new Map([
      ['max_session', '2'],
      ['avatar_id', 'lisa'],
    ]),
    warnings: ['--max_s is read as --max_session', '--avatar_i is read as --avatar_id'],
  });
  t.match(readWords(['--REF', 'a']).warnings, [/^--REF is unknown/], 'the beginning of two is neither');
  const folder = t.testdir({ 'c.yaml': 'listen_port: 3\n', 'list.yaml': '- a\n', 'bad.yaml': 'key: "sk-\n' });
  t.same(readConfig(join(folder, 'c.yaml'), true).warnings, [
    `listen_port in ${join(folder, 'c.yaml')} is unknown and changes nothing, did you mean listenport?`,
  ]);
  t.throws(() => readConfig(join(folder, 'list.yaml'), true), { message: /holds no options/ });
  t.throws(() => readConfig(join(folder, 'none.yaml'), true), { message: /cannot be read: ENOENT/ });
  t.same(readConfig(join(folder, 'none.yaml'), false).said.size, 0);
  t.same(readConfig('', true).said.size, 0);
  try {
    readConfig(join(folder, 'bad.yaml'), true);
    t.fail('expected a refusal');
  } catch (error) {
    t.match((error as Error).message, /is no YAML: see line \d/);
    t.notMatch((error as Error).message, 'sk-');
  }
});

t.test('words that cannot be read are refused', async (t) => {
  t.throws(() => readWords(['--port', '--host', 'x']), { message: '--port takes a value' });
  t.throws(() => readWords(['--port']), { message: '--port takes a value' });
  t.throws(() => readWords(['--log=yes']), { message: '--log takes no value' });
  t.throws(() => readWords(['extra']), { message: '"extra" is one word too many' });
  for (const [options, message] of [
    [{ port: '70000' }, /--port takes a whole number from 0 to 65535/],
    [{ 'max-session': '0' }, /--max-session takes a whole number from 1/],
    [{ transport: 'srt' }, /--transport takes webrtc, rtmp, virtualcam or rtcpush/],
    [{ transport: 'rtmp', 'push-url': 'http://localhost:1985/rtc' }, /rtmp needs --push-url rtmp:/],
    [{ transport: 'rtcpush', 'push-url': 'rtmp://localhost/live' }, /rtcpush needs --push-url https:/],
    [{ 'session-ids': 'short' }, /--session-ids takes uuid or number/],
  ] as const)
    t.throws(() => planOf(options), { message }, JSON.stringify(options));
});

t.test('who may ask is said by options', async (t) => {
  t.match(planOf({}), { origins: [], insecure: false, rates: { offers: 120, work: 120, other: 3000 } });
  t.match(planOf({ cors: 'https://a.example, http://b.example:81/', insecure: 'true', rate: '0' }), {
    origins: ['https://a.example', 'http://b.example:81'],
    insecure: true,
    rates: false,
  });
  t.same(planOf({ cors: '*' }).origins, ['*']);
  t.same(planOf({}).bounds, { perClient: 0, idleMs: 0, longestMs: 0, graceMs: 5000 });
  t.same(planOf({ 'max-per-client': '2', idle: '5', 'max-length': '60' }).bounds, {
    perClient: 2,
    idleMs: 300_000,
    longestMs: 3_600_000,
    graceMs: 5000,
  });
  t.throws(() => planOf({ idle: '1.5' }), { message: /--idle takes a whole number from 0 to 10080/ });
  t.throws(() => planOf({ cors: 'a.example' }), { message: /--cors takes sites as https:/ });
  t.same(planOf({ 'trust-proxy': '127.0.0.1, 10.0.0.0/8,fd00::/8' }).trustProxy, [
    '127.0.0.1',
    '10.0.0.0/8',
    'fd00::/8',
  ]);
  for (const list of ['proxy.example', '0.0.0.0/0', '10.0.0.0/33', '10.0.0.0/', '*', 'true'])
    t.throws(
      () => planOf({ 'trust-proxy': list }),
      { message: /--trust-proxy takes addresses and networks/ },
      list,
    );
});

t.test('.env sets what is not set', async (t) => {
  const folder = t.testdir({ '.env': 'DASHSCOPE_API_KEY=sk-1\n# a comment\nREF_FILE="a b"\n' });
  t.match(readDotEnv(join(folder, '.env')), { DASHSCOPE_API_KEY: 'sk-1', REF_FILE: 'a b' });
  t.same(readDotEnv(join(folder, 'none')), {});
  writeFileSync(join(folder, 'marked'), '\ufeffREF_FILE=anna\r\nREF_TEXT=hi\r\n');
  t.same(readDotEnv(join(folder, 'marked')), { REF_FILE: 'anna', REF_TEXT: 'hi' });
});

t.test('docs/livetalking.md has a row for every option, as the table says', async (t) => {
  const file = join(PACKAGE, 'docs', 'livetalking.md');
  const page = readFileSync(file, 'utf8');
  const block = /(<!-- options -->\n)[\s\S]*?(<!-- end of options -->)/;
  const made = page.replace(block, (_, begin, end) => `${begin}\n${optionTable()}\n\n${end}`);
  for (const { name } of THEIRS) t.match(made, new RegExp(`^\\| \`-{0,2}${name}:?\` \\|`, 'm'));
  if (made !== page && process.env['CI'] !== 'true') {
    writeFileSync(file, made);
    t.comment('docs/livetalking.md was made anew: commit it');
  } else t.equal(page, made, 'run the tests without CI=true, they make it');
});
