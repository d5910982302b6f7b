/** WHEP and WHIP, as a client speaks them. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export function client(base: string) {
  async function send(
    method: string,
    path: string,
    body?: string,
    headers: Record<string, string> = {},
  ): Promise<Reply> {
    const reply = await fetch(new URL(path, base), {
      method,
      headers,
      // Bytes: fetch would give a text a type of its own.
      ...(body === undefined ? {} : { body: new TextEncoder().encode(body) }),
    });
    return { status: reply.status, headers: reply.headers, text: await reply.text() };
  }
  return {
    send,
    post: (path: string, offer: string, headers: Record<string, string> = {}) =>
      send('POST', path, offer, { 'content-type': 'application/sdp', ...headers }),
  };
}
