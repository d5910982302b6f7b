/** HTTPS with a certificate of one's own, and another one while it runs. */
import { writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import t from 'tap';
import { CipherContext } from 'werift';
import WebSocket from 'ws';
import { serverOf } from './support/server.js';

const folder = t.testdir({});
const tls = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };

/** Puts another certificate there. */
async function issue(): Promise<void> {
  const { certPem, keyPem } = await CipherContext.createSelfSignedCertificateWithKey({
    signature: 3,
    hash: 4,
  });
  await writeFile(tls.cert, certPem);
  await writeFile(tls.key, keyPem);
}

/** Which certificate it shows, and what it sets. */
function shown(url: string): Promise<{ fingerprint: string; cookie: string; status: number | undefined }> {
  return new Promise((resolve, reject) => {
    // Nobody vouches for it: it is known by its fingerprint.
    const asked = request(url, { rejectUnauthorized: false, agent: false }, (reply) => {
      const { fingerprint256 } = (reply.socket as TLSSocket).getPeerCertificate();
      reply.resume();
      const cookie = String(reply.headers['set-cookie'] ?? '');
      reply.on('end', () => resolve({ fingerprint: fingerprint256, cookie, status: reply.statusCode }));
    });
    asked.on('error', reject);
    asked.end();
  });
}

await issue();

t.test('pages, sockets and cookies are for HTTPS alone, and a renewed certificate is taken', async (t) => {
  const { url, close, renew } = await serverOf(1, { tls, token: 'sesame' });
  t.teardown(close);
  t.match(url, /^https:/);
  const before = await shown(`${url}/?token=sesame`);
  t.match(before, { status: 200, cookie: /HttpOnly; SameSite=Strict; Path=\/; Secure$/ });
  await t.rejects(fetch(url.replace('https', 'http')), 'nothing is told without');
  const path = `${url.replace('https', 'wss')}/v1/sessions/x/audio?token=sesame`;
  const socket = new WebSocket(path, { rejectUnauthorized: false });
  t.equal(
    await new Promise((resolve) => socket.once('close', resolve)),
    1008,
    'no such session, told by the socket',
  );
  await issue();
  await renew();
  t.not((await shown(`${url}/healthz`)).fingerprint, before.fingerprint);
});

t.test('files that are none are told, and a running server keeps what it has', async (t) => {
  await t.rejects(serverOf(1, { tls: { ...tls, key: join(folder, 'none.pem') } }), {
    code: 'resource/settings',
    message: /none\.pem for TLS cannot be read/,
  });
  const { url, close, renew } = await serverOf(1, { tls });
  t.teardown(close);
  await writeFile(tls.cert, 'no certificate');
  await t.rejects(renew());
  t.equal((await shown(`${url}/healthz`)).status, 200);
  await t.rejects(serverOf(1, { tls }), { code: 'resource/settings', message: /in PEM/ });
});
