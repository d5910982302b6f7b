/**
 * Requests to addresses that a client names. They reach the world only: not this machine, not its network, whose doors are
 * open to whoever stands inside.
 */
import { lookup as resolve } from 'node:dns';
import { request as plain } from 'node:http';
import { request as secure } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';

const inside = new BlockList();
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  // Relays from IPv6 to IPv4 (RFC 7526).
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const)
  inside.addSubnet(net, bits, 'ipv4');
for (const [net, bits] of [
  // Addresses that are IPv4 ones in other words lead wherever a gateway of this network takes them: compatible ones (with :: and ::1),
  // NAT64 of the world and of a network, Teredo, 6to4. Mapped ones are told by their last part.
  ['::', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['2001::', 32],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
] as const)
  inside.addSubnet(net, bits, 'ipv6');

/** True for an address of this machine or of a network that is nobody else's. */
export function isInside(address: string): boolean {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return isInside(mapped);
  const family = isIP(address);
  return family === 0 || inside.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

/**
 * Looks a name up, once, and refuses it when any of its addresses is forbidden: the one that is used is one of these, whatever the
 * name leads to a moment later (DNS rebinding).
 */
export function lookupUnless(forbidden: (address: string) => boolean): LookupFunction {
  return (name, options, done) => {
    resolve(name, { ...options, all: true }, (error, addresses) => {
      const wrong = error ? undefined : addresses.find(({ address }) => forbidden(address));
      const [first] = addresses ?? [];
      if (error || wrong || first === undefined)
        return done(error ?? new Error(`${name} is an address inside`), '', 4);
      if (options.all === true) return done(null, addresses);
      return done(null, first.address, first.family);
    });
  };
}

const guarded = lookupUnless(isInside);

/**
 * Posts an object as JSON. No redirects are followed, the answer is not read.
 * @param within ms that it may take
 * @throws Error when it was not taken
 */
export async function postOut(url: string, body: unknown, within: number, anywhere = false): Promise<void> {
  const target = new URL(url);
  if (target.protocol !== 'http:' && target.protocol !== 'https:')
    throw new TypeError('Expected http or https.');
  const host = target.hostname.replace(/^\[|\]$/g, '');
  if (!anywhere && isIP(host) !== 0 && isInside(host)) throw new TypeError(`${host} is an address inside`);
  const json = JSON.stringify(body);
  return new Promise((done, fail) => {
    const send = target.protocol === 'https:' ? secure : plain;
    const request = send(target, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(json) },
      signal: AbortSignal.timeout(within),
      ...(anywhere ? {} : { lookup: guarded }),
    });
    request.once('response', (answer) => {
      answer.resume();
      const { statusCode = 0 } = answer;
      if (statusCode < 400) done();
      else fail(new Error(`it answered ${statusCode}`));
    });
    request.once('error', fail);
    request.end(json);
  });
}
