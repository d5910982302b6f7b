/**
 * Numbers and arrays of numpy, in pickles that numpy 1.24 wrote (`pickle.dumps(…, protocol=2 and 4)`).
 */
import t from 'tap';
import { Machine } from '../../src/checkpoint/pickle/machine.js';
import { torchNames } from '../../src/checkpoint/pickle/torch.js';
import type { Made, Tuple } from '../../src/checkpoint/pickle/values.js';
import { global, pickle, text, tuple } from './support/pickles.js';

const PICKLES = {
  2:
    'gAJ9cQAoWAIAAABpOHEBY251bXB5LmNvcmUubXVsdGlhcnJheQpzY2FsYXIKcQJjbnVtcHkKZHR5cGUKcQNYAgAAAGk4cQSJ' +
    'iIdxBVJxBihLA1gBAAAAPHEHTk5OSv////9K/////0sAdHEIYmNfY29kZWNzCmVuY29kZQpxCVgQAAAAw7nDv8O/w7/Dv8O/' +
    'w7/Dv3EKWAYAAABsYXRpbjFxC4ZxDFJxDYZxDlJxD1gCAAAAdTFxEGgCaANYAgAAAHUxcRGJiIdxElJxEyhLA1gBAAAAfHEU' +
    'Tk5OSv////9K/////0sAdHEVYmgJWAIAAADDiHEWaAuGcRdScRiGcRlScRpYAgAAAGk0cRtoAmgDWAIAAABpNHEciYiHcR1S' +
    'cR4oSwNoB05OTkr/////Sv////9LAHRxH2JoCVgIAAAAwpDDrsO+w79xIGgLhnEhUnEihnEjUnEkWAIAAABpMnElaAJoA1gC' +
    'AAAAaTJxJomIh3EnUnEoKEsDaAdOTk5K/////0r/////SwB0cSliaAlYBAAAAMO9w79xKmgLhnErUnEshnEtUnEuWAIAAAB1' +
    'OHEvaAJoA1gCAAAAdThxMImIh3ExUnEyKEsDaAdOTk5K/////0r/////SwB0cTNiaAlYCQAAAAEAAAAAAADCgHE0aAuGcTVS' +
    'cTaGcTdScThYAgAAAGY4cTloAmgDWAIAAABmOHE6iYiHcTtScTwoSwNoB05OTkr/////Sv////9LAHRxPWJoCVgPAAAAwprC' +
    'mcKZwpnCmcKZwrk/cT5oC4ZxP1JxQIZxQVJxQlgCAAAAZjRxQ2gCaANYAgAAAGY0cUSJiIdxRVJxRihLA2gHTk5OSv////9K' +
    '/////0sAdHFHYmgJWAQAAAAAAAA/cUhoC4ZxSVJxSoZxS1JxTFgBAAAAYnFNaAJoA1gCAAAAYjFxTomIh3FPUnFQKEsDaBRO' +
    'Tk5K/////0r/////SwB0cVFiaAlYAQAAAAFxUmgLhnFTUnFUhnFVUnFWWAMAAABiaWdxV2gCaB5oCVgEAAAABQAAAHFYaAuG' +
    'cVlScVqGcVtScVxYAwAAAGJveHFdY251bXB5LmNvcmUubXVsdGlhcnJheQpfcmVjb25zdHJ1Y3QKcV5jbnVtcHkKbmRhcnJh' +
    'eQpxX0sAhXFgaAlYAQAAAGJxYWgLhnFiUnFjh3FkUnFlKEsBSwJLAoZxZmgGiWgJWCAAAAABAAAAAAAAAAIAAAAAAAAAAwAA' +
    'AAAAAAAEAAAAAAAAAHFnaAuGcWhScWl0cWpiWAIAAABiZXFraF5oX0sAhXFsaGOHcW1ScW4oSwFLA4Vxb2gDWAIAAABpNHFw' +
    'iYiHcXFScXIoSwNYAQAAAD5xc05OTkr/////Sv////9LAHRxdGKJaAlYDAAAAAAAAAEAAAACAAAAA3F1aAuGcXZScXd0cXhi' +
    'WAQAAABub25lcXloXmhfSwCFcXpoY4dxe1JxfChLAUsASwSGcX1oRoljX19idWlsdGluX18KYnl0ZXMKcX4pUnF/dHGAYlgG' +
    'AAAAY29vcmRzcYFdcYIoaAJoBmgJWAgAAAABAAAAAAAAAHGDaAuGcYRScYWGcYZScYdLAmgCaAZoCVgIAAAAAwAAAAAAAABx' +
    'iGgLhnGJUnGKhnGLUnGMSwR0cY1hdS4=',
  4:
    'gASVGgMAAAAAAAB9lCiMAmk4lIwVbnVtcHkuY29yZS5tdWx0aWFycmF5lIwGc2NhbGFylJOUjAVudW1weZSMBWR0eXBllJOU' +
    'jAJpOJSJiIeUUpQoSwOMATyUTk5OSv////9K/////0sAdJRiQwj5/////////5SGlFKUjAJ1MZRoBGgHjAJ1MZSJiIeUUpQo' +
    'SwOMAXyUTk5OSv////9K/////0sAdJRiQwHIlIaUUpSMAmk0lGgEaAeMAmk0lImIh5RSlChLA2gLTk5OSv////9K/////0sA' +
    'dJRiQwSQ7v7/lIaUUpSMAmkylGgEaAeMAmkylImIh5RSlChLA2gLTk5OSv////9K/////0sAdJRiQwL9/5SGlFKUjAJ1OJRo' +
    'BGgHjAJ1OJSJiIeUUpQoSwNoC05OTkr/////Sv////9LAHSUYkMIAQAAAAAAAICUhpRSlIwCZjiUaARoB4wCZjiUiYiHlFKU' +
    'KEsDaAtOTk5K/////0r/////SwB0lGJDCJqZmZmZmbk/lIaUUpSMAmY0lGgEaAeMAmY0lImIh5RSlChLA2gLTk5OSv////9K' +
    '/////0sAdJRiQwQAAAA/lIaUUpSMAWKUaARoB4wCYjGUiYiHlFKUKEsDaBROTk5K/////0r/////SwB0lGJDAQGUhpRSlIwD' +
    'YmlnlGgEaBxDBAUAAACUhpRSlIwDYm94lGgCjAxfcmVjb25zdHJ1Y3SUk5RoBYwHbmRhcnJheZSTlEsAhZRDAWKUh5RSlChL' +
    'AUsCSwKGlGgKiUMgAQAAAAAAAAACAAAAAAAAAAMAAAAAAAAABAAAAAAAAACUdJRijAJiZZRoT2hRSwCFlGhTh5RSlChLAUsD' +
    'hZRoB4wCaTSUiYiHlFKUKEsDjAE+lE5OTkr/////Sv////9LAHSUYolDDAAAAAEAAAACAAAAA5R0lGKMBG5vbmWUaE9oUUsA' +
    'hZRoU4eUUpQoSwFLAEsEhpRoPIlDAJR0lGKMBmNvb3Jkc5RdlChoBGgKQwgBAAAAAAAAAJSGlFKUSwJoBGgKQwgDAAAAAAAA' +
    'AJSGlFKUSwR0lGF1Lg==',
};

