import t from 'tap';
import { Message } from 'werift';
import { Guard } from '../../src/webrtc/guard.js';

const credentials = { localUsername: 'us', localPassword: 'a password of ours' };
const HERE = ['192.0.2.1', 5000] as const;
const THERE = ['192.0.2.1', 5001] as const;
const RTP = Buffer.from('8060000100000000000000', 'hex');

/** A binding request as a browser sends it. */
function request(user: string, password: string): Buffer {
  const message = new Message(1, 0);
  message.setAttribute('USERNAME', user).setAttribute('PRIORITY', 1);
  return message.addMessageIntegrity(Buffer.from(password)).addFingerprint().bytes;
}

function record(type: number, epoch: number, length = 4, version = 'fefd'): Buffer {
  const header = Buffer.from(`00${version}000000000000000000`, 'hex').fill(type, 0, 1);
  const bytes = Buffer.alloc(13 + length);
  header.copy(bytes);
  bytes.writeUInt16BE(epoch, 3);
  bytes.writeUInt16BE(length, 11);
  return bytes;
}

t.test('knows who has shown our credentials, and nobody else', async (t) => {
  const guard = new Guard(credentials);
  t.notOk(guard.admits(RTP, HERE), 'not known yet');
  t.notOk(guard.admits(request('us:them', 'another password'), HERE), 'wrong password');
  t.notOk(guard.admits(request('them:us', 'a password of ours'), HERE), 'not to us');
  const forged = request('us:them', 'a password of ours');
  forged[30] = (forged[30] ?? 0) ^ 1;
  t.notOk(guard.admits(forged, HERE), 'changed on the way');
  t.notOk(guard.admits(new Message(1, 0).bytes, HERE), 'without integrity');
  t.notOk(guard.admits(RTP, HERE), 'still not known');
  t.ok(guard.admits(request('us:them', 'a password of ours'), HERE));
  t.ok(guard.admits(RTP, HERE));
  t.notOk(guard.admits(RTP, THERE), 'another port is somebody else');
  t.equal(guard.refused, 7);
});

t.test('lets answers through to whoever asked, and no fragments of messages', async (t) => {
  const guard = new Guard(credentials);
  t.ok(guard.admits(new Message(1, 256).bytes, THERE));
  for (const hex of ['', '00', '0001000021', '000100000000000000000000000000000000000000']) {
    t.notOk(guard.admits(Buffer.from(hex, 'hex'), HERE), hex);
  }
});

t.test('takes DTLS in clear text only until the viewer has shown that the handshake is done', async (t) => {
  const guard = new Guard(credentials);
  t.notOk(guard.admits(record(22, 0), HERE), 'from nobody we know');
  guard.admits(request('us:them', 'a password of ours'), HERE);
  t.ok(guard.admits(record(22, 0), HERE));
  let keys = true;
  guard.connected(() => keys);
  t.ok(guard.admits(record(22, 0), HERE), 'the end of the handshake may come again');
  t.notOk(guard.admits(record(21, 0), HERE), 'an alert in clear text not');
  guard.seal();
  t.notOk(guard.admits(record(21, 0), HERE), 'an alert anybody could make up');
  t.notOk(guard.admits(record(22, 0), HERE), 'a handshake that would begin anew');
  t.ok(guard.admits(record(23, 1), HERE));
  t.ok(guard.admits(Buffer.concat([record(23, 1), record(21, 1)]), HERE));
  t.notOk(guard.admits(Buffer.concat([record(23, 1), record(21, 0)]), HERE), 'hidden behind a good one');
  t.notOk(guard.admits(record(23, 1, 40).subarray(0, 30), HERE), 'cut short');
  keys = false;
  t.notOk(guard.admits(record(21, 1), HERE), 'an alert of who has no keys, whatever its epoch says');
  t.ok(guard.admits(record(23, 1), HERE), 'what is data is decrypted by werift');
  for (const type of [20, 24, 40, 63])
    t.notOk(guard.admits(record(type, 1), HERE), `no record is of kind ${type}`);
  t.ok(guard.admits(RTP, HERE), 'media goes on');
});

t.test('knows a handful of addresses, not all there are', async (t) => {
  const guard = new Guard(credentials);
  for (let port = 1; port <= 30; port++)
    guard.admits(request('us:them', 'a password of ours'), ['192.0.2.1', port]);
  t.ok(guard.admits(RTP, ['192.0.2.1', 16]));
  t.notOk(guard.admits(RTP, ['192.0.2.1', 17]));
});
