import { describe, expect, test } from 'vitest';
import { ask, openTestProvider } from '../../support/opened-provider.ts';
import { RECORDED_STREAMS, readStream } from '../../support/recorded-streams.ts';
import { eventStreamHead, openScriptedServer, type ScriptedAnswer } from '../../support/servers/scripted-server.ts';

const KINDS = ['h1', 'h2c', 'https', 'h2'] as const;
const CHUNK_BYTES = 23;

/** Sends bytes in small pieces, each in its own turn of the event loop. */
async function trickle(answer: ScriptedAnswer, bytes: Buffer): Promise<void> {
  answer.head(200, eventStreamHead());
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    answer.write(bytes.subarray(at, at + CHUNK_BYTES));
    await new Promise((resolve) => setImmediate(resolve));
  }
  answer.end();
}

describe.each(KINDS)('over %s', (kind) => {
  test('every recorded stream is read whole', async () => {
    const byPath = new Map(RECORDED_STREAMS.map((stream) => [stream.name, stream.bytes]));
    await using server = await openScriptedServer({
      kind,
      answer: (request, answer) =>
        void trickle(answer, byPath.get(request.path.split('/')[1] ?? '') ?? Buffer.alloc(0)),
    });
    await Promise.all(
      RECORDED_STREAMS.map(async (stream) => {
        await using provider = openTestProvider(server, {
          protocol: stream.protocol,
          baseUrl: `${server.origin}/${stream.name}/v1`,
          http: kind === 'h2c' ? '2' : 'auto',
        });
        let heard = '';
        const reply = await ask(provider, { onText: (text) => (heard += text) });
        expect(reply).toMatchObject({ text: stream.text, toolCalls: stream.toolCalls, finish: stream.finish });
        expect(reply.usage).toEqual(stream.usage);
        expect(reply.firstTokenMs).toBeGreaterThan(0);
        expect(heard).toBe(stream.text);
      }),
    );
  });
});

test('a request asks for a stream with usage and carries key, tools and conversation', async () => {
  await using server = await openScriptedServer({
    kind: 'h1',
    answer: (_request, answer) => {
      answer.head(200, eventStreamHead());
      answer.end(readStream('openai-text'));
    },
  });
  await using provider = openTestProvider(server, { key: 'sk-secret' });
  await ask(provider, {}, { system: 'Be brief.', temperature: 0.5, maxOutputTokens: 99 });
  const [request] = server.requests;
  expect(request).toMatchObject({ method: 'POST', path: '/v1/chat/completions' });
  expect(request?.headers).toMatchObject({ authorization: 'Bearer sk-secret', 'content-type': 'application/json' });
  expect(JSON.parse(request?.body ?? '')).toEqual({
    model: 'any',
    stream: true,
    stream_options: { include_usage: true },
    temperature: 0.5,
    max_tokens: 99,
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Hello' },
    ],
  });
});

test('an Anthropic request carries its version and key in headers', async () => {
  await using server = await openScriptedServer({
    kind: 'h2',
    answer: (_request, answer) => {
      answer.head(200, eventStreamHead());
      answer.end(readStream('anthropic-text'));
    },
  });
  await using provider = openTestProvider(server, {
    protocol: 'anthropic',
    key: 'sk-ant-secret',
    baseUrl: server.origin,
  });
  await ask(provider);
  expect(server.requests[0]).toMatchObject({
    path: '/v1/messages',
    headers: { 'x-api-key': 'sk-ant-secret', 'anthropic-version': '2023-06-01' },
  });
});

test('a server that does not stream is understood all the same', async () => {
  const whole = {
    choices: [{ index: 0, message: { role: 'assistant', content: 'At once.' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 4, completion_tokens: 3 },
  };
  const message = {
    type: 'message',
    role: 'assistant',
    content: [{ type: 'text', text: 'At once.' }],
    stop_reason: 'end_turn',
    usage: { input_tokens: 4, output_tokens: 3 },
  };
  await using server = await openScriptedServer({
    kind: 'h1',
    answer: (request, answer) => {
      answer.head(200, { 'content-type': 'application/json; charset=utf-8' });
      answer.end(JSON.stringify(request.path.endsWith('messages') ? message : whole));
    },
  });
  for (const protocol of ['openai', 'anthropic'] as const) {
    await using provider = openTestProvider(server, { protocol });
    expect(await ask(provider)).toMatchObject({ text: 'At once.', finish: 'stop', usage: { inputTokens: 4 } });
  }
});

test('an answer is complete at its last event although the server keeps the stream open', async () => {
  await using server = await openScriptedServer({
    kind: 'h2',
    answer: (_request, answer) => {
      answer.head(200, eventStreamHead());
      answer.write(readStream('openai-text'));
    },
  });
  await using provider = openTestProvider(server);
  expect(await ask(provider)).toMatchObject({ finish: 'stop' });
  expect(provider.stats().openStreams).toBe(0);
});
