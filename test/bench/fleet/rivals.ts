import { readFileSync } from 'node:fs';
import { setDefaultCACertificates, getCACertificates } from 'node:tls';
import type { ChatCompletionMessageParam, ChatCompletionTool } from 'openai/resources/chat/completions';
import type { Measured } from '../section.ts';
import {
  FLEET,
  measureFleet,
  NOOP_DESCRIPTION,
  NOOP_SCHEMA,
  PROMPT,
  startSimulator,
  type Simulator,
} from './workload.ts';

type OneAgent = () => Promise<{ readonly turns: number; readonly toolCalls: number }>;

/** A fleet written by hand: a limiter around one function per agent. Nothing is recorded. */
async function measureByHand(createAgent: (simulator: Simulator) => Promise<OneAgent>): Promise<Measured> {
  await using simulator = await startSimulator();
  setDefaultCACertificates([...getCACertificates('default'), readFileSync(simulator.caFile, 'utf8')]);
  const { default: pLimit } = await import('p-limit');
  const agent = await createAgent(simulator);
  return await measureFleet(simulator, async (agents) => {
    const limit = pLimit(FLEET.width);
    const ends = await Promise.all(Array.from({ length: agents }, () => limit(agent)));
    return {
      turns: ends.reduce((sum, { turns }) => sum + turns, 0),
      toolCalls: ends.reduce((sum, { toolCalls }) => sum + toolCalls, 0),
    };
  });
}

/** (a) The official client, streaming, with the loop a careful author would write. */
export function measureOpenAiClient(): Promise<Measured> {
  return measureByHand(async ({ baseUrl }) => {
    const { default: OpenAI } = await import('openai');
    const client = new OpenAI({ baseURL: baseUrl, apiKey: 'sim', maxRetries: 0 });
    const tools: ChatCompletionTool[] = [
      { type: 'function', function: { name: 'noop', description: NOOP_DESCRIPTION, parameters: { ...NOOP_SCHEMA } } },
    ];
    return async () => {
      const messages: ChatCompletionMessageParam[] = [{ role: 'user', content: PROMPT }];
      for (let turns = 1, toolCalls = 0; ; turns++) {
        const stream = await client.chat.completions.create({
          model: 'sim/default',
          stream: true,
          stream_options: { include_usage: true },
          tools,
          messages,
        });
        let content = '';
        const calls: { id: string; name: string; args: string }[] = [];
        for await (const chunk of stream) {
          const delta = chunk.choices[0]?.delta;
          content += delta?.content ?? '';
          for (const part of delta?.tool_calls ?? []) {
            const call = (calls[part.index] ??= { id: '', name: '', args: '' });
            call.id += part.id ?? '';
            call.name += part.function?.name ?? '';
            call.args += part.function?.arguments ?? '';
          }
        }
        if (calls.length === 0) return { turns, toolCalls };
        messages.push({
          role: 'assistant',
          content,
          tool_calls: calls.map(({ id, name, args }) => ({
            id,
            type: 'function',
            function: { name, arguments: args },
          })),
        });
        for (const { id, args } of calls) {
          JSON.parse(args);
          toolCalls += 1;
          messages.push({ role: 'tool', tool_call_id: id, content: 'ok' });
        }
      }
    };
  });
}

/** (b) The `ai` package: streamText with a tool and a step limit. */
export function measureAiPackage(): Promise<Measured> {
  return measureByHand(async ({ baseUrl }) => {
    const [{ streamText, tool, stepCountIs, jsonSchema }, { createOpenAICompatible }] = await Promise.all([
      import('ai'),
      import('@ai-sdk/openai-compatible'),
    ]);
    const provider = createOpenAICompatible({ name: 'sim', baseURL: baseUrl, apiKey: 'sim', includeUsage: true });
    return async () => {
      let toolCalls = 0;
      const result = streamText({
        model: provider('sim/default'),
        maxRetries: 0,
        stopWhen: stepCountIs(FLEET.callsPerAgent + 10),
        prompt: PROMPT,
        tools: {
          noop: tool({
            description: NOOP_DESCRIPTION,
            inputSchema: jsonSchema<{ id: string }>(NOOP_SCHEMA),
            execute: async () => {
              toolCalls += 1;
              return 'ok';
            },
          }),
        },
      });
      for await (const _text of result.textStream);
      const steps = await result.steps;
      return { turns: steps.length, toolCalls };
    };
  });
}

/** (c) `@openai/agents`: one agent object, streamed runs, tracing off. */
export function measureAgentsPackage(): Promise<Measured> {
  return measureByHand(async ({ baseUrl }) => {
    const [{ Agent, run, tool, setDefaultOpenAIClient, setOpenAIAPI, setTracingDisabled }, { default: OpenAI }] =
      await Promise.all([import('@openai/agents'), import('openai')]);
    setDefaultOpenAIClient(new OpenAI({ baseURL: baseUrl, apiKey: 'sim', maxRetries: 0 }));
    setOpenAIAPI('chat_completions');
    setTracingDisabled(true);
    return async () => {
      let toolCalls = 0;
      const noop = tool({
        name: 'noop',
        description: NOOP_DESCRIPTION,
        parameters: { ...NOOP_SCHEMA, required: ['id'] } as never,
        strict: true,
        execute: async () => {
          toolCalls += 1;
          return 'ok';
        },
      });
      const agent = new Agent({ name: 'caller', model: 'sim/default', tools: [noop] });
      const result = await run(agent, PROMPT, { stream: true, maxTurns: FLEET.callsPerAgent + 10 });
      for await (const _event of result);
      await result.completed;
      return { turns: result.rawResponses.length, toolCalls };
    };
  });
}
