import type { Message, ToolSchema } from '../../../shared/model/conversation.ts';
import { AnthropicReader } from './anthropic-reader.ts';
import { toArgumentsObject } from './call-arguments.ts';
import { createTextCache } from './text-cache.ts';
import type { ModelRequest } from '../provider.ts';
import type { WireFormat } from './wire-format.ts';

const API_VERSION = '2023-06-01';

/** The protocol requires a ceiling; this is one every current model accepts and a long answer fits in. */
const DEFAULT_MAX_TOKENS = 8_192;

/** Anthropic messages, streamed, for the server at `baseUrl`, with or without its `/v1`. */
export function createAnthropicFormat(baseUrl: URL): WireFormat {
  const base = baseUrl.pathname.replace(/\/+$/, '');
  return {
    path: `${/\/v\d+$/.test(base) ? base : `${base}/v1`}/messages${baseUrl.search}`,
    toHeaders: (key) => ['anthropic-version', API_VERSION, ...(key === undefined ? [] : ['x-api-key', key])],
    toBody,
    createReader: (onText) => new AnthropicReader(onText),
  };
}

/** The blocks of one message, without the brackets around them, so that neighbours of one role can be joined. */
const blocksText = createTextCache((message: Message) =>
  toBlocks(message)
    .map((block) => JSON.stringify(block))
    .join(','),
);
const toolsText = createTextCache((tools: readonly ToolSchema[]) => JSON.stringify(tools.map(toWireTool)));

function toBody(request: ModelRequest): string {
  const maxTokens = request.maxOutputTokens ?? DEFAULT_MAX_TOKENS;
  let body = `{"model":${JSON.stringify(request.model)},"stream":true,"max_tokens":${maxTokens}`;
  if (request.temperature !== undefined) body += `,"temperature":${request.temperature}`;
  if (request.system !== '') body += `,"system":${JSON.stringify(request.system)}`;
  if (request.tools.length > 0) body += `,"tools":${toolsText(request.tools)}`;
  const messages = toMessagesText(request.messages);
  return `${body},"messages":[${request.tools.length > 0 ? markForCache(messages) : messages}]}`;
}

/**
 * Asks the provider to keep the whole conversation in its prompt cache, by a mark on its last block.
 *
 * An agent with tools sends nearly the same conversation with its next turn, and reading it back costs a tenth. Without
 * tools there is hardly a next turn, and writing to the cache costs a quarter more.
 */
function markForCache(messagesText: string): string {
  return messagesText.replace(/\}\]\}$/, ',"cache_control":{"type":"ephemeral"}}]}');
}

/** Tool results and what the user says stand in one user message: a result must follow its call at once. */
function toMessagesText(messages: readonly Message[]): string {
  const texts: string[] = [];
  let role: 'user' | 'assistant' | undefined;
  let blocks: string[] = [];
  const close = (): void => {
    if (blocks.length > 0) texts.push(`{"role":"${role}","content":[${blocks.join(',')}]}`);
    blocks = [];
  };
  for (const message of messages) {
    const text = blocksText(message);
    if (text === '') continue;
    const next = message.role === 'assistant' ? 'assistant' : 'user';
    if (next !== role) close();
    role = next;
    blocks.push(text);
  }
  close();
  return texts.join(',');
}

/** A text block may not be empty, so a message may have no block at all. */
function toBlocks(message: Message): object[] {
  if (message.role === 'tool') {
    const failed = message.failed ? { is_error: true } : {};
    return [{ type: 'tool_result', tool_use_id: message.providerCallId, content: message.text, ...failed }];
  }
  const text = message.text === '' ? [] : [{ type: 'text', text: message.text }];
  if (message.role === 'user') return text;
  const calls = message.toolCalls.map((call) => ({
    type: 'tool_use',
    id: call.providerCallId,
    name: call.tool,
    input: toArgumentsObject(call.argumentsJson),
  }));
  return [...text, ...calls];
}

function toWireTool(tool: ToolSchema): object {
  return { name: tool.name, description: tool.description, input_schema: tool.inputSchema };
}
