import { once } from 'node:events';
import { connect } from 'node:net';
import { WebSocket } from 'ws';
import { expect, test } from 'vitest';
import { MAX_MESSAGE_BYTES } from '../../shared/contract/wire.ts';
import { manualClock } from '../support/manual-clock.ts';
import { servePage, type ServedPage } from '../support/page/served-page.ts';

async function openSocket(page: ServedPage, cookie: string): Promise<WebSocket> {
  const socket = await page.dial({ Cookie: cookie, Origin: page.origin });
  if (typeof socket === 'number') throw new Error(`refused with ${socket}`);
  return socket;
}

/** The WebSocket's close code. */
async function closeOf(socket: WebSocket): Promise<number> {
  const [code] = (await once(socket, 'close')) as [number];
  return code;
}

test('every answer forbids what a page of ours never needs', async () => {
  await using page = await servePage();
  const cookie = await page.logIn();
  for (const answer of [
    await page.ask(page.base, { Cookie: cookie }),
    await page.ask('/'),
    await page.ask('/nothing'),
  ]) {
    const policy = answer.headers['content-security-policy'];
    expect(policy).toContain(`default-src 'none'; script-src 'self'; style-src 'self'`);
    expect(policy).toContain(`connect-src 'self' ws://${page.host}`);
    expect(policy).not.toMatch(/unsafe|\*/);
    expect(answer.headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    });
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    expect(answer.headers['x-powered-by']).toBeUndefined();
  }
});

test('hashed files are kept for good, the first page never', async () => {
  await using page = await servePage();
  const cookie = await page.logIn();
  const rule = async (path: string) =>
    (await page.ask(`${page.base}${path}`, { Cookie: cookie })).headers['cache-control'];
  expect(await rule('')).toBe('no-store');
  expect(await rule('assets/main-1a2b.js')).toMatch(/immutable/);
  expect(await rule('icon.svg')).toBe('private, no-cache');
});

test('a token lets one browser in, once, and not after its time', async () => {
  const clock = manualClock();
  await using page = await servePage({}, clock);
  const { search } = new URL(page.server.createUrl());
  const head = await page.ask(`/${search}`, {}, 'HEAD');
  expect(head.status).toBe(401);
  const first = await page.ask(`/${search}`);
  expect(first).toMatchObject({ status: 303, headers: { location: page.base } });
  const cookie = first.headers['set-cookie']?.[0] ?? '';
  expect(cookie).toMatch(/^flotilla-\d+=[\w-]{43}; Path=\/[\w-]{22}\/; HttpOnly; SameSite=Strict$/);
  expect(cookie).toContain(`Path=${page.base};`);
  expect((await page.ask(page.base, { Cookie: cookie.split(';')[0] ?? '' })).status).toBe(200);
  expect((await page.ask(`/${search}`)).status).toBe(401);
  const late = new URL(page.server.createUrl()).search;
  await clock.advance(16 * 60_000);
  expect((await page.ask(`/${late}`)).status).toBe(401);
});

test.each(['BASE', 'BASEassets/main-1a2b.js', '/', '/assets/main-1a2b.js', '/?token=', '/?token=AAAA', '/index.html'])(
  'without a session %s shows nothing',
  async (path) => {
    await using page = await servePage();
    const { status, body } = await page.ask(path.replace('BASE', page.base));
    expect(status).toBe(401);
    expect(body).not.toContain('export');
  },
);

test.each(['', 'x', 'flotilla-1=AAAA', 'flotilla-PORT=AAAA', 'flotilla-PORT=', 'flotilla-1=COOKIE'])(
  'the cookie "%s" opens nothing',
  async (pattern) => {
    await using page = await servePage();
    const secret = (await page.logIn()).split('=')[1] ?? '';
    const cookie = pattern.replaceAll('PORT', String(page.server.port)).replaceAll('COOKIE', secret);
    expect((await page.ask(page.base, { Cookie: cookie })).status).toBe(401);
    expect(await page.dial({ Cookie: cookie, Origin: page.origin })).toBe(401);
  },
);

