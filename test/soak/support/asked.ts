/** Requests for every route of the server: those of the OpenAPI document by its schemas, those of LiveTalking by its contract. */
import { z } from 'zod';
import { AvatarTask } from '../../../src/server/contract/avatartask.js';
import { AudioType, Human, Offer, OnSession, Recording } from '../../../src/server/contract/livetalking.js';
import { offerOf } from '../../webrtc/support/offers.js';
import type { Dice } from './dice.js';
import { fitting, type Schema, textOf } from './values.js';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly schema: Schema;
}

interface Operation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly responses: Readonly<Record<string, unknown>>;
}

export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** A route, and what may be sent to it. */
interface Route {
  readonly method: string;
  readonly path: string;
  readonly query: readonly Parameter[];
  readonly body?: Schema | undefined;
  readonly form?: boolean;
  /** Of a body that is no JSON. */
  readonly type?: string;
}

/** One value in so many is wrong; the others get further. */
const WRONG = 12;

const schemaOf = (schema: z.ZodType): Schema =>
  z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Schema;
const route = (method: string, path: string, more: Partial<Route> = {}): Route => ({
  ...{ method, path, query: [] },
  ...more,
});
const query = (name: string): Parameter => ({ name, in: 'query', schema: { type: 'string' } });

/** What the document does not describe: LiveTalking's routes, WHEP and WHIP, and what pages and monitors ask for. */
const UNDESCRIBED: readonly Route[] = [
  route('POST', '/offer', { body: schemaOf(Offer) }),
  route('POST', '/human', { body: schemaOf(Human) }),
  route('POST', '/interrupt_talk', { body: schemaOf(OnSession) }),
  route('POST', '/is_speaking', { body: schemaOf(OnSession) }),
  route('POST', '/set_audiotype', { body: schemaOf(AudioType) }),
  route('POST', '/record', { body: schemaOf(Recording) }),
  route('POST', '/humanaudio', { form: true }),
  route('GET', '/record/{id}'),
  route('GET', '/sse', { query: [query('sessionid')] }),
  route('GET', '/api/admin/config'),
  route('GET', '/api/admin/sessions'),
  route('POST', '/api/avatar/task', { body: schemaOf(AvatarTask) }),
  route('POST', '/api/avatar/task', { form: true }),
  route('GET', '/api/avatar/task/{id}'),
  route('DELETE', '/api/avatar/task/{id}'),
  route('GET', '/api/avatar/tasks'),
  route('GET', '/avatars'),
  route('GET', '/avatars/{id}/picture'),
  route('POST', '/whep', { query: [query('avatar'), query('voice')], type: 'application/sdp' }),
  route('POST', '/whep/{id}', { type: 'application/sdp' }),
  route('POST', '/whip/{id}', { type: 'application/sdp' }),
  route('PATCH', '/whep/{id}/{viewer}', { type: 'application/trickle-ice-sdpfrag' }),
  route('DELETE', '/whep/{id}/{viewer}'),
  route('OPTIONS', '/whep'),
  route('GET', '/healthz'),
  route('GET', '/readyz'),
  route('GET', '/metrics'),
  route('GET', '/v1/openapi.json'),
  route('GET', '/'),
  route('GET', '/webrtcapi.html'),
  route('GET', '/client/{id}'),
  route('GET', '/{id}'),
];

/** All routes of a server, and how they are asked. */
export class Routes {
  readonly all: readonly Route[];
  readonly #dice: Dice;

  constructor(document: OpenApi, dice: Dice) {
    this.#dice = dice;
    const described = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, { parameters = [], requestBody }]) =>
        route(method.toUpperCase(), path, {
          query: parameters.filter((one) => one.in === 'query'),
          body: requestBody?.content['application/json']?.schema,
        }),
      ),
    );
    this.all = [...described, ...UNDESCRIBED];
  }

  /** One request. @param ids of sessions that are there */
  next(ids: readonly string[]): Asked {
    const dice = this.#dice;
    const { method, path, query, body, form, type } = dice.of(this.all);
    // Half of all ids are somebody's; the other half lead nowhere, or are no ids.
    const id = () => (ids.length > 0 && dice.once(2) ? dice.of(ids) : textOf(dice));
    const asked = query
      .filter(() => !dice.once(WRONG))
      .map(({ name, schema }) => {
        const value = name === 'sessionid' ? id() : String(fitting(schema, dice, WRONG));
        return `${encoded(name)}=${encoded(value)}`;
      });
    if (dice.once(WRONG)) asked.push(`${encoded(textOf(dice))}=${encoded(textOf(dice))}`);
    const where = path.replace(/\{\w+\}/g, () => encoded(id()));
    const request = { method, path: asked.length > 0 ? `${where}?${asked.join('&')}` : where };
    if (form === true) return { ...request, ...this.#form(id) };
    if (type !== undefined) return { ...request, headers: { 'content-type': type }, body: this.#offer() };
    if (body === undefined) return { ...request, headers: {} };
    return { ...request, headers: this.#headers(), body: this.#json(body, id) };
  }

  #headers(): Record<string, string> {
    const types = [
      'application/json',
      'application/json',
      'text/plain',
      'application/x-www-form-urlencoded',
      '',
    ];
    return { 'content-type': this.#dice.of(types) };
  }

  #json(schema: Schema, id: () => string): string {
    const dice = this.#dice;
    const value = fitting(schema, dice, WRONG);
    if (typeof value === 'object' && value !== null && 'sessionid' in value && !dice.once(4))
      value.sessionid = id();
    if (typeof value === 'object' && value !== null && 'sdp' in value && dice.once(2))
      value.sdp = this.#offer();
    // A long text keeps a voice busy for seconds: it would be its speed that is measured here.
    if (typeof value === 'object' && value !== null && 'input' in value && typeof value.input === 'string')
      value.input = value.input.length > 4096 ? value.input : value.input.slice(0, 120);
    const text = JSON.stringify(value);
    if (!dice.once(WRONG)) return text;
    // Cut off, doubled, or with something in it that changes prototypes.
    const broken = [text.slice(0, dice.roll(text.length + 1)), text + text, `{"__proto__":${text}}`, '[', ''];
    return dice.of(broken);
  }

  /** An offer, most often with one line too few, too many or changed. */
  #offer(): string {
    const dice = this.#dice;
    const lines = offerOf().split('\r\n');
    const at = dice.roll(lines.length);
    const ways = [
      () => lines,
      () => lines.toSpliced(at, 1),
      () => lines.toSpliced(at, 0, lines[at] ?? ''),
      () => lines.with(at, `${lines[at] ?? ''}${textOf(dice)}`),
      () => lines.slice(0, at),
      () => [textOf(dice)],
    ];
    return dice.of(ways)().join('\r\n');
  }

  #form(id: () => string): Pick<Asked, 'headers' | 'body'> {
    const dice = this.#dice;
    const names = ['sessionid', 'file', 'video_file', 'model', 'avatar_id', 'video_path', '__proto__'];
    const parts = Array.from({ length: dice.roll(6) }, () => {
      const name = dice.of(names);
      const file = name.includes('file') ? '; filename="a.wav"' : '';
      const value = name === 'sessionid' ? id() : textOf(dice);
      return `--b\r\ncontent-disposition: form-data; name="${name}"${file}\r\n\r\n${value}\r\n`;
    });
    const end = dice.once(WRONG) ? '' : '--b--\r\n';
    return { headers: { 'content-type': 'multipart/form-data; boundary=b' }, body: parts.join('') + end };
  }
}

/** As it stands in an address; half of a pair of characters has no form there. */
const encoded = (text: string): string => encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd'));
