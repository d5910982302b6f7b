/** Addresses at which viewers may reach us. */
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';

/** Reads `203.0.113.9, 198.51.100.7`. Throws TypeError when one is no IPv4 address. */
export function parseAddresses(text: string): string[] {
  const addresses = text.split(',').map((part) => part.trim());
  const wrong = addresses.find((address) => address !== '' && isIP(address) !== 4);
  if (wrong !== undefined) {
    throw new TypeError(`Expected IPv4 addresses for public-ip but received ${JSON.stringify(wrong)}.`);
  }
  return addresses.filter((address) => address !== '');
}

/** ms for which they are taken to be the same: the system takes half a millisecond to tell them, and is asked for each viewer. */
const FRESH_MS = 1000;
let known: { readonly at: number; readonly addresses: readonly string[] } | undefined;

/** This machine's IPv4 addresses, loopback last: it serves the browser on the same machine, also offline. */
export function localAddresses(): readonly string[] {
  const at = performance.now();
  if (known === undefined || at - known.at > FRESH_MS) known = { at, addresses: asked() };
  return known.addresses;
}

function asked(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const outside = all.filter((a) => !a.internal && a.family === 'IPv4' && !a.address.startsWith('169.254.'));
  return [...new Set([...outside.map((a) => a.address), '127.0.0.1'])];
}
