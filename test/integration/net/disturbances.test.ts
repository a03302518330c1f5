import { createServer, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isAppError } from '../../../shared/errors/app-error.ts';
import { ask, openTestProvider } from '../../support/opened-provider.ts';
import { readStream } from '../../support/recorded-streams.ts';
import { eventStreamHead, openScriptedServer, type ScriptedAnswer } from '../../support/servers/scripted-server.ts';

const WHOLE = readStream('openai-text');
const PIECE = 'data: {"choices":[{"delta":{"content":"a"}}]}\n\n';

function answerWhole(answer: ScriptedAnswer): void {
  answer.head(200, eventStreamHead());
  answer.end(WHOLE);
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe.each(['h1', 'h2'] as const)('over %s', (kind) => {
  test('a server that died and came back is used again at the next request', async () => {
    let dead = false;
    await using server = await openScriptedServer({
      kind,
      answer: (_request, answer) => {
        if (!dead) return answerWhole(answer);
        answer.head(200, eventStreamHead());
        return answer.write(PIECE);
      },
    });
    await using provider = openTestProvider(server, { maxConnections: 8 });
    await ask(provider);
    dead = true;
    const heard: Promise<void>[] = [];
    const broken = Array.from({ length: 8 }, () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      heard.push(promise);
      return ask(provider, { onText: () => resolve() }).catch((error: unknown) => error);
    });
    await Promise.all(heard);
    server.dropConnections();
    for (const error of await Promise.all(broken)) {
      expect(error).toMatchObject({ code: 'PROVIDER_STREAM_BROKEN', details: { text: 'a' } });
    }
    dead = false;
    expect(await ask(provider)).toMatchObject({ finish: 'stop' });
    expect(provider.stats()).toMatchObject({ openStreams: 0, connections: 1 });
  });

  test('each of many requests settles exactly once, whenever it is cancelled and however it is answered', async () => {
    const fates = ['whole', 'broken', 'refused', 'silent', 'slow'] as const;
    await using server = await openScriptedServer({
      kind,
      answer: (request, answer) => void meet(JSON.parse(request.body) as { model: string }, answer),
    });
    await using provider = openTestProvider(server, { maxConnections: 4, maxConcurrentStreams: 16 });
    const plan = fc.array(fc.record({ fate: fc.constantFrom(...fates), cancelAfterTurns: fc.option(fc.nat(12)) }), {
      minLength: 1,
      maxLength: 60,
    });
    await fc.assert(
      fc.asyncProperty(plan, async (requests) => {
        await Promise.all(
          requests.map(async ({ fate, cancelAfterTurns }) => {
            const controller = new AbortController();
            const reason = new Error('cancelled');
            const asked = ask(provider, { signal: controller.signal }, { model: fate }).then(
              () => 'reply',
              (error: unknown) => (error === reason ? 'cancelled' : isAppError(error) ? error.code : String(error)),
            );
            // A silent server answers only to being cancelled.
            const turns = cancelAfterTurns ?? (fate === 'silent' ? 3 : undefined);
            if (turns !== undefined) {
              for (let turn = 0; turn < turns; turn++) await nextTurn();
              controller.abort(reason);
            }
            const expected = {
              whole: 'reply',
              slow: 'reply',
              broken: 'PROVIDER_STREAM_BROKEN',
              refused: 'PROVIDER_OVERLOADED',
              silent: 'cancelled',
            };
            const allowed = turns === undefined ? [expected[fate]] : [expected[fate], 'cancelled'];
            expect(allowed).toContain(await asked);
          }),
        );
        expect(provider.stats().openStreams).toBe(0);
      }),
      { numRuns: 25 },
    );
    expect(await ask(provider, {}, { model: 'whole' })).toMatchObject({ finish: 'stop' });
  });
});

/** Answers as the model's name says. */
async function meet(body: { readonly model: string }, answer: ScriptedAnswer): Promise<void> {
  if (body.model === 'refused') {
    answer.head(503, { 'content-type': 'application/json' });
    return answer.end('{"error":{"message":"busy"}}');
  }
  answer.head(200, eventStreamHead());
  if (body.model === 'whole') return answer.end(WHOLE);
  answer.write(PIECE);
  await nextTurn();
  if (body.model === 'broken') return answer.break();
  if (body.model === 'silent') return undefined;
  for (let at = 0; at < WHOLE.length; at += 512) {
    answer.write(WHOLE.subarray(at, at + 512));
    await nextTurn();
  }
  return answer.end();
}