const OBJECTS =
  'gASVkQAAAAAAAAB9lIwBeJSMFW51bXB5LmNvcmUubXVsdGlhcnJheZSMDF9yZWNvbnN0cnVjdJSTlIwFbnVtcHmUjAduZGFycmF5lJOUSwCFlEMBYpSHlFKUKEsBSwGFlGgFjAVkdHlwZZSTlIwCTziUiYiHlFKUKEsDjAF8lE5OTkr/////Sv////9LP3SUYoldlH2UYXSUYnMu';
const TEXTS =
  'gASVjQAAAAAAAAB9lIwBeJSMFW51bXB5LmNvcmUubXVsdGlhcnJheZSMDF9yZWNvbnN0cnVjdJSTlIwFbnVtcHmUjAduZGFy' +
  'cmF5lJOUSwCFlEMBYpSHlFKUKEsBSwGFlGgFjAVkdHlwZZSTlIwCVTGUiYiHlFKUKEsDjAE8lE5OTksESwRLCHSUYolDBGEA' +
  'AACUdJRicy4=';
const COLUMNS_FIRST =
  'gASVwQAAAAAAAAB9lIwBeJSMFW51bXB5LmNvcmUubXVsdGlhcnJheZSMDF9yZWNvbnN0cnVjdJSTlIwFbnVtcHmUjAduZGFy' +
  'cmF5lJOUSwCFlEMBYpSHlFKUKEsBSwJLA4aUaAWMBWR0eXBllJOUjAJmOJSJiIeUUpQoSwOMATyUTk5OSv////9K/////0sA' +
  'dJRiiEMwAAAAAAAA8D8AAAAAAADwPwAAAAAAAPA/AAAAAAAA8D8AAAAAAADwPwAAAAAAAPA/lHSUYnMu';
