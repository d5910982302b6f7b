/** A live session that was interrupted, replayed: the same samples and the same pictures, byte for byte. */
import t from 'tap';
import { closeAll, replays } from '../support/replays.js';

t.setTimeout(240_000);
t.teardown(closeAll);

const LONG = 'The quick brown fox jumps over the lazy dog, again and again, all day long.';

t.test('a cut in the middle of a word', async (t) => {
  await replays(t, async (live) => {
    live.say(LONG);
    await live.heard(70);
    live.cut();
    await live.heard(30, false);
    live.say('Sorry.');
    await live.heard(20);
  });
});

t.test('a cut in the pause between two sentences', async (t) => {
  await replays(t, async (live) => {
    live.say('That was it. This will not be said.');
    await live.heard(30);
    await live.heard(8, false);
    live.cut();
  });
});

t.test('two cuts at once, and one more while the next word begins', async (t) => {
  await replays(t, async (live) => {
    live.say(LONG);
    await live.heard(40);
    live.cut();
    live.cut();
    live.say(LONG);
    await live.heard(3);
    live.cut();
    await live.heard(5, false);
    live.cut();
  });
});

for (const drive of ['audio', 'phonemes'])
  t.test(
    `something is said right after the cut, and something waited before it, drive=${drive}`,
    async (t) => {
      await replays(
        t,
        async (live) => {
          live.say(LONG);
          live.say('Never heard.');
          await live.heard(50);
          live.cut();
          live.say('Heard at once.');
          await live.heard(40);
        },
        { lips: `drive=${drive}` },
      );
    },
  );
