import { describe, expect, test } from 'vitest';
import { openGuardedClient, type GuardedRequest } from '../../../runtime/net/guarded-client.ts';
import {
  openScriptedServer,
  type ScriptedAnswer,
  type ScriptedRequest,
} from '../../support/servers/scripted-server.ts';

const OPEN = { allowLoopback: true, allowPrivate: false };
const CLOSED = { allowLoopback: false, allowPrivate: false };

function get(url: string, options: Partial<GuardedRequest> = {}): GuardedRequest {
  return { method: 'GET', url, signal: new AbortController().signal, maxBytes: 1_000_000, ...options };
}

function sayHello(_request: unknown, answer: ScriptedAnswer): void {
  answer.head(200, { 'content-type': 'text/plain' });
  answer.end('hello');
}

describe('a client for tools', () => {
  test('reads an answer with its status and headers', async () => {
    await using server = await openScriptedServer({ kind: 'h1', answer: sayHello });
    await using client = openGuardedClient(OPEN);
    const answer = await client.request(get(`${server.origin}/a?b=c`, { headers: { 'X-Mine': '1' } }));
    expect(answer).toMatchObject({ status: 200, cut: false, url: `${server.origin}/a?b=c` });
    expect(answer.body.toString()).toBe('hello');
    expect(server.requests[0]).toMatchObject({ path: '/a?b=c', headers: { 'x-mine': '1' } });
  });

  test('reads no more than it was allowed to', async () => {
    await using server = await openScriptedServer({
      kind: 'h1',
      answer: (_request, answer) => {
        answer.head(200);
        for (let count = 0; count < 64; count++) answer.write('x'.repeat(65_536));
      },
    });
    await using client = openGuardedClient(OPEN);
    const answer = await client.request(get(server.origin, { maxBytes: 100_000 }));
    expect(answer.cut).toBe(true);
    expect(answer.body).toHaveLength(100_000);
  });

  test('gives up when it is told to, with the reason it was given', async () => {
    const arrived = Promise.withResolvers<void>();
    await using server = await openScriptedServer({ kind: 'h1', answer: () => arrived.resolve() });
    await using client = openGuardedClient(OPEN);
    const controller = new AbortController();
    const asked = client.request(get(server.origin, { signal: controller.signal }));
    await arrived.promise;
    const reason = new Error('Stop.');
    controller.abort(reason);
    await expect(asked).rejects.toBe(reason);
  });

  test('says which request cannot be sent', async () => {
    await using client = openGuardedClient(OPEN);
    await expect(client.request(get('no address'))).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    await expect(client.request(get('http://127.0.0.1:9/', { method: 'BAD METHOD' }))).rejects.toMatchObject({
      code: 'INPUT_INVALID',
    });
    await expect(client.request(get('http://no-such-host.invalid/'))).rejects.toMatchObject({ code: 'TOOL_FAILED' });
  });
});

