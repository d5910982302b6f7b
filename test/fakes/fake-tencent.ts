/** Tencent Cloud's streaming synthesis: https://cloud.tencent.com/document/product/441/19499, with the signature of that page checked. */
import { createHmac } from 'node:crypto';
import { type Asked, HttpFake, type Reply } from './http.js';
import { bytesOf, type Fake } from './service.js';

export class Tencent extends HttpFake {
  override readonly rate = 16000;
  override readonly secrets = ['AKID-never-to-be-seen', 'key-never-to-be-seen'];

  get environment(): Record<string, string> {
    const [id = '', key = ''] = this.secrets;
    return {
      TENCENT_TTS_SERVER: `${this.address}/stream`,
      TENCENT_APPID: '1250000000',
      TENCENT_SECRET_ID: id,
      TENCENT_SECRET_KEY: key,
    };
  }

  protected reply({ headers, url, body }: Asked): Reply {
    if (url.pathname !== '/stream') return { status: 404, json: {} };
    const asked: Record<string, string | number> = JSON.parse(body.toString('utf8'));
    const pairs = Object.entries(asked).map(([name, value]) => `${name}=${value}`);
    const text = `POSTtts.cloud.tencent.com/stream?${pairs.sort().join('&')}`;
    const expected = createHmac('sha1', this.secrets[1]!).update(text, 'utf8').digest('base64');
    if (headers['authorization'] !== expected)
      return refusal('AuthFailure.InvalidAuthorization', 'Signature is wrong.');
    const whole = [
      'AppId',
      'Timestamp',
      'Expired',
      'VoiceType',
      'ModelType',
      'SampleRate',
      'Speed',
      'Volume',
    ];
    if (!whole.every((name) => Number.isFinite(asked[name])) || asked['Action'] !== 'TextToStreamAudio') {
      return refusal('InvalidParameterValue.MissParameters', 'A parameter is missing.');
    }
    if (asked['VoiceType'] !== 101001) return refusal('InvalidParameterValue.VoiceType', 'No such voice.');
    const said = String(asked['Text']);
    return { text: said, type: 'application/octet-stream', sound: bytesOf(this.sound(said)) };
  }
}

function refusal(Code: string, Message: string): Reply {
  return { json: { Response: { RequestId: 'f3aa', Error: { Code, Message } } } };
}

export default { engine: 'tencent', open: () => new Tencent().listen() } satisfies Fake;
