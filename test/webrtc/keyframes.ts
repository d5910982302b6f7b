import t from 'tap';
import { KeyFrameRequests } from '../../src/webrtc/keyframes.js';

t.test('lets the first request through and gathers the rest into one', (t) => {
  const times: number[] = [];
  const requests = new KeyFrameRequests(() => times.push(performance.now()), 50);
  requests.ask();
  t.equal(times.length, 1, 'at once');
  for (let n = 0; n < 20; n++) requests.ask();
  t.equal(times.length, 1);
  setTimeout(() => {
    t.equal(times.length, 2, 'and one for the twenty');
    t.ok(times[1]! - times[0]! >= 48);
    t.same(requests.counts, { asked: 21, made: 2 });
    requests.close();
    t.end();
  }, 180);
});

t.test('asks for nothing after it was closed', async (t) => {
  let made = 0;
  const requests = new KeyFrameRequests(() => made++, 5);
  requests.ask();
  requests.ask();
  requests.close();
  requests.ask();
  await new Promise((resolve) => setTimeout(resolve, 20));
  t.equal(made, 1);
});
