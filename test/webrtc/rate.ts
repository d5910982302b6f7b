import t from 'tap';
import type { LinkReport } from '../../src/webrtc/line.js';
import { aloneBounds, RateControl } from '../../src/webrtc/rate.js';

const FINE: LinkReport = { loss: 0, estimate: 3e6, sent: 1.4e6 };

/** Reports every second; the rates told. */
function run(control: RateControl, reports: LinkReport[], viewer = 'a'): number[] {
  return reports.flatMap((report) => {
    control.report(viewer, report);
    return control.change() ?? [];
  });
}

t.test('says nothing while all is well', async (t) => {
  t.same(run(new RateControl(aloneBounds(1.5e6)), Array(30).fill(FINE)), []);
});

t.test('goes down at once under heavy loss, waits under some, and comes back slowly', async (t) => {
  const control = new RateControl(aloneBounds(1.5e6));
  t.same(run(control, [{ loss: 0.2, estimate: 2e6, sent: 1.5e6 }]), [1_050_000]);
  t.same(run(control, [{ loss: 0.3, estimate: 2e6, sent: 1.05e6 }]), [661_500]);
  t.same(run(control, Array(10).fill({ loss: 0.05, estimate: 2e6, sent: 6.6e5 })), []);
  const back = run(control, Array(60).fill({ loss: 0.01, estimate: 2e6, sent: 6.6e5 }));
  t.equal(back.at(-1), 1_500_000);
  t.ok(back.length > 3 && back.every((rate, n) => n === 0 || rate > back[n - 1]!), back.join(' '));
});

t.test('never goes below its floor', async (t) => {
  const control = new RateControl(aloneBounds(1.5e6));
  const rates = run(control, Array(30).fill({ loss: 0.6, estimate: 5e4, sent: 1e5 }));
  t.equal(rates.at(-1), 375_000);
  const small = new RateControl(aloneBounds(2e5));
  t.same(
    run(small, Array(30).fill({ loss: 0.6, estimate: 5e4, sent: 2e5 })),
    [],
    'less was asked for than that',
  );
});

t.test('believes an estimate only when it is under what is sent, twice', async (t) => {
  const idle = { loss: 0, estimate: 1.5e5, sent: 1e5 };
  t.same(
    run(new RateControl(aloneBounds(1.5e6)), Array(20).fill(idle)),
    [],
    'a still picture is no slow line',
  );
  const slow = { loss: 0, estimate: 8e5, sent: 1.4e6 };
  const control = new RateControl(aloneBounds(1.5e6));
  t.same(run(control, [slow]), []);
  t.same(run(control, [slow]), [680_000]);
  const short = [40, 40, 50, 60].map((rtt) => ({ ...slow, rtt }));
  t.same(run(new RateControl(aloneBounds(1.5e6)), short), [], 'no packet waits on the way');
  const long = [40, 240, 260].map((rtt) => ({ ...slow, rtt }));
  t.same(run(new RateControl(aloneBounds(1.5e6)), long), [680_000]);
  const rising = [3e5, 3.3e5, 3.6e5, 4e5, 4.4e5].map((estimate) => ({ loss: 0, estimate, sent: 6e5 }));
  t.same(run(new RateControl(aloneBounds(1.5e6)), rising), [], 'nor is a picture that begins to move');
});

t.test('gives a line that loses whatever it is sent its bitrate back, and a bottleneck not', async (t) => {
  const lossy = new RateControl(aloneBounds(1.5e6));
  const loses = (sent: number) => ({ loss: 0.15, estimate: 3e6, sent });
  t.same(run(lossy, [loses(1.5e6)]), [1_050_000]);
  t.same(run(lossy, [loses(1.05e6)]), [1_500_000]);
  t.same(run(lossy, Array(20).fill(loses(1.5e6))), []);
  t.same(
    run(lossy, [{ loss: 0.5, estimate: 3e6, sent: 1.5e6 }]),
    [675_000],
    'more than usual is something else',
  );
  const full = new RateControl(aloneBounds(1.5e6));
  t.same(run(full, [{ loss: 0.2, estimate: 3e6, sent: 1.5e6 }]), [1_050_000]);
  t.same(run(full, [{ loss: 0, estimate: 3e6, sent: 1.05e6 }]), []);
});

t.test('serves the weakest viewer, and the others again when it has gone', async (t) => {
  const control = new RateControl(aloneBounds(1.5e6));
  run(control, [FINE], 'good');
  t.same(run(control, [{ loss: 0.3, estimate: 2e6, sent: 1.5e6 }], 'bad'), [945_000]);
  t.same(run(control, Array(10).fill(FINE), 'good'), []);
  control.forget('bad');
  t.equal(control.change(), 1_500_000);
});
