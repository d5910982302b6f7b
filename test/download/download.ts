/** Files from a server on this machine that behaves as bad as networks do. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { download } from '../../src/download/index.js';
import { sourceOf, toldHash } from '../../src/download/source.js';

const content = Buffer.from(Uint8Array.from({ length: 300_000 }, (_, i) => (i * 7919) >> 5));
const sha256 = createHash('sha256').update(content).digest('hex');
/** No time is lost between tries, and dead connections are noticed soon. */
const quick = { pause: 1, patience: 300 };

type Answer = (request: IncomingMessage, response: ServerResponse, n: number) => void;

/** Serves with `answer`; remembers the ranges it was asked for. */
async function server(t: Test, answer: Answer): Promise<{ url: string; ranges: (string | undefined)[] }> {
  const ranges: (string | undefined)[] = [];
  const http = createServer((request, response) => {
    ranges.push(request.headers.range);
    answer(request, response, ranges.length - 1);
  });
  await new Promise<void>((ready) => http.listen(0, '127.0.0.1', ready));
  t.teardown(() => {
    http.closeAllConnections();
    http.close();
  });
  return { url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/weights.bin`, ranges };
}

/** As a good server does: whole, or the rest. */
function serve(request: IncomingMessage, response: ServerResponse, bytes = content, etag = '"v1"'): void {
  const from =
    request.headers['if-range'] === etag
      ? Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
      : 0;
  response.writeHead(from > 0 ? 206 : 200, {
    etag,
    'content-length': bytes.length - from,
    ...(from > 0 && { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` }),
  });
  response.end(bytes.subarray(from));
}

/** Sends some, and hangs up when it has come: `hangUp` is for the progress. */
function cut(response: ServerResponse, bytes: number): void {
  response.writeHead(200, { etag: '"v1"', 'content-length': content.length });
  response.write(content.subarray(0, bytes));
  open.push({ response, bytes });
}
const open: { response: ServerResponse; bytes: number }[] = [];
const hangUp = (done: number) => {
  while (open[0] !== undefined && done >= open[0].bytes) open.shift()?.response.destroy();
};

t.test('a file, its hash and its progress', async (t) => {
  const { url } = await server(t, (request, response) => serve(request, response));
  const to = join(t.testdir(), 'weights.bin');
  const seen: [number, number | undefined][] = [];
  const made = await download(url, to, { sha256, progress: (done, total) => seen.push([done, total]) });
  t.same(made, { path: to, bytes: content.length, sha256, verified: true });
  t.ok(readFileSync(to).equals(content));
  t.same(seen.at(-1), [content.length, content.length]);
  t.notOk(existsSync(`${to}.part`) || existsSync(`${to}.part.json`));
  const unknown = await download(url, to);
  t.equal(unknown.verified, false, 'nobody knew the hash');
});

t.test('a connection that breaks is gone on with where it broke', async (t) => {
  const { url, ranges } = await server(t, (request, response, n) => {
    if (n === 0) cut(response, 100_000);
    else serve(request, response);
  });
  const to = join(t.testdir(), 'weights.bin');
  await download(url, to, { ...quick, sha256, progress: hangUp });
  t.ok(readFileSync(to).equals(content));
  t.equal(ranges.length, 2);
  t.match(ranges[1], /^bytes=[1-9]\d*-$/);
});

t.test('so is what an earlier command left', async (t) => {
  let broken = true;
  const { url, ranges } = await server(t, (request, response) => {
    if (broken) cut(response, 50_000);
    else serve(request, response);
  });
  const to = join(t.testdir(), 'weights.bin');
  await t.rejects(download(url, to, { ...quick, tries: 1, progress: hangUp }), {
    code: 'resource/read',
    retryable: true,
    message: /weights\.bin: .* MB are here and are kept; the same command goes on from there/,
  });
  t.ok(existsSync(`${to}.part`));
  t.notOk(existsSync(to));
  broken = false;
  await download(url, to, { sha256 });
  t.ok(readFileSync(to).equals(content));
  t.match(ranges.at(-1), /^bytes=[1-9]\d*-$/);
});

t.test('another version begins anew, and so does a server that knows no ranges', async (t) => {
  for (const second of [
    (request: IncomingMessage, response: ServerResponse) => serve(request, response, content, '"v2"'),
    (_: IncomingMessage, response: ServerResponse) => {
      response.writeHead(200);
      response.end(content);
    },
  ]) {
    const { url } = await server(t, (request, response, n) => {
      if (n === 0) cut(response, 100_000);
      else second(request, response);
    });
    const to = join(t.testdir(), 'weights.bin');
    await download(url, to, { ...quick, sha256, progress: hangUp });
    t.ok(readFileSync(to).equals(content));
  }
});

t.test('a wrong file is thrown away and named', async (t) => {
  const { url } = await server(t, (request, response) => serve(request, response));
  const to = join(t.testdir(), 'weights.bin');
  await t.rejects(download(url, to, { sha256: sha256.replace(/./g, '0') }), {
    code: 'stream/format',
    message: new RegExp(`its SHA-256 is ${sha256} and should be 0{64}; it was thrown away`),
  });
  t.notOk(existsSync(to) || existsSync(`${to}.part`));
  await t.rejects(download(url, to, { bytes: 5 }), {
    code: 'stream/format',
    message: /has 300000 bytes and should have 5/,
  });
});