test('what other local programs lay under our name, or beside it, does not put a browser out', async () => {
  await using page = await servePage();
  const cookie = await page.logIn();
  const [name = ''] = cookie.split('=');
  const others = Array.from({ length: 12 }, (_, at) => `other-${at}=${'x'.repeat(4_000)}`);
  for (const Cookie of [`${name}=AAAA; ${cookie}`, `${cookie}; ${name}=AAAA`, [...others, cookie].join('; ')]) {
    expect((await page.ask(page.base, { Cookie })).status).toBe(200);
  }
  const tooMany = await page.ask(page.base, { Cookie: [...others, ...others].join('; ') });
  expect(tooMany).toMatchObject({ status: 431, body: expect.stringContaining('cookies') as string });
});

test('an answer that nobody reads is given up, and its place is free again', async () => {
  await using page = await servePage({ maxConnections: 4, idleMs: 1_000, checkMs: 20 });
  const cookie = await page.logIn();
  const head = `GET ${page.base}large.js HTTP/1.1\r\nHost: ${page.host}\r\nCookie: ${cookie}\r\n\r\n`;
  // One more than there are places: connections that were made before may still be on their way out.
  const sockets = Array.from({ length: 5 }, () => connect(page.server.port, '127.0.0.1').pause());
  for (const socket of sockets) socket.on('error', () => undefined).write(head.repeat(50));
  const statusOf = (): Promise<number> =>
    page.ask('/').then(
      ({ status }) => status,
      () => 0,
    );
  await expect.poll(statusOf).toBe(0);
  await expect.poll(statusOf, { timeout: 10_000 }).toBe(401);
  for (const socket of sockets) socket.destroy();
});

test('a session of another host opens nothing here', async () => {
  await using page = await servePage();
  await using other = await servePage();
  const cookie = (await other.logIn()).replace(/^flotilla-\d+/, `flotilla-${page.server.port}`);
  expect((await page.ask(page.base, { Cookie: cookie })).status).toBe(401);
  expect(await page.dial({ Cookie: cookie, Origin: page.origin })).toBe(401);
});

test.each([
  'evil.example',
  'evil.example:PORT',
  '127.0.0.1',
  '127.0.0.1:1',
  '127.0.0.1.evil.example:PORT',
  'localhost.:PORT',
])('the name %s, made to lead here, is refused (DNS rebinding)', async (pattern) => {
  await using page = await servePage();
  const Cookie = await page.logIn();
  const Host = pattern.replace('PORT', String(page.server.port));
  const { search } = new URL(page.server.createUrl());
  expect((await page.ask(`/${search}`, { Host })).status).toBe(403);
  expect((await page.ask(page.base, { Host, Cookie })).status).toBe(403);
  expect(await page.dial({ Host, Cookie, Origin: `http://${Host}` })).toBe(403);
  expect((await page.ask(`/${search}`)).status).toBe(303);
});

test.each(['http://evil.example', 'null', 'https://127.0.0.1:PORT', 'http://127.0.0.1:1', 'http://localhost:PORT'])(
  'a page of %s gets no connection, also with the cookie',
  async (pattern) => {
    await using page = await servePage();
    const Cookie = await page.logIn();
    const Origin = pattern.replace('PORT', String(page.server.port));
    expect(await page.dial({ Cookie, Origin })).toBe(403);
    expect((await page.ask(page.base, { Cookie, Origin })).status).toBe(403);
    expect((await page.ask(page.base, { Cookie, Origin }, 'POST')).status).toBe(403);
    expect(page.connections).toEqual([]);
  },
);

test('a connection without an Origin, from another site or to another path is refused', async () => {
  await using page = await servePage();
  const Cookie = await page.logIn();
  expect(await page.dial({ Cookie })).toBe(403);
  expect(await page.dial({ Cookie, Origin: page.origin, 'Sec-Fetch-Site': 'same-site' })).toBe(403);
  expect(await page.dial({ Cookie, Origin: page.origin }, '/rpc')).toBe(404);
  expect(await page.dial({ Origin: page.origin })).toBe(401);
  expect(page.connections).toEqual([]);
});

