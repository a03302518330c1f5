import { readFileSync } from 'node:fs';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { Agent, fetch as undiciFetch } from 'undici';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SimulatorServer } from '../../../runtime/providers/simulator/server.ts';
import { openServer } from './simulated-client.ts';

let server: SimulatorServer;
let agent: Agent;
let openai: OpenAI;
let anthropic: Anthropic;

beforeAll(async () => {
  server = await openServer();
  agent = new Agent({ connect: { ca: readFileSync(server.caFile) }, allowH2: true });
  const fetch = ((url: string, init: object) =>
    undiciFetch(url, { ...init, dispatcher: agent })) as unknown as typeof globalThis.fetch;
  openai = new OpenAI({ baseURL: server.openaiBaseUrl, apiKey: 'sim', maxRetries: 0, fetch });
  anthropic = new Anthropic({ baseURL: server.anthropicBaseUrl, apiKey: 'sim', maxRetries: 0, fetch });
});

afterAll(async () => {
  await agent.close();
  await server[Symbol.asyncDispose]();
});

const path = { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] } as const;
const FIRST_LINES = 'Read the files a.txt and `b.txt` and tell me their first lines.';

describe('the OpenAI client', () => {
  const tools = [
    { type: 'function' as const, function: { name: 'read_file', description: 'Read a file', parameters: path } },
  ];

  test('streams text in pieces with usage at the end', async () => {
    const stream = await openai.chat.completions.create({
      model: 'sim/default',
      stream: true,
      stream_options: { include_usage: true },
      messages: [{ role: 'user', content: 'Say hello in a few words.' }],
    });
    const pieces: string[] = [];
    let usage: OpenAI.CompletionUsage | null | undefined;
    for await (const chunk of stream) {
      const piece = chunk.choices[0]?.delta.content;
      if (piece) pieces.push(piece);
      usage = chunk.usage ?? usage;
    }
    expect(pieces.length).toBeGreaterThanOrEqual(4);
    expect(pieces.join('')).toMatch(/^Hello!/);
    expect(usage).toMatchObject({ completion_tokens: pieces.length, prompt_tokens: expect.any(Number) });
  });

  test('streams parallel tool calls in fragments and answers from their results', async () => {
    const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: FIRST_LINES }];
    const run = openai.chat.completions.stream({ model: 'sim/default', tools, messages });
    let fragmentCount = 0;
    run.on('tool_calls.function.arguments.delta', () => (fragmentCount += 1));
    const asked = (await run.finalChatCompletion()).choices[0]!;
    const calls = asked.message.tool_calls ?? [];
    expect(asked.finish_reason).toBe('tool_calls');
    expect(fragmentCount).toBeGreaterThan(calls.length);
    expect(calls.map((call) => call.type === 'function' && call.function)).toMatchObject([
      { name: 'read_file', arguments: '{"path":"a.txt"}' },
      { name: 'read_file', arguments: '{"path":"b.txt"}' },
    ]);
    const results = calls.map((call, index) => ({
      role: 'tool' as const,
      tool_call_id: call.id,
      content: `ZEBRA-${index}\nmore`,
    }));
    const answer = await openai.chat.completions.create({
      model: 'sim/default',
      tools,
      messages: [...messages, asked.message, ...results],
    });
    expect(answer.choices[0]!.finish_reason).toBe('stop');
    expect(answer.choices[0]!.message.content).toBe(
      'The first line of a.txt is: ZEBRA-0\nThe first line of b.txt is: ZEBRA-1',
    );
  });

  test('makes one call at a time when parallel calls are off', async () => {
    const { choices } = await openai.chat.completions.create({
      model: 'sim/default',
      tools,
      parallel_tool_calls: false,
      messages: [{ role: 'user', content: FIRST_LINES }],
    });
    expect(choices[0]!.message.tool_calls).toHaveLength(1);
  });

  test('lists models and finds one', async () => {
    const { data } = await openai.models.list();
    expect(data.map((model) => model.id)).toContain('sim/default');
    expect(await openai.models.retrieve('sim/anything')).toMatchObject({ id: 'sim/anything', object: 'model' });
  });

  test('stops at the limit on tokens', async () => {
    const { choices, usage } = await openai.chat.completions.create({
      model: 'sim/default',
      max_completion_tokens: 2,
      messages: [{ role: 'user', content: 'Say hello in a few words.' }],
    });
    expect({ reason: choices[0]!.finish_reason, tokens: usage?.completion_tokens }).toEqual({
      reason: 'length',
      tokens: 2,
    });
  });

  test('reads errors as the classes it has for them', async () => {
    const create = (body: object): Promise<unknown> =>
      openai.chat.completions.create({
        model: 'sim/default',
        messages: [{ role: 'user', content: 'x' }],
        ...body,
      } as never);
    await expect(create({ messages: 'nonsense' })).rejects.toMatchObject({
      status: 400,
      type: 'invalid_request_error',
      param: 'messages',
    });
    await expect(create({ messages: [{ role: 'tool', tool_call_id: 'x', content: 'y' }] })).rejects.toBeInstanceOf(
      OpenAI.BadRequestError,
    );
    await expect(create({ model: 'gpt-x' })).rejects.toMatchObject({ status: 404, code: 'model_not_found' });
    await expect(create({ messages: 'nonsense' })).rejects.toHaveProperty(
      'requestID',
      expect.stringMatching(/^req_\d+$/),
    );
  });

  test('gets an answer to each of 200 requests at once, each its own', async () => {
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        openai.chat.completions.create({
          model: 'sim/default',
          messages: [{ role: 'user', content: `Number ${index}` }],
        }),
      ),
    );
    expect(answers.every((answer, index) => answer.choices[0]!.message.content?.includes(`"Number ${index}"`))).toBe(
      true,
    );
    expect(new Set(answers.map((answer) => answer.id)).size).toBe(200);
  });
});