t.test('Hugging Face tells the hash, and it is compared', async (t) => {
  let told = sha256;
  const { url } = await server(t, (request, response) => {
    response.setHeader('x-linked-etag', `"${told}"`);
    serve(request, response);
  });
  const to = join(t.testdir(), 'weights.bin');
  t.equal((await download(url, to)).verified, true);
  told = sha256.replace(/./g, 'a');
  await t.rejects(download(url, to), { code: 'stream/format', message: /should be a{64}/ });
  t.equal(toldHash(new Headers({ 'x-linked-etag': '"short"' })), undefined);
});

t.test('a mirror, a token, and to whom it is shown', async (t) => {
  const url = 'https://huggingface.co/a/b/resolve/main/c.bin';
  t.same(sourceOf(url, {}), { url, headers: {} });
  t.equal(
    sourceOf(url, { HF_ENDPOINT: 'https://hf.example.com/' }).url,
    'https://hf.example.com/a/b/resolve/main/c.bin',
  );
  t.same(sourceOf(url, { HF_TOKEN: 'secret' }).headers, { authorization: 'Bearer secret' });
  t.same(sourceOf('https://example.com/c.bin', { HF_TOKEN: 'secret', HF_ENDPOINT: 'https://x' }), {
    url: 'https://example.com/c.bin',
    headers: {},
  });
});

t.test('a server that says no is understood at once', async (t) => {
  for (const [status, code, message] of [
    [404, 'resource/not-found', /no such file \(404\)/],
    [401, 'resource/not-authorized', /HF_TOKEN/],
    [403, 'resource/not-authorized', /accept the terms/],
    [418, 'resource/read', /answered 418/],
  ] as const) {
    const { url, ranges } = await server(t, (_, response) => response.writeHead(status).end());
    await t.rejects(download(url, join(t.testdir(), 'x'), quick), { code, message });
    t.equal(ranges.length, 1, 'without a second try');
  }
});

t.test('one that is busy, silent or gone gets a few tries', async (t) => {
  const busy = await server(t, (_, response) => response.writeHead(503).end());
  await t.rejects(download(busy.url, join(t.testdir(), 'x'), { ...quick, tries: 3 }), {
    code: 'resource/read',
    message: /answered 503/,
  });
  t.equal(busy.ranges.length, 3);
  const silent = await server(t, (_, response) => {
    response.writeHead(200, { 'content-length': content.length });
    response.write(content.subarray(0, 10));
  });
  await t.rejects(download(silent.url, join(t.testdir(), 'x'), { ...quick, tries: 1 }), {
    message: /nothing came for 0\.3 s/,
  });
  const gone = createServer();
  await new Promise<void>((ready) => gone.listen(0, '127.0.0.1', ready));
  const { port } = gone.address() as AddressInfo;
  await new Promise((closed) => gone.close(closed));
  await t.rejects(download(`http://127.0.0.1:${port}/x`, join(t.testdir(), 'x'), { ...quick, tries: 2 }), {
    message: /ECONNREFUSED/,
  });
});

t.test('no space is told before it is tried, and when it comes', async (t) => {
  const huge = await server(t, (_, response) => {
    response.writeHead(200, { 'content-length': 1e18 });
    response.flushHeaders();
  });
  const folder = t.testdir();
  await t.rejects(download(huge.url, join(folder, 'x'), quick), {
    code: 'resource/no-space',
    message: /needs \d+ MB more/,
  });
  const { url } = await server(t, (request, response) => serve(request, response));
  symlinkSync('/dev/full', join(folder, 'y.part'));
  await t.rejects(download(url, join(folder, 'y'), quick), {
    code: 'resource/no-space',
    message: /no space left/,
  });
});

t.test('an abort ends it at once, and what has come is kept', async (t) => {
  const control = new AbortController();
  const { url } = await server(t, (_, response) => {
    response.writeHead(200, { etag: '"v1"', 'content-length': content.length });
    response.write(content.subarray(0, 40_000));
  });
  const to = join(t.testdir(), 'weights.bin');
  const reason = new Error('enough');
  await t.rejects(
    download(url, to, {
      signal: control.signal,
      progress: (done) => done >= 40_000 && control.abort(reason),
    }),
    { message: 'enough' },
  );
  t.equal(readFileSync(`${to}.part`).length, 40_000);
});

t.test('a part of something else is not gone on with', async (t) => {
  const { url, ranges } = await server(t, (request, response) => serve(request, response));
  const to = join(t.testdir(), 'weights.bin');
  writeFileSync(`${to}.part`, 'something');
  writeFileSync(`${to}.part.json`, JSON.stringify({ url: 'http://other', etag: '"v1"' }));
  await download(url, to, { sha256 });
  t.same(ranges, [undefined]);
});
