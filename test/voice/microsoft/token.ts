import t from 'tap';
import { secMsGec } from '../../../src/voice/microsoft/token.js';

/** `printf %s 1337554080000000006A5AA1D4EAFF4E9FB37E23D68491D6F4 | sha256sum`, in capitals. */
const EXPECTED = 'EA09A9EEE65ADF1C44241564DD783FB0496E6FC56A5EA9DA4077423D5E6281E2';

t.test('holds for five minutes of the Windows clock', async (t) => {
  // 2024-11-08T12:00:00Z: 133755408000000000 ticks of 100 ns since 1601.
  const noon = Date.UTC(2024, 10, 8, 12);
  t.equal(secMsGec(noon), EXPECTED);
  t.equal(secMsGec(noon + 299_999), EXPECTED);
  t.not(secMsGec(noon + 300_000), EXPECTED);
  t.not(secMsGec(noon - 1), EXPECTED);
});