describe('the Anthropic client', () => {
  const tools = [
    { name: 'read_file', description: 'Read a file', input_schema: path as unknown as Anthropic.Tool.InputSchema },
  ];
  const base = { model: 'sim/default', max_tokens: 500 };

  test('streams text in pieces with usage', async () => {
    const pieces: string[] = [];
    const stream = anthropic.messages.stream({
      ...base,
      messages: [{ role: 'user', content: 'Say hello in a few words.' }],
    });
    stream.on('text', (piece) => pieces.push(piece));
    const message = await stream.finalMessage();
    expect(pieces.length).toBeGreaterThanOrEqual(4);
    expect(message.content).toMatchObject([{ type: 'text', text: pieces.join('') }]);
    expect(message).toMatchObject({ stop_reason: 'end_turn', usage: { output_tokens: pieces.length } });
    expect(message.usage.input_tokens).toBeGreaterThan(0);
  });

  test('streams parallel tool use and answers from its results', async () => {
    const messages: Anthropic.MessageParam[] = [{ role: 'user', content: FIRST_LINES }];
    const asked = await anthropic.messages.stream({ ...base, tools, messages }).finalMessage();
    expect(asked.stop_reason).toBe('tool_use');
    expect(asked.content).toMatchObject([
      { type: 'tool_use', name: 'read_file', input: { path: 'a.txt' } },
      { type: 'tool_use', name: 'read_file', input: { path: 'b.txt' } },
    ]);
    const results = asked.content.flatMap((block, index) =>
      block.type === 'tool_use'
        ? [{ type: 'tool_result' as const, tool_use_id: block.id, content: `ZEBRA-${index}` }]
        : [],
    );
    const answer = await anthropic.messages.create({
      ...base,
      tools,
      messages: [...messages, { role: 'assistant', content: asked.content }, { role: 'user', content: results }],
    });
    expect(answer.content).toMatchObject([{ type: 'text', text: expect.stringMatching(/ZEBRA-0[\s\S]*ZEBRA-1/) }]);
  });

  test('is told of a failed result', async () => {
    const use = { type: 'tool_use' as const, id: 'toolu_x', name: 'read_file', input: { path: 'a.txt' } };
    const answer = await anthropic.messages.create({
      ...base,
      tools,
      messages: [
        { role: 'user', content: 'Read a.txt.' },
        { role: 'assistant', content: [use] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: use.id, content: 'gone', is_error: true }] },
      ],
    });
    expect(answer.content).toMatchObject([{ text: 'read_file failed for a.txt: gone' }]);
  });

  test('stops at the limit on tokens', async () => {
    const answer = await anthropic.messages.create({
      ...base,
      max_tokens: 2,
      messages: [{ role: 'user', content: 'Say hello.' }],
    });
    expect(answer).toMatchObject({ stop_reason: 'max_tokens', usage: { output_tokens: 2 } });
  });

  test('lists models', async () => {
    const { data } = await anthropic.models.list();
    expect(data[0]).toMatchObject({ type: 'model', id: 'sim/default' });
  });

  test('reads errors as the classes it has for them', async () => {
    const create = (body: object): Promise<unknown> =>
      anthropic.messages.create({ ...base, messages: [{ role: 'user', content: 'x' }], ...body } as never);
    await expect(create({ messages: 'nonsense' })).rejects.toBeInstanceOf(Anthropic.BadRequestError);
    await expect(create({ max_tokens: undefined })).rejects.toMatchObject({ status: 400 });
    await expect(create({ model: 'other' })).rejects.toBeInstanceOf(Anthropic.NotFoundError);
    const orphan = [{ role: 'user', content: [{ type: 'tool_result', tool_use_id: 'none', content: 'x' }] }];
    await expect(create({ messages: orphan })).rejects.toMatchObject({
      status: 400,
      requestID: expect.stringMatching(/^req_/),
    });
  });
});