test('an HTTP/2 server that says GOAWAY loses nothing: what is open ends, what follows is answered', async () => {
  const open: ScriptedAnswer[] = [];
  await using server = await openScriptedServer({
    kind: 'h2',
    answer: (_request, answer) => {
      if (open.length === 3) return answerWhole(answer);
      answer.head(200, eventStreamHead());
      answer.write(PIECE);
      return void open.push(answer);
    },
  });
  await using provider = openTestProvider(server);
  const heard: Promise<void>[] = [];
  const running = Array.from({ length: 3 }, () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    heard.push(promise);
    return ask(provider, { onText: () => resolve() });
  });
  await Promise.all(heard);
  server.goAway();
  await nextTurn();
  const following = Array.from({ length: 5 }, () => ask(provider));
  for (const answer of open) answer.end(WHOLE);
  for (const reply of await Promise.all(running)) expect(reply.text).toMatch(/^aGrüße/);
  for (const reply of await Promise.all(following)) expect(reply.finish).toBe('stop');
  expect(server.connectionCount).toBeGreaterThanOrEqual(2);
});

test('a request cancelled while its body is still being sent leaves its connection usable', async () => {
  const sent: ServerHttp2Stream[] = [];
  const server = createServer();
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {});
    // Never reads the long ones: the client fills the window of 64 KiB and waits.
    if (Number(headers['content-length']) > 100_000) return sent.push(stream);
    stream.resume();
    stream.respond({ ':status': 200, 'content-type': 'text/event-stream' });
    return stream.end(WHOLE);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  {
    await using provider = openTestProvider(
      { origin: `http://127.0.0.1:${port}`, caPem: '' },
      { http: '2', maxConnections: 1 },
    );
    await ask(provider);
    for (let count = 1; count <= 20; count++) {
      const controller = new AbortController();
      const long = ask(provider, { signal: controller.signal }, { system: 'x'.repeat(1_000_000) });
      while (sent.length < count) await nextTurn();
      controller.abort();
      await expect(long).rejects.toMatchObject({ name: 'AbortError' });
    }
    expect(await ask(provider)).toMatchObject({ finish: 'stop' });
    expect(provider.stats()).toMatchObject({ openStreams: 0, connectionsOpened: 1 });
  }
  for (const stream of sent) stream.destroy();
  await new Promise((resolve) => server.close(resolve));
});

test('requests with long conversations share one HTTP/2 connection without outgrowing its memory', async () => {
  await using server = await openScriptedServer({ kind: 'h2', answer: (_request, answer) => answerWhole(answer) });
  await using provider = openTestProvider(server, { maxConnections: 1 });
  await ask(provider);
  const system = 'Größe '.repeat(60_000);
  const replies = await Promise.all(Array.from({ length: 64 }, () => ask(provider, {}, { system })));
  expect(replies.map((reply) => reply.finish)).toEqual(Array.from({ length: 64 }, () => 'stop'));
  const sent = server.requests
    .slice(1)
    .map((request) => (JSON.parse(request.body) as { messages: unknown[] }).messages[0]);
  expect(sent.every((message) => (message as { content: string }).content === system)).toBe(true);
});

test('a hundred requests to an address where nobody listens all fail at once', async () => {
  for (const scheme of ['http', 'https']) {
    const gone = await openScriptedServer({ kind: 'h1', answer: () => {} });
    await gone[Symbol.asyncDispose]();
    await using provider = openTestProvider(gone, {
      baseUrl: `${scheme}://127.0.0.1:${gone.port}/v1`,
      maxConnections: 4,
    });
    const outcomes = await Promise.allSettled(Array.from({ length: 100 }, () => ask(provider)));
    expect(new Set(outcomes.map((outcome) => (outcome as { reason?: { code?: string } }).reason?.code))).toEqual(
      new Set(['PROVIDER_UNREACHABLE']),
    );
  }
});
