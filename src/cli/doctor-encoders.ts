/** What `doctor` finds of encoders of graphics cards: each that is installed is tried. */
import type { Hardware } from '../encode/names.js';
import type { Finding } from './doctor-checks.js';

const AREA = 'H.264 on a graphics card';

/** @param load what there is, and why one does not work; undefined: it does */
export async function checkEncoders(load = loadEncoders): Promise<Finding[]> {
  const found = { area: AREA, required: false };
  try {
    const { here, attempt, makers } = await load();
    if (here.length === 0)
      return [{ ...found, name: 'encoder', there: false, detail: 'none is installed, x264enc encodes' }];
    let taken = false;
    const findings: Finding[] = [];
    for (const name of here) {
      const why = await attempt(name);
      const use = taken ? 'works' : 'works, and is what encoder=auto takes';
      findings.push({ ...found, name, there: why === undefined, detail: why ?? `${makers[name]}: ${use}` });
      taken ||= why === undefined;
    }
    return findings;
  } catch {
    // Without the addon there is nothing to ask; that is said elsewhere.
    return [];
  }
}

async function loadEncoders() {
  const { hardwareHere } = await import('../encode/choice.js');
  const { tryHardware } = await import('../encode/trial.js');
  const { MAKERS } = await import('../encode/names.js');
  const attempt = (name: Hardware) => tryHardware(name, 'constrained-baseline');
  return { here: hardwareHere(), attempt, makers: MAKERS as Readonly<Record<Hardware, string>> };
}
