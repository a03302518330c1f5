import type { Reply } from '../reply.ts';

const FINISH = { stop: 'stop', 'tool calls': 'tool_calls', 'output limit': 'length' } as const;

function usageOf(reply: Reply): Record<string, unknown> {
  return {
    prompt_tokens: reply.inputTokens,
    completion_tokens: reply.outputTokens,
    total_tokens: reply.inputTokens + reply.outputTokens,
    prompt_tokens_details: { cached_tokens: 0 },
  };
}

/** A whole answer as a `chat.completion` object, serialized. */
export function toOpenAiBody(reply: Reply): string {
  const calls = reply.calls.map((call) => ({
    id: call.id,
    type: 'function',
    function: { name: call.tool, arguments: call.fragments.join('') },
  }));
  const text = reply.pieces.join('');
  const message = {
    role: 'assistant',
    content: text === '' && calls.length > 0 ? null : text,
    refusal: null,
    ...(calls.length > 0 && { tool_calls: calls }),
  };
  return JSON.stringify({
    id: reply.id,
    object: 'chat.completion',
    created: reply.createdAtSec,
    model: reply.model,
    choices: [{ index: 0, message, logprobs: null, finish_reason: FINISH[reply.finish] }],
    usage: usageOf(reply),
  });
}

/** A streamed answer as server-sent events, one entry for each token and one for the end. */
export function toOpenAiEvents(reply: Reply, withUsage: boolean): readonly string[] {
  const frame = `"id":${JSON.stringify(reply.id)},"object":"chat.completion.chunk","created":${reply.createdAtSec},"model":${JSON.stringify(reply.model)}`;
  const usage = withUsage ? ',"usage":null' : '';
  const chunk = (delta: string, finish = 'null'): string =>
    `data: {${frame},"choices":[{"index":0,"delta":${delta},"logprobs":null,"finish_reason":${finish}}]${usage}}\n\n`;
  const events: string[] = [];
  // The first chunk names the role and carries no token of its own.
  let lead = chunk('{"role":"assistant","content":""}');
  const push = (event: string): void => {
    events.push(lead + event);
    lead = '';
  };
  for (const piece of reply.pieces) push(chunk(`{"content":${JSON.stringify(piece)}}`));
  for (const [index, call] of reply.calls.entries()) {
    lead += chunk(
      `{"tool_calls":[{"index":${index},"id":${JSON.stringify(call.id)},"type":"function","function":{"name":${JSON.stringify(call.tool)},"arguments":""}}]}`,
    );
    for (const fragment of call.fragments) {
      push(chunk(`{"tool_calls":[{"index":${index},"function":{"arguments":${JSON.stringify(fragment)}}}]}`));
    }
  }
  const last = withUsage ? `data: {${frame},"choices":[],"usage":${JSON.stringify(usageOf(reply))}}\n\n` : '';
  events.push(`${lead}${chunk('{}', JSON.stringify(FINISH[reply.finish]))}${last}data: [DONE]\n\n`);
  return events;
}
