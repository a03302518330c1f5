import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { AppError } from '../../../shared/errors/app-error.ts';
import { openProvider } from '../../../runtime/providers/open-provider.ts';
import { systemClock } from '../../../runtime/time/clock.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { ask, openTestProvider } from '../../support/opened-provider.ts';
import { readStream } from '../../support/recorded-streams.ts';
import { eventStreamHead, openScriptedServer, type ScriptedAnswer } from '../../support/servers/scripted-server.ts';

const KEY = 'sk-very-secret-0123456789';

function refuse(status: number, body: unknown, headers: Record<string, string> = {}): (answer: ScriptedAnswer) => void {
  return (answer) => {
    answer.head(status, { 'content-type': 'application/json', ...headers });
    answer.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
}

/** The failure of one request to a server that answers so. */
async function failureOf(
  answer: (answer: ScriptedAnswer) => void,
  options: Parameters<typeof openTestProvider>[1] = {},
): Promise<AppError> {
  await using server = await openScriptedServer({ kind: 'h1', answer: (_request, made) => answer(made) });
  await using provider = openTestProvider(server, { key: KEY, ...options });
  const outcome = await ask(provider).catch((error: AppError) => error);
  if (outcome instanceof AppError) return outcome;
  throw new Error('The request succeeded.');
}

describe('an error answer', () => {
  const said = { error: { message: `Said by the provider about ${KEY}`, type: 'x' } };

  test.each([
    [400, 'PROVIDER_REFUSED'],
    [401, 'PROVIDER_AUTH_REFUSED'],
    [402, 'PROVIDER_REFUSED'],
    [403, 'PROVIDER_AUTH_REFUSED'],
    [404, 'PROVIDER_REFUSED'],
    [408, 'PROVIDER_OVERLOADED'],
    [413, 'PROVIDER_REFUSED'],
    [422, 'PROVIDER_REFUSED'],
    [429, 'PROVIDER_RATE_LIMITED'],
    [500, 'PROVIDER_OVERLOADED'],
    [503, 'PROVIDER_OVERLOADED'],
    [529, 'PROVIDER_OVERLOADED'],
  ] as const)('%i is %s, in the words of the provider and without the key', async (status, code) => {
    const error = await failureOf(refuse(status, said));
    expect(error).toMatchObject({ code, details: { status } });
    expect(error.message).toContain('Said by the provider about [key]');
    expect(JSON.stringify([error.message, error.details, String(error.cause), error.stack])).not.toContain(KEY);
  });

  test('429 says how long to wait, in seconds, milliseconds or as a date', async () => {
    const headers: Record<string, string>[] = [
      { 'retry-after': '7' },
      { 'retry-after-ms': '7000', 'retry-after': '9' },
      { 'retry-after': 'Sat, 21 Nov 2026 10:00:07 GMT', date: 'Sat, 21 Nov 2026 10:00:00 GMT' },
      { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '7s' },
    ];
    for (const header of headers) {
      const error = await failureOf(refuse(429, said, header), { clock: manualClock() });
      expect({ header, waitMs: error.details.retryAfterMs }).toEqual({ header, waitMs: 7_000 });
    }
  });

  test('an account that is used up is not worth another attempt', async () => {
    const error = await failureOf(refuse(429, { error: { message: 'Pay.', code: 'insufficient_quota' } }));
    expect(error).toMatchObject({ code: 'PROVIDER_REFUSED', retryable: false });
  });

  test('a web page is no answer', async () => {
    const page = '<html><body>Please log in to the network</body></html>';
    expect(await failureOf(refuse(200, page, { 'content-type': 'text/html' }))).toMatchObject({
      code: 'PROVIDER_PROTOCOL',
    });
    expect((await failureOf(refuse(502, page, { 'content-type': 'text/html' }))).message).toContain('Please log in');
  });
});

describe('a stream', () => {
  test.each(['h1', 'h2'] as const)('that breaks off over %s keeps what had arrived', async (kind) => {
    const bytes = readStream('anthropic-text');
    await using server = await openScriptedServer({
      kind,
      answer: (_request, answer) => {
        answer.head(200, eventStreamHead());
        answer.write(bytes.subarray(0, bytes.indexOf('世界')));
      },
    });
    await using provider = openTestProvider(server, { protocol: 'anthropic' });
    const failing = ask(provider, { onText: (text) => text === '，' && server.abandonAll() });
    await expect(failing).rejects.toMatchObject({
      code: 'PROVIDER_STREAM_BROKEN',
      details: { text: 'Grüße aus 東京：你好，', usage: { inputTokens: 1_420 } },
    });
    expect(provider.stats()).toMatchObject({ failures: 1, openStreams: 0 });
  });

  test('that ends properly but too early is broken', async () => {
    const half = readStream('openai-text');
    const error = await failureOf((answer) => {
      answer.head(200, eventStreamHead());
      answer.end(half.subarray(0, half.indexOf('世界')));
    });
    expect(error).toMatchObject({ code: 'PROVIDER_STREAM_BROKEN', details: { text: 'Grüße aus 東京：你好，' } });
  });

  test.each([
    ['openai-error', 'openai'],
    ['anthropic-overloaded', 'anthropic'],
  ] as const)('with an error event (%s) fails with what had arrived', async (name, protocol) => {
    const error = await failureOf(
      (answer) => {
        answer.head(200, eventStreamHead());
        answer.end(readStream(name));
      },
      { protocol },
    );
    expect(error).toMatchObject({ code: 'PROVIDER_OVERLOADED', details: { text: 'Half an ' } });
  });

  test('that is not JSON breaks the protocol', async () => {
    const error = await failureOf((answer) => {
      answer.head(200, eventStreamHead());
      answer.end('data: {"choices":[{"delta":{"content":"a"}}]}\n\ndata: nonsense\n\ndata: [DONE]\n\n');
    });
    expect(error).toMatchObject({ code: 'PROVIDER_PROTOCOL', details: { text: 'a' } });
  });

  test('whose event never ends is cut off at its bound', async () => {
    const error = await failureOf((answer) => {
      answer.head(200, eventStreamHead());
      answer.write('data: ');
      const block = 'x'.repeat(1024 * 1024);
      for (let count = 0; count < 18; count++) answer.write(block);
    });
    expect(error).toMatchObject({ code: 'PROVIDER_PROTOCOL' });
  });

  test('that falls silent is stalled; every event is a sign of life', async () => {
    const clock = manualClock();
    let open: ScriptedAnswer | undefined;
    await using server = await openScriptedServer({
      kind: 'h2',
      answer: (_request, answer) => {
        open = answer;
        answer.head(200, eventStreamHead());
        answer.write('data: {"choices":[{"delta":{"content":"a"}}]}\n\n');
      },
    });
    await using provider = openTestProvider(server, { clock, stallMs: 1_000 });
    let heard = Promise.withResolvers<void>();
    const failing = ask(provider, { onText: () => heard.resolve() });
    await heard.promise;
    await clock.advance(900);
    heard = Promise.withResolvers();
    open?.write(': still thinking\n\ndata: {"choices":[{"delta":{"content":"b"}}]}\n\n');
    await heard.promise;
    await clock.advance(900);
    expect(server.openCount).toBe(1);
    await clock.advance(101);
    await expect(failing).rejects.toMatchObject({ code: 'PROVIDER_STALLED', details: { text: 'ab' } });
    await open?.abandoned;
    expect(provider.stats().openStreams).toBe(0);
  });

  test('that sends only comments, as gateways do for a model that has stopped, is stalled', async () => {
    const clock = manualClock();
    const answers: ScriptedAnswer[] = [];
    await using server = await openScriptedServer({
      kind: 'h2',
      answer: (_request, answer) => {
        answers.push(answer);
        answer.head(200, eventStreamHead());
        answer.write('data: {"choices":[{"delta":{"content":"a"}}]}\n\n');
        if (answers.length > 1)
          answer.end('data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n');
      },
    });
    await using provider = openTestProvider(server, { clock, stallMs: 1_000 });
    const heard = Promise.withResolvers<void>();
    const failing = ask(provider, { onText: () => heard.resolve() });
    await heard.promise;
    await clock.advance(900);
    answers[0]?.write(': keepalive\n\n');
    // One connection keeps its order: when a later answer is here, so is the comment.
    expect((await ask(provider)).text).toBe('a');
    await clock.advance(101);
    await expect(failing).rejects.toMatchObject({ code: 'PROVIDER_STALLED', details: { text: 'a' } });
  });

  test('that goes on longer than the deadline is cut off although it never stalls', async () => {
    const clock = manualClock();
    let open: ScriptedAnswer | undefined;
    await using server = await openScriptedServer({
      kind: 'h1',
      answer: (_request, answer) => {
        open = answer;
        answer.head(200, eventStreamHead());
        answer.write('data: {"choices":[{"delta":{"content":"."}}]}\n\n');
      },
    });
    await using provider = openTestProvider(server, { clock, stallMs: 1_000 });
    let heard = Promise.withResolvers<void>();
    const failing = ask(provider, { deadlineMs: 3_000, onText: () => heard.resolve() });
    const outcome = failing.catch((error: unknown) => error);
    for (let count = 0; count < 3; count++) {
      await heard.promise;
      await clock.advance(900);
      heard = Promise.withResolvers();
      open?.write('data: {"choices":[{"delta":{"content":"."}}]}\n\n');
    }
    await heard.promise;
    await clock.advance(300);
    expect(await outcome).toMatchObject({ code: 'DEADLINE_EXCEEDED', details: { text: '....' } });
    expect(clock.pendingCount).toBe(0);
  });
});

describe('a connection', () => {
  test('that is refused names the address and the way out', async () => {
    const free = createServer();
    await new Promise<void>((resolve) => free.listen(0, '127.0.0.1', resolve));
    const { port } = free.address() as { port: number };
    await new Promise((resolve) => free.close(resolve));
    await using provider = openProvider({
      name: 'ollama',
      protocol: 'openai',
      baseUrl: `http://127.0.0.1:${port}/v1`,
      http: '1.1',
      stallMs: 1_000,
      connectTimeoutMs: 1_000,
      maxConnections: 1,
      maxConcurrentStreams: 1,
      clock: systemClock,
      key: KEY,
    });
    const error = await ask(provider).catch((failure: AppError) => failure);
    expect(error).toMatchObject({ code: 'PROVIDER_UNREACHABLE', retryable: true });
    expect(error).toHaveProperty(
      'message',
      `Nothing listens at 127.0.0.1:${port}; start the server or correct its address.`,
    );
  });

  test('to a name that does not exist is unreachable', async () => {
    await using server = await openScriptedServer({ kind: 'h1', answer: () => {} });
    await using provider = openTestProvider(server, { baseUrl: 'http://no-such-host.invalid/v1' });
    await expect(ask(provider)).rejects.toMatchObject({ code: 'PROVIDER_UNREACHABLE' });
  });

  test('with a certificate nobody vouches for is refused, all requests that wait for it at once', async () => {
    await using server = await openScriptedServer({ kind: 'h2', answer: () => {} });
    await using provider = openTestProvider(server, { caPem: [], key: KEY });
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => ask(provider)));
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ reason: { code: 'PROVIDER_CERTIFICATE_REFUSED', retryable: false } });
    }
    expect(server.requests).toHaveLength(0);
  });

  test('with a certificate for another name is refused', async () => {
    await using server = await openScriptedServer({ kind: 'https', certificateFor: 'other.example', answer: () => {} });
    await using provider = openTestProvider(server);
    await expect(ask(provider)).rejects.toMatchObject({
      code: 'PROVIDER_CERTIFICATE_REFUSED',
      message: expect.stringContaining('another name') as string,
    });
  });

  test('that never gets through its TLS handshake is given up', async () => {
    const silent = createServer((socket) => void socket.on('error', () => {}).resume());
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as { port: number };
    await using server = await openScriptedServer({ kind: 'h1', answer: () => {} });
    {
      await using provider = openTestProvider(server, { baseUrl: `https://127.0.0.1:${port}`, connectTimeoutMs: 200 });
      await expect(ask(provider)).rejects.toMatchObject({ code: 'PROVIDER_UNREACHABLE' });
    }
    await new Promise((resolve) => silent.close(resolve));
  });

  test('over HTTP/2 only is refused by a server that has none', async () => {
    await using server = await openScriptedServer({ kind: 'https', answer: () => {} });
    await using provider = openTestProvider(server, { http: '2' });
    await expect(ask(provider)).rejects.toMatchObject({
      code: 'PROVIDER_UNREACHABLE',
      message: expect.stringContaining('does not offer HTTP/2') as string,
    });
  });
});

test('a key that no header can carry is refused when the provider is opened, without being repeated', () => {
  const open = (): unknown =>
    openProvider({
      name: 'openai',
      protocol: 'openai',
      baseUrl: 'https://api.openai.com/v1',
      http: 'auto',
      stallMs: 1,
      connectTimeoutMs: 1,
      maxConnections: 1,
      maxConcurrentStreams: 1,
      clock: systemClock,
      key: `${KEY}\nX-Other: 1`,
    });
  expect(open).toThrow(expect.objectContaining({ code: 'PROVIDER_AUTH_REFUSED' }));
  expect(open).not.toThrow(KEY);
});