test('a part of the page that another site asks for is refused', async () => {
  await using page = await servePage();
  const Cookie = await page.logIn();
  const ask = async (site: string, mode: string, dest: string) =>
    (await page.ask(page.base, { Cookie, 'Sec-Fetch-Site': site, 'Sec-Fetch-Mode': mode, 'Sec-Fetch-Dest': dest }))
      .status;
  expect(await ask('cross-site', 'no-cors', 'script')).toBe(403);
  expect(await ask('same-site', 'cors', 'empty')).toBe(403);
  expect(await ask('cross-site', 'navigate', 'iframe')).toBe(403);
  expect(await ask('same-origin', 'no-cors', 'script')).toBe(200);
  expect(await ask('none', 'navigate', 'document')).toBe(200);
});

test.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE'])('%s is refused', async (method) => {
  await using page = await servePage();
  const Cookie = await page.logIn();
  const answer = await page.ask(page.base, { Cookie }, method);
  expect(answer).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
});

test.each([
  '/../secret.html',
  '/..%2fsecret.html',
  '/%2e%2e/secret.html',
  '/%252e%252e%252fsecret.html',
  '/..\\secret.html',
  '/assets/../../secret.html',
  '/assets/..%5c..%5csecret.html',
  '//etc/passwd',
  '/.built-from',
  '/icon.svg%00.html',
  '/__proto__',
  '/constructor',
  '/index.html',
  '/assets/main-1a2b.js',
  'BASE../secret.html',
  'BASEassets/../../../secret.html',
  'BASE.built-from',
  'BASE__proto__',
  'BASE/icon.svg',
])('the path %s leads nowhere', async (path) => {
  await using page = await servePage();
  const cookie = await page.logIn();
  const said = await page.sendRaw(
    `GET ${path.replace('BASE', page.base)} HTTP/1.1\r\nHost: ${page.host}\r\nCookie: ${cookie}\r\nConnection: close\r\n\r\n`,
  );
  expect(said).toMatch(/^HTTP\/1\.1 40[04] /);
  expect(said).not.toMatch(/never|root:/);
});

