import { gunzipSync, gzipSync } from 'node:zlib';
import t from 'tap';
import { readFrame, writeEvent, writeRequest } from '../../../src/voice/volcengine/frame.js';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

t.test('writes requests, packed and not', async (t) => {
  const plain = writeRequest({ a: 'ä' }, false);
  t.equal(plain.subarray(0, 8).toString('hex'), '111010000000000a');
  t.equal(plain.subarray(8).toString('utf8'), '{"a":"ä"}');
  const packed = writeRequest({ a: 1 }, true);
  t.equal(packed.subarray(0, 4).toString('hex'), '11101100');
  t.equal(packed.readUInt32BE(4), packed.length - 8);
  t.equal(gunzipSync(packed.subarray(8)).toString(), '{"a":1}');
  t.equal(writeEvent(2).toString('hex'), `11141000${'00000002'}${'00000002'}7b7d`);
});

t.test('reads sound with and without a number', async (t) => {
  t.match(readFrame(hex('11b00000')), { type: 'sound', last: false, payload: Buffer.alloc(0) });
  t.match(readFrame(hex('11b10000 00000001 00000003 010203')), { last: false, payload: hex('010203') });
  for (const flags of ['2', '3']) {
    t.match(readFrame(hex(`11b${flags}0000 ffffffff 00000001 07`)), { last: true, payload: hex('07') });
  }
  // A header may grow.
  t.match(readFrame(hex('12b10000 99999999 fffffffe 00000001 07')), { last: true, payload: hex('07') });
});

t.test('reads events with the name of their session, and errors', async (t) => {
  t.match(readFrame(hex('11b41000 00000160 00000002 6162 00000001 07')), {
    type: 'sound',
    event: 352,
    last: false,
    payload: hex('07'),
  });
  const told = gzipSync('{"message":"no"}');
  const size = told.length.toString(16).padStart(8, '0');
  t.match(readFrame(hex(`11f01100 00000bba ${size} ${told.toString('hex')}`)), {
    type: 'error',
    code: 3002,
    payload: Buffer.from('{"message":"no"}'),
  });
  t.match(readFrame(hex('11c01000 00000002 7b7d')), { type: 'other' });
});

t.test('reads nothing else', async (t) => {
  for (const bad of [
    '',
    '11',
    '21b00000',
    '11b10000',
    '11b10000 00000001 000000ff 01',
    '11f00000 00',
    '11b00100 00000003 010203',
  ])
    t.equal(readFrame(hex(bad)), undefined, bad);
  t.equal(readFrame('{"type":"error"}'), undefined, 'a text');
});
