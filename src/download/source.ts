/** Where a file is fetched from: mirrors and tokens as the tools of Hugging Face have them. */

/** The site whose files a mirror may have. */
const HUB = 'https://huggingface.co/';

/** An address to ask, and what to send along. */
export interface Source {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * `HF_ENDPOINT` names a mirror of huggingface.co, `HF_TOKEN` what one has to show there. The token goes to that site alone;
 * `fetch` takes it off again when it is sent on to another one.
 */
export function sourceOf(
  url: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Source {
  if (!url.startsWith(HUB)) return { url, headers: {} };
  const endpoint = (env['HF_ENDPOINT'] ?? '').replace(/\/+$/, '');
  const token = env['HF_TOKEN'] ?? '';
  return {
    url: endpoint === '' ? url : `${endpoint}/${url.slice(HUB.length)}`,
    headers: token === '' ? {} : { authorization: `Bearer ${token}` },
  };
}

/**
 * The SHA-256 of the whole file where the server tells it: Hugging Face has it as the entity tag of what lies in its large
 * file storage.
 */
export function toldHash(headers: Headers): string | undefined {
  const tag = headers.get('x-linked-etag') ?? '';
  return /^"?([0-9a-f]{64})"?$/.exec(tag)?.[1];
}
