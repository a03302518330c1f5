import { describe, expect, test } from 'vitest';
import { ask, openTestProvider } from '../../support/opened-provider.ts';
import { openConnectProxy } from '../../support/servers/connect-proxy.ts';
import { readStream } from '../../support/recorded-streams.ts';
import { eventStreamHead, openScriptedServer, type ScriptedAnswer } from '../../support/servers/scripted-server.ts';

/** A server that holds every answer until `count` of them are open. */
function holdUntil(count: number): { answer: (request: unknown, answer: ScriptedAnswer) => void } {
  const open: ScriptedAnswer[] = [];
  return {
    answer: (_request, answer) => {
      answer.head(200, eventStreamHead());
      open.push(answer);
      if (open.length === count) for (const each of open) each.end(readStream('openai-text'));
    },
  };
}

describe('connections', () => {
  test('carry 100 streams at the same time over one HTTP/2 connection', async () => {
    await using server = await openScriptedServer({ kind: 'h2', ...holdUntil(100) });
    await using provider = openTestProvider(server, { maxConnections: 4, maxConcurrentStreams: 100 });
    const replies = await Promise.all(Array.from({ length: 100 }, () => ask(provider)));
    expect(new Set(replies.map((reply) => reply.text)).size).toBe(1);
    expect(server).toMatchObject({ connectionCount: 1, peakOpenCount: 100 });
    expect(provider.stats()).toMatchObject({ connections: 1, connectionsOpened: 1, openStreams: 0, requests: 100 });
  });

  test('grow to the next one only when all streams of the others are used', async () => {
    await using server = await openScriptedServer({ kind: 'h2', ...holdUntil(30) });
    await using provider = openTestProvider(server, { maxConnections: 3, maxConcurrentStreams: 10 });
    await Promise.all(Array.from({ length: 30 }, () => ask(provider)));
    expect(server).toMatchObject({ connectionCount: 3, peakOpenCount: 30 });
  });

  test('never carry more streams than connections times streams', async () => {
    await using server = await openScriptedServer({
      kind: 'h2',
      answer: (_request, answer) => {
        answer.head(200, eventStreamHead());
        setImmediate(() => answer.end(readStream('openai-text')));
      },
    });
    await using provider = openTestProvider(server, { maxConnections: 2, maxConcurrentStreams: 3 });
    await Promise.all(Array.from({ length: 60 }, () => ask(provider)));
    expect(server.peakOpenCount).toBeLessThanOrEqual(6);
    expect(server.connectionCount).toBeLessThanOrEqual(2);
  });

  test('are one for each request under way over HTTP/1.1, used again, and never more than allowed', async () => {
    await using server = await openScriptedServer({ kind: 'h1', ...holdUntil(8) });
    await using provider = openTestProvider(server, { maxConnections: 8 });
    await Promise.all(Array.from({ length: 8 }, () => ask(provider)));
    expect(server).toMatchObject({ connectionCount: 8, peakOpenCount: 8 });
    await using second = await openScriptedServer({
      kind: 'h1',
      answer: (_request, answer) => {
        answer.head(200, eventStreamHead());
        answer.end(readStream('openai-text'));
      },
    });
    await using few = openTestProvider(second, { maxConnections: 2 });
    await Promise.all(Array.from({ length: 50 }, () => ask(few)));
    expect(second).toMatchObject({ connectionCount: 2 });
    expect(second.peakOpenCount).toBeLessThanOrEqual(2);
  });

  test.each(['h1', 'h2', 'h2c'] as const)(
    'over %s: a cancelled request frees its stream and its place',
    async (kind) => {
      const abandoned: Promise<void>[] = [];
      await using server = await openScriptedServer({
        kind,
        answer: (_request, answer) => {
          answer.head(200, eventStreamHead());
          if (abandoned.length === 5) return answer.end(readStream('openai-text'));
          abandoned.push(answer.abandoned);
          answer.write('data: {"choices":[{"delta":{"content":"a"}}]}\n\n');
        },
      });
      await using provider = openTestProvider(server, {
        http: kind === 'h2c' ? '2' : 'auto',
        maxConnections: 1,
        maxConcurrentStreams: 1,
      });
      const reason = new Error('The operator pressed stop.');
      for (let count = 0; count < 5; count++) {
        const controller = new AbortController();
        const asked = ask(provider, { signal: controller.signal, onText: () => controller.abort(reason) });
        await expect(asked).rejects.toBe(reason);
      }
      await Promise.all(abandoned);
      expect(await ask(provider)).toMatchObject({ finish: 'stop' });
      expect(provider.stats()).toMatchObject({ openStreams: 0, failures: 0, requests: 6 });
    },
  );

  test('a request cancelled while it waits for a place never reaches the server', async () => {
    await using server = await openScriptedServer({
      kind: 'h1',
      answer: (request, answer) => {
        answer.head(200, eventStreamHead());
        if (request.body.includes('third')) return answer.end(readStream('openai-text'));
        return answer.write('data: {"choices":[{"delta":{"content":"a"}}]}\n\n');
      },
    });
    await using provider = openTestProvider(server, { maxConnections: 1 });
    const first = new AbortController();
    const heard = Promise.withResolvers<void>();
    const running = ask(provider, { signal: first.signal, onText: () => heard.resolve() });
    await heard.promise;
    const second = new AbortController();
    const waiting = ask(provider, { signal: second.signal }, { model: 'second' });
    second.abort();
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
    first.abort();
    await expect(running).rejects.toMatchObject({ name: 'AbortError' });
    expect(await ask(provider, {}, { model: 'third' })).toMatchObject({ finish: 'stop' });
    expect(server.requests.map((request) => (JSON.parse(request.body) as { model: string }).model)).toEqual([
      'any',
      'third',
    ]);
  });

  test('a request that is cancelled already is not sent', async () => {
    await using server = await openScriptedServer({ kind: 'h1', answer: () => {} });
    await using provider = openTestProvider(server);
    const reason = new Error('Too late.');
    await expect(ask(provider, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(server.connectionCount).toBe(0);
  });

  test('closing them ends what is under way', async () => {
    await using server = await openScriptedServer({
      kind: 'h2',
      answer: (_request, answer) => {
        answer.head(200, eventStreamHead());
        answer.write('data: {"choices":[{"delta":{"content":"a"}}]}\n\n');
      },
    });
    const provider = openTestProvider(server);
    const heard = Promise.withResolvers<void>();
    const running = ask(provider, { onText: () => heard.resolve() });
    const outcome = running.catch((error: unknown) => error);
    await heard.promise;
    await provider[Symbol.asyncDispose]();
    expect(await outcome).toMatchObject({ code: 'PROVIDER_STREAM_BROKEN', details: { text: 'a' } });
    await expect(ask(provider)).rejects.toMatchObject({ code: 'PROVIDER_UNREACHABLE' });
  });
});

describe('a proxy from the environment', () => {
  const answer = (_request: unknown, made: ScriptedAnswer): void => {
    made.head(200, eventStreamHead());
    made.end(readStream('openai-text'));
  };

  test('is used for TLS by CONNECT, with its user and password, and still multiplexes', async () => {
    await using server = await openScriptedServer({ kind: 'h2', answer });
    await using proxy = await openConnectProxy();
    await using provider = openTestProvider(server, {
      baseUrl: `https://localhost:${server.port}/v1`,
      environment: { HTTPS_PROXY: `http://user:p%40ss@127.0.0.1:${proxy.port}` },
      proxyLoopback: true,
    });
    const replies = await Promise.all([ask(provider), ask(provider), ask(provider)]);
    expect(replies.map((reply) => reply.finish)).toEqual(['stop', 'stop', 'stop']);
    expect(proxy.targets).toEqual([`localhost:${server.port}`]);
    expect(proxy.credentials).toEqual([`Basic ${Buffer.from('user:p@ss').toString('base64')}`]);
    expect(provider.stats()).toMatchObject({ connectionsOpened: 1 });
  });

  test('is used for plain HTTP by forwarding', async () => {
    await using server = await openScriptedServer({ kind: 'h1', answer });
    await using proxy = await openConnectProxy();
    await using provider = openTestProvider(server, {
      environment: { http_proxy: `http://127.0.0.1:${proxy.port}` },
      proxyLoopback: true,
    });
    expect(await ask(provider)).toMatchObject({ finish: 'stop' });
    expect(proxy.forwarded).toEqual([`${server.origin}/v1/chat/completions`]);
  });

  test('is not used for this machine, nor for what NO_PROXY names', async () => {
    await using server = await openScriptedServer({ kind: 'h1', answer });
    await using proxy = await openConnectProxy();
    const environment = { HTTP_PROXY: `http://127.0.0.1:${proxy.port}` };
    await using direct = openTestProvider(server, { environment });
    await ask(direct);
    await using excepted = openTestProvider(server, {
      environment: { ...environment, NO_PROXY: '127.0.0.1' },
      proxyLoopback: true,
    });
    await ask(excepted);
    expect(proxy.forwarded).toEqual([]);
    expect(server.requests).toHaveLength(2);
  });

  test('that refuses says so, in one sentence', async () => {
    await using server = await openScriptedServer({ kind: 'h2', answer });
    await using proxy = await openConnectProxy({ refuseWith: 407 });
    await using provider = openTestProvider(server, {
      environment: { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` },
      proxyLoopback: true,
    });
    await expect(ask(provider)).rejects.toMatchObject({
      code: 'PROVIDER_UNREACHABLE',
      message: expect.stringContaining('The proxy answered 407') as string,
    });
  });
});