const FIELDS =
  'gASVxAAAAAAAAAB9lIwBeJSMFW51bXB5LmNvcmUubXVsdGlhcnJheZSMDF9yZWNvbnN0cnVjdJSTlIwFbnVtcHmUjAduZGFy' +
  'cmF5lJOUSwCFlEMBYpSHlFKUKEsBSwKFlGgFjAVkdHlwZZSTlIwCVjSUiYiHlFKUKEsDjAF8lE6MAWGUhZR9lGgTaA6MAmk0' +
  'lImIh5RSlChLA4wBPJROTk5K/////0r/////SwB0lGJLAIaUc0sESwFLEHSUYolDCAAAAAAAAAAAlHSUYnMu';

function load(bytes: Buffer) {
  return new Machine(
    bytes,
    torchNames(() => ({ at: 0, bytes: 0 })),
  ).run();
}

for (const [protocol, base64] of Object.entries(PICKLES)) {
  t.test(`protocol ${protocol}`, async (t) => {
    const values = load(Buffer.from(base64, 'base64')) as Map<string, unknown>;
    t.same(
      ['i8', 'u1', 'i4', 'i2', 'u8', 'f8', 'f4', 'b', 'big'].map((name) => values.get(name)),
      [-7, 200, -70_000, -3, 2n ** 63n + 1n, 0.1, 0.5, true, 5],
    );
    const array = (name: string) => (values.get(name) as Made).value;
    t.same(array('box'), { shape: [2, 2], values: [1, 2, 3, 4] });
    t.same(array('be'), { shape: [3], values: [1, 2, 3] });
    t.same(array('none'), { shape: [0, 4], values: [] });
    const [coords] = values.get('coords') as Tuple[];
    t.same(coords!.items, [1, 2, 3, 4], 'as the boxes of an avatar are');
  });
}

t.test('what is no number is refused', async (t) => {
  const dtype = (name: string) => `${global('numpy', 'dtype')}${tuple(text(name), '\x89', '\x88')}R`;
  const scalar = (type: string, bytes: string) =>
    `${global('numpy.core.multiarray', 'scalar')}${tuple(type, bytes)}R`;
  const array = (state: string) =>
    `${global('numpy.core.multiarray', '_reconstruct')}${tuple(
      global('numpy', 'ndarray'),
      '(K\x00t',
      'C\x01b',
    )}R${state}b`;
  const cases: [Buffer, RegExp][] = [
    [Buffer.from(OBJECTS, 'base64'), /a numpy type O8 that is no number/],
    [Buffer.from(TEXTS, 'base64'), /a numpy type U1 that is no number/],
    [Buffer.from(COLUMNS_FIRST, 'base64'), /columns come first/],
    [Buffer.from(FIELDS, 'base64'), /a numpy type V4 that is no number/],
    [pickle(dtype('f2')), /a numpy type f2/],
    [pickle(dtype('b4')), /a numpy type b4/],
    [pickle(scalar('N', 'C\x01a')), /numbers without a type/],
    [pickle(scalar(dtype('i4'), 'C\x03abc')), /3 bytes of numbers of 4/],
    [pickle(scalar(dtype('i1'), 'C\x02ab')), /a number of 2 bytes/],
    [pickle(scalar(dtype('i1'), 'C\x00')), /a number of 0 bytes/],
    [pickle(scalar(dtype('i1'), 'N')), /a number without its bytes/],
    [pickle(array('N')), /an array without its bytes/],
    [pickle(array(tuple('K\x01', '(K\x05t', dtype('i1'), '\x89', 'C\x02ab'))), /not that of its 2 numbers/],
    [pickle(array(tuple('K\x01', '(Nt', dtype('i1'), '\x89', 'C\x02ab'))), /not that of its 2 numbers/],
    [pickle(dtype('i4'), tuple('K\x03', text('<'), text('x')), 'b'), /a numpy type with fields/],
    [pickle(`${global('numpy', 'ndarray')})R`), /it calls numpy\.ndarray/],
    [pickle(`${global('builtins', 'bytes')}K\x09\x85R`), /it calls bytes/],
    [pickle(`${global('_codecs', 'encode')}${tuple(text('é€'), text('latin1'))}R`), /no latin1 text/],
    [pickle(`${global('_codecs', 'encode')}${tuple(text('a'), text('rot13'))}R`), /no latin1 text/],
  ];
  for (const [bytes, message] of cases) t.throws(() => load(bytes), { name: 'PickleError', message });
});
