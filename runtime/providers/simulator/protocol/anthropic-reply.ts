import type { Reply } from '../reply.ts';

const FINISH = { stop: 'end_turn', 'tool calls': 'tool_use', 'output limit': 'max_tokens' } as const;

/** A whole answer as a `message` object, serialized. */
export function toAnthropicBody(reply: Reply): string {
  const text = reply.pieces.join('');
  const calls = reply.calls.map((call) => {
    const json = call.fragments.join('');
    // Only the last call of an answer that met its limit is incomplete; an object is all this protocol can say of it.
    const complete = reply.finish !== 'output limit' || call !== reply.calls.at(-1);
    return { type: 'tool_use', id: call.id, name: call.tool, input: complete ? (JSON.parse(json) as unknown) : {} };
  });
  return JSON.stringify({
    ...envelope(reply, FINISH[reply.finish], reply.outputTokens),
    content: [...(text === '' ? [] : [{ type: 'text', text }]), ...calls],
  });
}

function envelope(reply: Reply, stopReason: string | null, outputTokens: number): Record<string, unknown> {
  return {
    id: reply.id,
    type: 'message',
    role: 'assistant',
    model: reply.model,
    content: [],
    stop_reason: stopReason,
    stop_sequence: null,
    usage: {
      input_tokens: reply.inputTokens,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
      output_tokens: outputTokens,
    },
  };
}

function event(type: string, rest: string): string {
  return `event: ${type}\ndata: {"type":"${type}"${rest}}\n\n`;
}

/** A streamed answer as server-sent events, one entry for each token and one for the end. */
export function toAnthropicEvents(reply: Reply): readonly string[] {
  const events: string[] = [];
  let lead = event('message_start', `,"message":${JSON.stringify(envelope(reply, null, 1))}`) + event('ping', '');
  let index = 0;
  const block = (start: string, deltas: Iterable<string>): void => {
    lead += event('content_block_start', `,"index":${index},"content_block":${start}`);
    for (const delta of deltas) {
      events.push(lead + event('content_block_delta', `,"index":${index},"delta":${delta}`));
      lead = '';
    }
    lead += event('content_block_stop', `,"index":${index}`);
    index += 1;
  };
  if (reply.pieces.length > 0) {
    const deltas = reply.pieces.map((piece) => `{"type":"text_delta","text":${JSON.stringify(piece)}}`);
    block('{"type":"text","text":""}', deltas);
  }
  for (const call of reply.calls) {
    const start = `{"type":"tool_use","id":${JSON.stringify(call.id)},"name":${JSON.stringify(call.tool)},"input":{}}`;
    const deltas = call.fragments.map((part) => `{"type":"input_json_delta","partial_json":${JSON.stringify(part)}}`);
    block(start, deltas);
  }
  const stop = `,"delta":{"stop_reason":"${FINISH[reply.finish]}","stop_sequence":null},"usage":{"output_tokens":${reply.outputTokens}}`;
  events.push(lead + event('message_delta', stop) + event('message_stop', ''));
  return events;
}
