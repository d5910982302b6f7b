import t from 'tap';
import { showFailure } from '../../src/cli/failure.js';
import { TalkError } from '../../src/element/index.js';
import { fakeTerminal } from '../support/terminal.js';

function shown(error: unknown, options: Parameters<typeof showFailure>[2]): string {
  const terminal = fakeTerminal({ colour: true });
  showFailure(error, terminal, options);
  return terminal.written.err;
}

const error = new TalkError('resource/busy', 'The voice is busy.', {
  element: 'say',
  debug: 'HTTP 429\nafter 3 s',
  details: { engine: 'x' },
  retryable: true,
});

t.test('a sentence, the place, the kind, and how to learn more', async (t) => {
  t.equal(
    shown(error, { verbose: false }),
    `<error>error:</> The voice is busy.
  in say (resource/busy); trying again may help
  <faint>-v shows the details, GST_DEBUG=4 GStreamer's own log</>
`,
  );
});

t.test('verbose: facts and debug text', async (t) => {
  t.equal(
    shown(error, { verbose: true, level: 'warning' }),
    `<warning>warning:</> The voice is busy.
  in say (resource/busy); trying again may help
  engine: x
  <faint>HTTP 429</>
  <faint>after 3 s</>
`,
  );
});

t.test('what a stock element knows stands under its sentence', async (t) => {
  const stock = new TalkError('resource/not-found', 'Resource not found.', {
    debug: 'gstfilesrc.c(532): gst_file_src_start (): /GstPipeline:p/GstFileSrc:r:\nNo such file "x"',
  });
  t.match(
    shown(stock, { verbose: false, level: 'info' }),
    /not found\.\n {2}No such file "x"\n {2}\(resource\/not-found\)\n/,
  );
});

t.test('secrets are taken out', async (t) => {
  t.notMatch(shown(error, { verbose: true, redact: (text) => text.replaceAll('429', '***') }), '429');
});

t.test('what is no error of ours shows its stack only when asked', async (t) => {
  t.notMatch(shown(new Error('oops'), { verbose: false }), / at /);
  t.match(shown(new Error('oops'), { verbose: true }), / at /);
  t.match(
    shown(new Error('oops'), { verbose: false, plain: true }),
    /^<error>error:<\/> Error: oops\n +at (?!.*-v shows)/s,
    'or where nobody could ask',
  );
  t.equal(
    shown(error, { verbose: false, plain: true }),
    '<error>error:</> The voice is busy.\n  in say (resource/busy); trying again may help\n',
  );
  t.match(shown('thrown text', { verbose: false }), 'error:</> thrown text');
});
