/** What whoever runs a server may see of it, where there is a token of their own. Types are those that the server answers with. */
import type { z } from 'zod';
import type {
  AvatarReport,
  Checked,
  ElementList,
  ElementProperties,
  GraphText,
  LogLines,
  Pool,
} from '../server/contract/watching.js';
import type { Http } from './http.js';

export class Watching {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  /** The inference that all sessions share. */
  pool(): Promise<z.output<typeof Pool>> {
    return this.#http.json('GET', '/v1/pool');
  }

  /** Lines of the log behind number `after`. */
  async log(after = 0): Promise<z.output<typeof LogLines>['lines']> {
    const { lines } = await this.#http.json<z.output<typeof LogLines>>('GET', '/v1/log', {
      query: { after },
    });
    return lines;
  }

  /** What is wrong with an avatar. All of its pictures are looked at. */
  async report(avatar: string): Promise<z.output<typeof AvatarReport>['findings']> {
    const path = `/v1/avatars/${encodeURIComponent(avatar)}/report`;
    return (await this.#http.json<z.output<typeof AvatarReport>>('GET', path)).findings;
  }

  /** The text of a graph, YAML. */
  async text(graph: string): Promise<string> {
    const path = `/v1/graphs/${encodeURIComponent(graph)}`;
    return (await this.#http.json<z.output<typeof GraphText>>('GET', path)).text;
  }

  /** All that is wrong with a graph, and its drawing. */
  check(text: string): Promise<z.output<typeof Checked>> {
    return this.#http.json('POST', '/v1/graphs/check', { body: { text } });
  }

  /** Elements that graphs may name there. */
  async elements(): Promise<z.output<typeof ElementList>['elements']> {
    return (await this.#http.json<z.output<typeof ElementList>>('GET', '/v1/elements')).elements;
  }

  /** An element and what can be set in it. */
  element(name: string): Promise<z.output<typeof ElementProperties>> {
    return this.#http.json('GET', `/v1/elements/${encodeURIComponent(name)}`);
  }
}
