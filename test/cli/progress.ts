import t from 'tap';
import { loadingLine, ProgressLine, progressLine, seconds } from '../../src/cli/progress.js';
import { fakeTerminal } from '../support/terminal.js';

t.test('shows how far a file has come, and how fast', async (t) => {
  t.equal(progressLine({ position: 12.4e9, duration: 60e9, elapsed: 2e9 }), '  12.4 s of 60.0 s  20 %  6.2x');
  t.equal(progressLine({ position: 12.4e9, duration: undefined, elapsed: 2e9 }), '  12.4 s  6.2x');
  t.equal(progressLine({ position: 0, duration: 0, elapsed: 4e8 }), '  0.0 s');
  t.equal(progressLine({ position: undefined, duration: 5e9, elapsed: 1 }), undefined);
  t.match(progressLine({ position: 61e9, duration: 60e9, elapsed: 1e9 }), '100 %');
});

t.test('shows how far the loading of a model is', async (t) => {
  const model = 'musetalk';
  t.equal(
    loadingLine({ model, step: 'check', bytes: 1.25e9, of: 3.4e9 }),
    '  Checking musetalk  1.25 of 3.40 GB',
  );
  t.equal(loadingLine({ model, step: 'open', bytes: 0, of: 3.4e9 }), '  Loading musetalk  3.40 GB');
  t.equal(loadingLine({ model, step: 'time', bytes: 0, of: 3.4e9 }), '  Trying musetalk out');
  t.equal(loadingLine({ model, step: 'time', bytes: 3.4e9, of: 3.4e9 }), '  musetalk is ready');
  t.equal(loadingLine({ percent: 3 }), undefined);
});

t.test('long times are minutes and hours', async (t) => {
  t.equal(seconds(99.94e9), '99.9 s');
  t.equal(seconds(187e9), '3:07 min');
  t.equal(seconds(3723e9), '1:02:03 h');
});

t.test('the line is drawn over itself and taken away, on a terminal that is watched', async (t) => {
  const watched = fakeTerminal({ watched: true });
  const line = new ProgressLine(watched);
  line.clear();
  line.show(undefined);
  t.equal(watched.written.err, '');
  line.show('x'.repeat(200));
  t.equal(watched.written.err, `\r\u001b[K${'x'.repeat(79)}`);
  line.clear();
  line.clear();
  t.ok(watched.written.err.endsWith('x\r\u001b[K'));
  const blind = fakeTerminal();
  new ProgressLine(blind).show('x');
  t.equal(blind.written.err, '');
});
