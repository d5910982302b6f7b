import t from 'tap';
import { compactNtp, ntpFromUnix, rtpTime, startClock, unixFromNtp } from '../../src/webrtc/clock.js';

t.test('writes NTP time as binary fixed point', async (t) => {
  t.equal(ntpFromUnix(0), 2_208_988_800n << 32n);
  t.equal(ntpFromUnix(500), (2_208_988_800n << 32n) | 0x8000_0000n, 'half a second is half of 2^32');
  t.equal(ntpFromUnix(1_700_000_000_250) & 0xffff_ffffn, 0x4000_0000n);
  t.equal(ntpFromUnix(999.9999999) >> 32n, 2_208_988_800n, 'rounding never runs over into the next second');
});

t.test('reads back what it wrote to a microsecond', async (t) => {
  for (const ms of [0, 1, 999.999, 1_700_000_000_123.456, 1_795_380_992_993.071]) {
    t.ok(Math.abs(unixFromNtp(ntpFromUnix(ms)) - ms) < 1e-3, String(ms));
  }
});

t.test('takes the middle of an NTP time for the echo', async (t) => {
  t.equal(compactNtp(0x1234_5678_9abc_def0n), 0x5678_9abc);
});

t.test('makes RTP timestamps of running times, exact and modulo 2^32', async (t) => {
  t.equal(rtpTime(0, 90000), 0);
  t.equal(rtpTime(40_000_000, 90000), 3600);
  t.equal(rtpTime(1e9, 48000), 48000);
  const days = 100 * 86400;
  t.equal(rtpTime(days * 1e9 + 20_000_000, 90000), (days * 90000 + 1800) % 2 ** 32);
});

t.test('starts a clock at zero that goes forward', async (t) => {
  const clock = startClock();
  const first = clock.runningTime() ?? -1;
  t.ok(first >= 0 && first < 1e9);
  t.ok((clock.runningTime() ?? -1) > first);
  t.ok(Math.abs(clock.baseWall - Date.now()) < 1000);
});
