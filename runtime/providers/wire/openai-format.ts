import type { Message, RequestedCall, ToolSchema } from '../../../shared/model/conversation.ts';
import { toArgumentsObject } from './call-arguments.ts';
import { OpenAiReader } from './openai-reader.ts';
import { createTextCache } from './text-cache.ts';
import type { ModelRequest } from '../provider.ts';
import type { WireFormat } from './wire-format.ts';

/** OpenAI itself refuses the older `max_tokens` for its newer models; compatible servers know only that. */
const KNOWS_COMPLETION_TOKENS: ReadonlySet<string> = new Set(['api.openai.com']);

/** OpenAI-compatible chat completions, streamed, for the server at `baseUrl`. */
export function createOpenAiFormat(baseUrl: URL): WireFormat {
  const outputLimit = KNOWS_COMPLETION_TOKENS.has(baseUrl.hostname) ? 'max_completion_tokens' : 'max_tokens';
  return {
    path: `${baseUrl.pathname.replace(/\/+$/, '')}/chat/completions${baseUrl.search}`,
    toHeaders: (key) => (key === undefined ? [] : ['authorization', `Bearer ${key}`]),
    toBody: (request) => toBody(request, outputLimit),
    createReader: (onText) => new OpenAiReader(onText),
  };
}

const messageText = createTextCache((message: Message) => JSON.stringify(toWireMessage(message)));
const toolsText = createTextCache((tools: readonly ToolSchema[]) => JSON.stringify(tools.map(toWireTool)));

function toBody(request: ModelRequest, outputLimit: string): string {
  let body = `{"model":${JSON.stringify(request.model)},"stream":true,"stream_options":{"include_usage":true}`;
  if (request.temperature !== undefined) body += `,"temperature":${request.temperature}`;
  if (request.maxOutputTokens !== undefined) body += `,"${outputLimit}":${request.maxOutputTokens}`;
  if (request.tools.length > 0) body += `,"tools":${toolsText(request.tools)}`;
  const messages = request.messages.map(messageText);
  if (request.system !== '') messages.unshift(JSON.stringify({ role: 'system', content: request.system }));
  return `${body},"messages":[${messages.join(',')}]}`;
}

function toWireMessage(message: Message): object {
  if (message.role === 'user') return { role: 'user', content: message.text };
  if (message.role === 'tool') return { role: 'tool', tool_call_id: message.providerCallId, content: message.text };
  if (message.toolCalls.length === 0) return { role: 'assistant', content: message.text };
  return {
    role: 'assistant',
    content: message.text === '' ? null : message.text,
    tool_calls: message.toolCalls.map(toWireCall),
  };
}

function toWireCall(call: RequestedCall): object {
  return {
    id: call.providerCallId,
    type: 'function',
    function: { name: call.tool, arguments: JSON.stringify(toArgumentsObject(call.argumentsJson)) },
  };
}

function toWireTool(tool: ToolSchema): object {
  return {
    type: 'function',
    function: { name: tool.name, description: tool.description, parameters: tool.inputSchema },
  };
}