describe('addresses', () => {
  test.each([
    (port: number) => `http://127.0.0.1:${port}/`,
    (port: number) => `http://localhost:${port}/`,
    (port: number) => `http://127.1:${port}/`,
    (port: number) => `http://2130706433:${port}/`,
    (port: number) => `http://0x7f000001:${port}/`,
    (port: number) => `http://0.0.0.0:${port}/`,
    (port: number) => `http://[::1]:${port}/`,
    (port: number) => `http://[::ffff:127.0.0.1]:${port}/`,
    (port: number) => `http://[64:ff9b::7f00:1]:${port}/`,
    (port: number) => `http://user@127.0.0.1:${port}/`,
  ])('of this machine are refused before a connection is made (%#)', async (toUrl) => {
    await using server = await openScriptedServer({ kind: 'h1', answer: sayHello });
    await using client = openGuardedClient(CLOSED);
    await expect(client.request(get(toUrl(server.port)))).rejects.toMatchObject({ code: 'ADDRESS_REFUSED' });
    expect(server.connectionCount).toBe(0);
  });

  test.each(['10.1.2.3', '172.31.0.1', '192.168.1.1', '169.254.169.254', '100.64.0.1', '[fd00::1]', '[fe80::1]'])(
    'of a private network are refused: %s',
    async (host) => {
      await using client = openGuardedClient(OPEN);
      await expect(client.request(get(`http://${host}/`))).rejects.toMatchObject({
        code: 'ADDRESS_REFUSED',
        message: expect.stringContaining('http-private') as string,
      });
    },
  );

  test.each(['file:///etc/passwd', 'ftp://example.com/', 'data:text/plain,x', 'javascript:1'])(
    'of another scheme are refused: %s',
    async (url) => {
      await using client = openGuardedClient({ allowLoopback: true, allowPrivate: true });
      await expect(client.request(get(url))).rejects.toMatchObject({ code: 'ADDRESS_REFUSED' });
    },
  );

  test('that a name resolves to are what counts, each time anew', async () => {
    const answers = [['127.0.0.1'], ['10.0.0.7'], ['10.0.0.7', '127.0.0.1']];
    const asked: string[] = [];
    await using server = await openScriptedServer({
      kind: 'h1',
      answer: (_request, answer) => {
        answer.head(200, { connection: 'close' });
        answer.end('hello');
      },
    });
    await using client = openGuardedClient({
      ...OPEN,
      resolveName: (hostname, _options, callback) => {
        asked.push(hostname);
        callback(
          null,
          (answers.shift() ?? []).map((address) => ({ address, family: 4 })),
        );
      },
    });
    const url = `http://rebind.test:${server.port}/`;
    expect(await client.request(get(url))).toMatchObject({ status: 200 });
    await expect(client.request(get(url))).rejects.toMatchObject({ code: 'ADDRESS_REFUSED' });
    expect(await client.request(get(url))).toMatchObject({ status: 200 });
    expect(asked).toEqual(['rebind.test', 'rebind.test', 'rebind.test']);
  });
});

describe('redirects', () => {
  function redirect(location: string, status = 302): (request: ScriptedRequest, answer: ScriptedAnswer) => void {
    return (request, answer) => {
      if (request.path === '/end') return sayHello(request, answer);
      answer.head(status, { location });
      answer.end();
    };
  }

  test('are followed, and the answer says where it came from', async () => {
    await using server = await openScriptedServer({ kind: 'h1', answer: redirect('/end') });
    await using client = openGuardedClient(OPEN);
    expect(await client.request(get(`${server.origin}/start`))).toMatchObject({ url: `${server.origin}/end` });
  });

  test.each(['http://10.0.0.1/secret', 'http://169.254.169.254/latest', 'file:///etc/passwd', '//192.168.0.1/'])(
    'to a place that is not allowed are refused: %s',
    async (location) => {
      await using server = await openScriptedServer({ kind: 'h1', answer: redirect(location) });
      await using client = openGuardedClient(OPEN);
      await expect(client.request(get(server.origin))).rejects.toMatchObject({ code: 'ADDRESS_REFUSED' });
    },
  );

  test('in a circle end', async () => {
    await using server = await openScriptedServer({ kind: 'h1', answer: redirect('/again') });
    await using client = openGuardedClient(OPEN);
    await expect(client.request(get(server.origin))).rejects.toMatchObject({ code: 'TOOL_FAILED' });
    expect(server.requests).toHaveLength(6);
  });

  test('to another origin lose their credentials; 303 asks with GET and without a body', async () => {
    await using second = await openScriptedServer({ kind: 'h1', answer: sayHello });
    await using server = await openScriptedServer({ kind: 'h1', answer: redirect(`${second.origin}/end`, 303) });
    await using client = openGuardedClient(OPEN);
    const headers = { Authorization: 'Bearer x', Cookie: 'a=b', 'Content-Type': 'text/plain', 'X-Mine': '1' };
    await client.request(get(server.origin, { method: 'POST', body: 'text', headers }));
    expect(server.requests[0]).toMatchObject({ method: 'POST', body: 'text', headers: { authorization: 'Bearer x' } });
    const [followed] = second.requests;
    expect(followed).toMatchObject({ method: 'GET', body: '', headers: { 'x-mine': '1' } });
    expect(Object.keys(followed?.headers ?? {})).not.toEqual(expect.arrayContaining(['authorization']));
    expect(Object.keys(followed?.headers ?? {})).not.toEqual(expect.arrayContaining(['cookie']));
  });
});
