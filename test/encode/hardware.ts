/** Encoders of graphics cards, by FAKE elements that bear their names: which one is chosen, and what it is told. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { chooseEncoder, hardwareHere } from '../../src/encode/choice.js';
import { hardwareText } from '../../src/encode/hardware.js';
import { ENCODER_VALUES } from '../../src/encode/names.js';
import { distrust, tryHardware } from '../../src/encode/trial.js';
import { PACKAGE } from '../../src/graph/find.js';
import { FakeNvH264Enc, FakeVaH264Enc, fakeDriver, registerFakes } from '../support/fakeencoders.js';

t.beforeEach(() => {
  fakeDriver.reset();
  for (const name of ['nvh264enc', 'vah264enc'] as const) distrust(name);
});

const WANTED = {
  bitrate: 1_500_000,
  buffer: 400,
  keyInterval: 5000,
  profile: 'constrained-baseline',
} as const;

t.test('where there is none software encodes, and one that is asked for by name is missed', async (t) => {
  t.same(hardwareHere(), []);
  t.same(await chooseEncoder('auto', 'main'), {});
  t.same(await chooseEncoder('software', 'main'), {});
  t.match(await chooseEncoder('vah264enc', 'main'), {
    problem: 'The encoder vah264enc is not used: It is not installed here. Software encodes instead.',
    hardware: undefined,
  });
});

t.test('the first one that works is chosen, or the one that is asked for', async (t) => {
  registerFakes(FakeVaH264Enc, FakeNvH264Enc);
  t.same(hardwareHere(), ['nvh264enc', 'vah264enc']);
  t.same(await chooseEncoder('auto', 'main'), { hardware: 'nvh264enc' });
  t.same(await chooseEncoder('vah264enc', 'constrained-baseline'), { hardware: 'vah264enc' });
  t.same(await chooseEncoder('software', 'main'), {});
  t.equal(fakeDriver.open, 0, 'none stays open');
});

t.test('each is told what its element knows, in its words, and no more', async (t) => {
  t.equal(
    hardwareText('nvh264enc', 'e', { ...WANTED, leastQp: 22 }),
    'videoconvert ! video/x-raw,format=NV12 ! nvh264enc name=e preset=low-latency-hq rc-mode=cbr bitrate=1500 gop-size=5000 ' +
      'zerolatency=true aud=false qp-min=22 ' +
      '! capsfilter caps=video/x-h264,profile={(string)constrained-baseline,(string)baseline},stream-format=byte-stream,alignment=au',
  );
  t.equal(
    hardwareText('vah264enc', 'e', { ...WANTED, profile: 'main' }),
    'videoconvert ! video/x-raw,format=NV12 ! vah264enc name=e rate-control=cbr bitrate=1500 cpb-size=600 key-int-max=1024 ' +
      'b-frames=0 ref-frames=1 aud=false min-qp=1 ' +
      '! capsfilter caps=video/x-h264,profile=main,stream-format=byte-stream,alignment=au',
  );
  t.throws(() => hardwareText('qsvh264enc', 'e', WANTED), { code: 'core/missing-element' });
});

t.test('one that is registered but does not open is not chosen', async (t) => {
  fakeDriver.places = 0;
  t.match(await tryHardware('nvh264enc', 'main'), 'The card is used up.');
  t.same(await chooseEncoder('auto', 'main'), {});
  t.match((await chooseEncoder('vah264enc', 'main')).problem, /vah264enc is not used: .*used up/);
});

t.test('nor is one that fails at a picture, or holds pictures back', async (t) => {
  fakeDriver.failsAt = 7;
  t.match(await tryHardware('nvh264enc', 'main'), 'The card has gone.');
  fakeDriver.reset();
  fakeDriver.holds = 20;
  t.equal(await tryHardware('vah264enc', 'main', 1500), 'Of 5 pictures it gave 0 within 1.5 s.');
  t.equal(fakeDriver.open, 0);
});

t.test('it is tried once, until it has failed', async (t) => {
  t.equal(await tryHardware('nvh264enc', 'main'), undefined);
  fakeDriver.places = 0;
  t.equal(await tryHardware('nvh264enc', 'main'), undefined);
  distrust('nvh264enc');
  t.match(await tryHardware('nvh264enc', 'main'), 'The card is used up.');
});

t.test('one that worked before and is used up is tried again after a minute', async (t) => {
  const at = (ms: number) => tryHardware('nvh264enc', 'main', 5000, ms);
  t.equal(await at(0), undefined);
  distrust('nvh264enc');
  fakeDriver.places = 0;
  t.match(await at(1000), 'The card is used up.');
  fakeDriver.places = 8;
  t.match(await at(60_000), 'The card is used up.', 'not yet');
  const [one, other] = await Promise.all([at(61_000), at(61_000)]);
  t.same([one, other], [undefined, undefined]);
  fakeDriver.places = 0;
  t.equal(await at(1e9), undefined, 'and what works is tried no more');
});

t.test('graphs offer what there is to choose', async (t) => {
  for (const name of ['webrtc', 'whip', 'rtmp']) {
    const text = readFileSync(join(PACKAGE, 'graphs', `${name}.yaml`), 'utf8');
    t.match(text, `values: [${ENCODER_VALUES.join(', ')}], default: auto`, name);
  }
});