test.each([
  ['two lengths', 'GET / HTTP/1.1\r\nHost: HOST\r\nContent-Length: 0\r\nContent-Length: 5\r\n\r\nhello'],
  [
    'a length and chunks',
    'POST / HTTP/1.1\r\nHost: HOST\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  ],
  ['a body', 'GET / HTTP/1.1\r\nHost: HOST\r\nContent-Length: 5\r\n\r\nhello'],
  ['chunks', 'GET / HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['no host', 'GET / HTTP/1.1\r\n\r\n'],
  ['two hosts', 'GET / HTTP/1.1\r\nHost: HOST\r\nHost: evil.example\r\n\r\n'],
  ['a whole address', 'GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n'],
  ['a bare line feed', 'GET / HTTP/1.1\nHost: HOST\n\n'],
  ['a head without an end', `GET / HTTP/1.1\r\nHost: HOST\r\nX: ${'x'.repeat(80_000)}\r\n\r\n`],
  ['noise', '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\r\n\r\n'],
])('%s is refused, and the connection ends', async (_name, bytes) => {
  await using page = await servePage();
  const said = await page.sendRaw(bytes.replaceAll('HOST', page.host));
  expect(said).toMatch(/^HTTP\/1\.1 4\d\d /);
  expect(said.match(/HTTP\/1\.1 \d/g)).toHaveLength(1);
});

test('who sends its head slowly is told that it was too slow, and cut off', async () => {
  await using page = await servePage({ headMs: 150, checkMs: 20 });
  const said = await page.sendRaw(`GET / HTTP/1.1\r\nHost: ${page.host}\r\nX-Slow: `);
  expect(said).toMatch(/^HTTP\/1\.1 408 /);
});

test('a connection on which nothing is asked ends without a word: a browser would take it for the answer to what it asks next', async () => {
  await using unused = await servePage({ headMs: 150, checkMs: 20 });
  expect(await unused.sendRaw('')).toBe('');
  await using used = await servePage({ headMs: 150, idleMs: 150, checkMs: 20 });
  const said = await used.sendRaw(`GET / HTTP/1.1\r\nHost: ${used.host}\r\n\r\n`);
  expect(said.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 401']);
});

test('connections beyond the limit are turned away, and those that live go on', async () => {
  await using page = await servePage({ maxConnections: 3 });
  const cookie = await page.logIn();
  const first = await openSocket(page, cookie);
  await openSocket(page, cookie);
  await openSocket(page, cookie);
  await expect(page.ask(page.base, { Cookie: cookie })).rejects.toThrow(/ECONNRESET|hang up/);
  const pong = once(first, 'pong');
  first.ping();
  await pong;
});

test('new connections beyond the rate are cut off until time has passed', async () => {
  const clock = manualClock();
  await using page = await servePage({ connectionsPerMin: 60 }, clock);
  // One was needed to find out where the files lie.
  for (let at = 0; at < 5; at++) expect((await page.ask('/')).status).toBe(401);
  await expect(page.ask('/')).rejects.toThrow(/ECONNRESET|hang up/);
  await clock.advance(1_000);
  expect((await page.ask('/')).status).toBe(401);
});

test('one session, and all of them, may have so many WebSockets', async () => {
  await using page = await servePage({ maxSocketsPerSession: 1, maxSockets: 2 });
  const [one, two, three] = [await page.logIn(), await page.logIn(), await page.logIn()];
  const socket = await openSocket(page, one);
  expect(await page.dial({ Cookie: one, Origin: page.origin })).toBe(429);
  await openSocket(page, two);
  expect(await page.dial({ Cookie: three, Origin: page.origin })).toBe(503);
  socket.close();
  await closeOf(socket);
  await expect.poll(() => page.dial({ Cookie: three, Origin: page.origin })).toBeInstanceOf(WebSocket);
});

test('a message that is too large ends its connection', async () => {
  await using page = await servePage();
  const socket = await openSocket(page, await page.logIn());
  socket.send('x'.repeat(MAX_MESSAGE_BYTES + 1));
  expect(await closeOf(socket)).toBe(1009);
  expect(page.connections[0]?.received).toEqual([]);
});

test.each([
  ['no JSON', '{"type":'],
  ['a prototype', '{"type":"hello","__proto__":{"polluted":true}}'],
  ['a hidden prototype', String.raw`{"a":{"\u005f_proto__":{"polluted":true}}}`],
  ['an empty frame', Buffer.alloc(0)],
  ['a frame that promises more', Buffer.from([255, 255, 255, 127, 0])],
  ['a frame with a prototype', frameOf('{"message":{"__proto__":{"polluted":true}},"places":[]}')],
])('%s ends its connection and changes nothing', async (_name, message) => {
  await using page = await servePage();
  const socket = await openSocket(page, await page.logIn());
  socket.send(message);
  expect(await closeOf(socket)).toBe(1007);
  expect(page.connections[0]?.received).toEqual([]);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});

test('a page that no longer answers pings is gone', async () => {
  const clock = manualClock();
  await using page = await servePage({}, clock);
  const socket = await page.dial({ Cookie: await page.logIn(), Origin: page.origin });
  if (typeof socket === 'number') throw new Error('refused');
  socket.pong = () => undefined;
  // What the library answers by itself is kept from going out.
  (socket as unknown as { _autoPong: boolean })._autoPong = false;
  await expect.poll(() => page.connections.length).toBe(1);
  const ended = closeOf(socket);
  await clock.advance(3 * 15_000);
  expect(await ended).toBe(1006);
});

function frameOf(head: string): Buffer {
  const bytes = Buffer.alloc(4 + head.length);
  bytes.writeUInt32LE(head.length);
  bytes.write(head, 4);
  return bytes;
}
