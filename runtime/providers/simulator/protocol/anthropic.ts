import { z } from 'zod';
import type { Message, RequestedCall } from '../../../../shared/model/conversation.ts';
import type { Admission, LimitState } from '../rate-limits.ts';
import { toAnthropicBody, toAnthropicEvents } from './anthropic-reply.ts';
import { bearerOf, MAX_CALLS_PER_TURN, refuse, type Asked, type Protocol, type Refusal } from './protocol.ts';

const textBlock = z.object({ type: z.literal('text'), text: z.string() });
const otherBlock = z.object({ type: z.enum(['image', 'document', 'thinking', 'redacted_thinking']) });
const resultContent = z.union([z.string(), z.array(z.union([textBlock, otherBlock]))]);
const block = z.union([
  textBlock,
  z.object({
    type: z.literal('tool_use'),
    id: z.string(),
    name: z.string(),
    input: z.record(z.string(), z.unknown()),
  }),
  z.object({
    type: z.literal('tool_result'),
    tool_use_id: z.string(),
    content: resultContent.optional(),
    is_error: z.boolean().optional(),
  }),
  otherBlock,
]);
const message = z.object({ role: z.enum(['user', 'assistant']), content: z.union([z.string(), z.array(block)]) });
const request = z.object({
  model: z.string().min(1),
  max_tokens: z.number().int().min(1),
  system: z.union([z.string(), z.array(textBlock)]).optional(),
  messages: z.array(message).min(1),
  tools: z
    .array(
      z.object({
        name: z.string().regex(/^[\w-]{1,128}$/),
        description: z.string().optional(),
        input_schema: z.record(z.string(), z.unknown()),
      }),
    )
    .optional(),
  tool_choice: z
    .looseObject({
      type: z.enum(['auto', 'any', 'none', 'tool']),
      name: z.string().optional(),
      disable_parallel_tool_use: z.boolean().optional(),
    })
    .optional(),
  stream: z.boolean().optional(),
  temperature: z.number().min(0).max(1).optional(),
});

type Request = z.output<typeof request>;
type Block = z.output<typeof block>;

const ERROR_TYPES: Record<Refusal['status'], string> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  404: 'not_found_error',
  405: 'invalid_request_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  500: 'api_error',
  503: 'overloaded_error',
  529: 'overloaded_error',
};

/** Anthropic's messages, version 2023-06-01, as of `@anthropic-ai/sdk` 1. */
export const anthropicProtocol: Protocol = {
  name: 'anthropic',
  replyPrefix: 'msg_',
  callPrefix: 'toolu_',
  requestIdHeader: 'request-id',
  keyOf: (header) => header('x-api-key') ?? bearerOf(header),
  parse(body) {
    const parsed = request.safeParse(body);
    if (parsed.success) return toConversation(parsed.data);
    const issue = parsed.error.issues[0]!;
    return refuse(`${issue.path.join('.')}: ${issue.message}`);
  },
  toBody: toAnthropicBody,
  toEvents: toAnthropicEvents,
  toErrorBody: (refusal, requestId) =>
    JSON.stringify({
      type: 'error',
      error: { type: ERROR_TYPES[refusal.status], message: refusal.message },
      request_id: requestId,
    }),
  toLimitHeaders: (admission: Admission, nowMs) => ({
    ...limitHeaders('requests', admission.requests, nowMs),
    ...limitHeaders('tokens', admission.tokens, nowMs),
  }),
  toModels: (ids, createdAtSec) => {
    const data = ids.map((id) => toModelObject(id, createdAtSec));
    return JSON.stringify({ data, has_more: false, first_id: ids[0] ?? null, last_id: ids.at(-1) ?? null });
  },
  toModel: (id, createdAtSec) => JSON.stringify(toModelObject(id, createdAtSec)),
};

function toModelObject(id: string, createdAtSec: number): Record<string, unknown> {
  return { type: 'model', id, display_name: id, created_at: new Date(createdAtSec * 1000).toISOString() };
}

function limitHeaders(kind: string, state: LimitState | undefined, nowMs: number): Record<string, string> {
  if (!state) return {};
  return {
    [`anthropic-ratelimit-${kind}-limit`]: String(state.limit),
    [`anthropic-ratelimit-${kind}-remaining`]: String(state.remaining),
    [`anthropic-ratelimit-${kind}-reset`]: new Date(nowMs + state.resetMs).toISOString(),
  };
}

function textOf(content: string | readonly { type: string; text?: unknown }[] | undefined): string {
  if (content === undefined || typeof content === 'string') return content ?? '';
  return content.map((part) => (typeof part.text === 'string' ? part.text : '')).join('');
}

function toConversation(data: Request): Asked | Refusal {
  const messages: Message[] = [];
  let open = new Map<string, string>();
  for (const [index, entry] of data.messages.entries()) {
    const blocks: readonly Block[] =
      typeof entry.content === 'string' ? [{ type: 'text', text: entry.content }] : entry.content;
    if (entry.role === 'assistant') {
      if (open.size > 0) return unanswered(open, index);
      const calls = toCalls(blocks);
      open = new Map(calls.map((call) => [call.providerCallId, call.tool]));
      messages.push({ role: 'assistant', text: textOf(blocks), toolCalls: calls });
      continue;
    }
    for (const part of blocks) {
      if (part.type !== 'tool_result') continue;
      const { tool_use_id: id, is_error: failed, content } = part;
      const tool = open.get(id);
      if (tool === undefined) {
        return refuse(
          `messages.${index}.content: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${id}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`,
        );
      }
      open.delete(id);
      messages.push({ role: 'tool', providerCallId: id, tool, text: textOf(content), failed: failed ?? false });
    }
    if (open.size > 0) return unanswered(open, index);
    const text = textOf(blocks);
    if (text !== '') messages.push({ role: 'user', text });
  }
  if (open.size > 0) return unanswered(open, data.messages.length);
  return toAsked(data, messages);
}

function toCalls(blocks: readonly Block[]): RequestedCall[] {
  return blocks.flatMap((part) => {
    if (part.type !== 'tool_use') return [];
    const { id, name, input } = part;
    return [{ providerCallId: id, tool: name, argumentsJson: JSON.stringify(input) }];
  });
}

function unanswered(open: ReadonlyMap<string, string>, index: number): Refusal {
  return refuse(
    `messages.${index}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${[...open.keys()].join(', ')}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`,
  );
}

function toAsked(data: Request, messages: readonly Message[]): Asked | Refusal {
  const tools = (data.tools ?? []).map((tool) => ({
    name: tool.name,
    description: tool.description ?? '',
    inputSchema: tool.input_schema,
  }));
  const choice = data.tool_choice;
  if (choice?.type === 'tool' && !tools.some((tool) => tool.name === choice.name)) {
    return refuse(`tool_choice.name: Tool '${choice.name ?? ''}' not found in provided tools`);
  }
  const kinds = { auto: 'auto', any: 'required', none: 'none', tool: { tool: choice?.name ?? '' } } as const;
  return {
    kind: 'asked',
    model: data.model,
    stream: data.stream ?? false,
    streamUsage: true,
    maxOutputTokens: data.max_tokens,
    conversation: {
      system: textOf(data.system),
      messages,
      tools,
      toolChoice: kinds[choice?.type ?? 'auto'],
      maxCalls: choice?.disable_parallel_tool_use ? 1 : MAX_CALLS_PER_TURN,
    },
  };
}
