import { z } from 'zod';
import type { Message } from '../../../../shared/model/conversation.ts';
import type { Admission, LimitState } from '../rate-limits.ts';
import { toOpenAiBody, toOpenAiEvents } from './openai-reply.ts';
import { bearerOf, MAX_CALLS_PER_TURN, refuse, type Asked, type Protocol, type Refusal } from './protocol.ts';

const content = z.union([z.string(), z.array(z.object({ type: z.string(), text: z.string().optional() }))]);
const toolCall = z.object({
  id: z.string(),
  type: z.literal('function'),
  function: z.object({ name: z.string(), arguments: z.string() }),
});
const message = z.discriminatedUnion('role', [
  z.object({ role: z.literal('system'), content }),
  z.object({ role: z.literal('developer'), content }),
  z.object({ role: z.literal('user'), content }),
  z.object({
    role: z.literal('assistant'),
    content: content.nullish(),
    tool_calls: z.array(toolCall).min(1).nullish(),
  }),
  z.object({ role: z.literal('tool'), tool_call_id: z.string(), content }),
]);
const choice = z.union([
  z.enum(['auto', 'none', 'required']),
  z.object({ type: z.literal('function'), function: z.object({ name: z.string() }) }),
]);
const tool = z.object({
  type: z.literal('function'),
  function: z.object({
    name: z.string().regex(/^[\w.-]{1,128}$/),
    description: z.string().nullish(),
    parameters: z.record(z.string(), z.unknown()).nullish(),
  }),
});
const tokens = z.number().int().min(1);
const request = z.object({
  model: z.string().min(1),
  messages: z.array(message).min(1),
  tools: z.array(tool).nullish(),
  tool_choice: choice.nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
  max_tokens: tokens.nullish(),
  max_completion_tokens: tokens.nullish(),
  temperature: z.number().min(0).max(2).nullish(),
});

type Request = z.output<typeof request>;
type Content = z.output<typeof content>;

const ERROR_TYPES: Record<Refusal['status'], string> = {
  400: 'invalid_request_error',
  401: 'invalid_request_error',
  404: 'invalid_request_error',
  405: 'invalid_request_error',
  413: 'invalid_request_error',
  429: 'rate_limit_error',
  500: 'server_error',
  503: 'server_error',
  529: 'server_error',
};
const ERROR_CODES: Partial<Record<Refusal['status'], string>> = {
  401: 'invalid_api_key',
  429: 'rate_limit_exceeded',
};

/** OpenAI's chat completions, as of `openai` 7. */
export const openAiProtocol: Protocol = {
  name: 'openai',
  replyPrefix: 'chatcmpl-',
  callPrefix: 'call_',
  requestIdHeader: 'x-request-id',
  keyOf: bearerOf,
  parse(body) {
    const parsed = request.safeParse(body);
    if (!parsed.success) {
      const issue = parsed.error.issues[0]!;
      const path = issue.path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
      return refuse(`Invalid value for '${path.slice(1)}': ${issue.message}.`, path.slice(1));
    }
    return toConversation(parsed.data);
  },
  toBody: toOpenAiBody,
  toEvents: toOpenAiEvents,
  toErrorBody: (refusal) =>
    JSON.stringify({
      error: {
        message: refusal.message,
        type: ERROR_TYPES[refusal.status],
        param: refusal.param ?? null,
        code: refusal.code ?? ERROR_CODES[refusal.status] ?? null,
      },
    }),
  toLimitHeaders: (admission: Admission) => ({
    ...limitHeaders('requests', admission.requests),
    ...limitHeaders('tokens', admission.tokens),
  }),
  toModels: (ids, createdAtSec) =>
    JSON.stringify({ object: 'list', data: ids.map((id) => toModelObject(id, createdAtSec)) }),
  toModel: (id, createdAtSec) => JSON.stringify(toModelObject(id, createdAtSec)),
};

function toModelObject(id: string, created: number): Record<string, unknown> {
  return { id, object: 'model', created, owned_by: 'flotilla' };
}

function limitHeaders(kind: string, state: LimitState | undefined): Record<string, string> {
  if (!state) return {};
  return {
    [`x-ratelimit-limit-${kind}`]: String(state.limit),
    [`x-ratelimit-remaining-${kind}`]: String(state.remaining),
    [`x-ratelimit-reset-${kind}`]: `${(state.resetMs / 1000).toFixed(3)}s`,
  };
}

function textOf(value: Content | null | undefined): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : value.map((part) => part.text ?? '').join('');
}

function toConversation(data: Request): Asked | Refusal {
  const system: string[] = [];
  const messages: Message[] = [];
  const open = new Map<string, string>();
  for (const [index, entry] of data.messages.entries()) {
    if (entry.role !== 'tool' && open.size > 0) return unanswered(open, index);
    if (entry.role === 'system' || entry.role === 'developer') system.push(textOf(entry.content));
    else if (entry.role === 'user') messages.push({ role: 'user', text: textOf(entry.content) });
    else if (entry.role === 'assistant') {
      const calls = entry.tool_calls ?? [];
      for (const call of calls) open.set(call.id, call.function.name);
      messages.push({
        role: 'assistant',
        text: textOf(entry.content),
        toolCalls: calls.map((call) => ({
          providerCallId: call.id,
          tool: call.function.name,
          argumentsJson: call.function.arguments,
        })),
      });
    } else {
      const tool = open.get(entry.tool_call_id);
      if (tool === undefined) {
        const param = `messages.[${index}].role`;
        return refuse("messages with role 'tool' must be a response to a preceding message with 'tool_calls'.", param);
      }
      open.delete(entry.tool_call_id);
      const text = textOf(entry.content);
      messages.push({ role: 'tool', providerCallId: entry.tool_call_id, tool, text, failed: isFailure(text) });
    }
  }
  if (open.size > 0) return unanswered(open, data.messages.length);
  return toAsked(data, system.join('\n'), messages);
}

function unanswered(open: ReadonlyMap<string, string>, index: number): Refusal {
  return refuse(
    `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${[...open.keys()].join(', ')}`,
    `messages.[${index}].role`,
  );
}

/** This protocol has no field for it, so a failure is told by how the text begins. */
function isFailure(text: string): boolean {
  return /^\s*(?:error|failed|failure)\b|^\s*[A-Z]{3,}_[A-Z_]+:/i.test(text.slice(0, 80));
}

function toAsked(data: Request, system: string, messages: readonly Message[]): Asked | Refusal {
  const tools = (data.tools ?? []).map(({ function: offered }) => ({
    name: offered.name,
    description: offered.description ?? '',
    inputSchema: offered.parameters ?? {},
  }));
  const wanted = data.tool_choice ?? 'auto';
  const toolChoice = typeof wanted === 'string' ? wanted : { tool: wanted.function.name };
  if (typeof toolChoice === 'object' && !tools.some((offered) => offered.name === toolChoice.tool)) {
    return refuse(`Tool choice '${toolChoice.tool}' not found in 'tools' parameter.`, 'tool_choice');
  }
  return {
    kind: 'asked',
    model: data.model,
    stream: data.stream ?? false,
    streamUsage: data.stream_options?.include_usage ?? false,
    maxOutputTokens: data.max_completion_tokens ?? data.max_tokens ?? Number.MAX_SAFE_INTEGER,
    conversation: {
      system,
      messages,
      tools,
      toolChoice,
      maxCalls: data.parallel_tool_calls === false ? 1 : MAX_CALLS_PER_TURN,
    },
  };
}
