/** What a request or an answer has in it. */

/** The parts of a request whose body is JSON. */
export function json(value: unknown): { headers: Record<string, string>; body: string } {
  return { headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) };
}

/** The header that carries a key, if there is one. */
export function bearer(key: string | undefined): Record<string, string> {
  return key === undefined ? {} : { authorization: `Bearer ${key}` };
}

/** The parts of a request whose body is a form with files. */
export async function form(fields: FormData): Promise<{ headers: Record<string, string>; body: Uint8Array }> {
  const response = new Response(fields);
  return {
    headers: { 'content-type': response.headers.get('content-type') ?? '' },
    body: new Uint8Array(await response.arrayBuffer()),
  };
}
