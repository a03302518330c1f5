import { AppError } from '../../../shared/errors/app-error.ts';
import type { RequestedCall, Usage } from '../../../shared/model/conversation.ts';
import { createCallIds } from './call-ids.ts';
import { parseEvent, toCount } from './event-stream.ts';
import type { FinishReason } from '../provider.ts';
import { checkReplyChars, MAX_TOOL_CALLS } from './reply-limits.ts';
import { ReportedError, type PartialReply, type ReplyReader, type WireError } from './wire-format.ts';

/** The parts of a streamed message's events that are read. */
interface StreamEvent {
  readonly type?: string;
  readonly index?: number;
  readonly message?: { readonly usage?: WireUsage | null } | null;
  readonly content_block?: Block | null;
  readonly delta?: BlockDelta | null;
  readonly usage?: WireUsage | null;
  readonly error?: WireError | null;
  /** Of a whole message, where a server answers at once. */
  readonly content?: readonly Block[] | null;
  readonly stop_reason?: string | null;
}

interface Block {
  readonly type?: string;
  readonly text?: string;
  readonly id?: string;
  readonly name?: string;
  readonly input?: unknown;
}

interface BlockDelta {
  readonly type?: string;
  readonly text?: string;
  readonly partial_json?: string;
  readonly stop_reason?: string | null;
}

interface WireUsage {
  readonly input_tokens?: unknown;
  readonly output_tokens?: unknown;
  readonly cache_read_input_tokens?: unknown;
  readonly cache_creation_input_tokens?: unknown;
}

interface OpenCall {
  readonly index: number;
  readonly id: string;
  readonly name: string;
  /** What its first event already carried; pieces replace it. */
  readonly input: unknown;
  json: string;
}

const FINISH: Readonly<Record<string, FinishReason>> = {
  tool_use: 'tool calls',
  max_tokens: 'output limit',
  model_context_window_exceeded: 'output limit',
  refusal: 'refused',
};

/** Reads a streamed Anthropic message. Events of a type it does not know are skipped, as the protocol asks. */
export class AnthropicReader implements ReplyReader {
  text = '';
  readonly #onText: ((text: string) => void) | undefined;
  readonly #calls: OpenCall[] = [];
  #chars = 0;
  #stopReason: string | undefined;
  #usage: WireUsage | undefined;

  constructor(onText: ((text: string) => void) | undefined) {
    this.#onText = onText;
  }

  read(data: string): boolean {
    const event: StreamEvent = parseEvent(data);
    switch (event.type) {
      case 'content_block_delta':
        this.#readDelta(event);
        return false;
      case 'content_block_start':
        this.#openBlock(event.index ?? 0, event.content_block ?? {});
        return false;
      case 'message_start':
        this.#addUsage(event.message?.usage);
        return false;
      case 'message_delta':
        this.#addUsage(event.usage);
        if (typeof event.delta?.stop_reason === 'string') this.#stopReason = event.delta.stop_reason;
        return false;
      case 'message_stop':
        this.#stopReason ??= 'end_turn';
        return true;
      case 'message':
        return this.#readWhole(event);
      case 'error':
        throw new ReportedError(event.error ?? {});
      default:
        return false;
    }
  }

  reply(): PartialReply {
    return { text: this.text, toolCalls: this.#toCalls(), finish: this.#finish(), usage: toUsage(this.#usage) };
  }

  #readWhole(message: StreamEvent): boolean {
    for (const [index, block] of (message.content ?? []).entries()) this.#openBlock(index, block);
    this.#addUsage(message.usage);
    this.#stopReason = message.stop_reason ?? 'end_turn';
    return true;
  }

  #readDelta(event: StreamEvent): void {
    const { delta } = event;
    if (delta?.type === 'text_delta' && typeof delta.text === 'string') this.#addText(delta.text);
    if (delta?.type !== 'input_json_delta' || typeof delta.partial_json !== 'string') return;
    const call = this.#calls.findLast((candidate) => candidate.index === (event.index ?? 0));
    if (call === undefined)
      throw new AppError('PROVIDER_PROTOCOL', 'Arguments arrived for a tool call that was not begun.');
    call.json += delta.partial_json;
    this.#count(delta.partial_json.length);
  }

  #openBlock(index: number, block: Block): void {
    if (block.type === 'text' && typeof block.text === 'string') this.#addText(block.text);
    if (block.type !== 'tool_use') return;
    if (this.#calls.length >= MAX_TOOL_CALLS) {
      throw new AppError('PROVIDER_PROTOCOL', `The answer asks for more than ${MAX_TOOL_CALLS} tool calls.`);
    }
    this.#calls.push({ index, id: block.id ?? '', name: block.name ?? '', input: block.input, json: '' });
  }

  #addText(piece: string): void {
    if (piece === '') return;
    this.text += piece;
    this.#count(piece.length);
    this.#onText?.(piece);
  }

  #count(chars: number): void {
    this.#chars += chars;
    checkReplyChars(this.#chars);
  }

  /** Later figures are totals, not differences: each replaces the one before. */
  #addUsage(usage: WireUsage | null | undefined): void {
    if (usage === null || usage === undefined) return;
    const said = Object.entries(usage).filter(([, value]) => toCount(value) !== undefined);
    this.#usage = { ...this.#usage, ...Object.fromEntries(said) };
  }

  #toCalls(): RequestedCall[] {
    const toId = createCallIds();
    return this.#calls.map((call) => ({
      providerCallId: toId(call.id),
      tool: call.name,
      argumentsJson: call.json === '' ? JSON.stringify(call.input ?? {}) : call.json,
    }));
  }

  #finish(): FinishReason | undefined {
    if (this.#stopReason === undefined) return undefined;
    const named = FINISH[this.#stopReason] ?? 'stop';
    if (named === 'stop' || named === 'tool calls') return this.#calls.length > 0 ? 'tool calls' : 'stop';
    return named;
  }
}

/** Anthropic counts cached tokens beside `input_tokens`; ours are part of it. */
function toUsage(usage: WireUsage | undefined): Usage | undefined {
  if (usage === undefined) return undefined;
  const input = toCount(usage.input_tokens);
  const outputTokens = toCount(usage.output_tokens);
  const cachedInputTokens = toCount(usage.cache_read_input_tokens);
  const cacheWriteInputTokens = toCount(usage.cache_creation_input_tokens);
  return {
    ...(input === undefined ? {} : { inputTokens: input + (cachedInputTokens ?? 0) + (cacheWriteInputTokens ?? 0) }),
    ...(outputTokens === undefined ? {} : { outputTokens }),
    ...(cachedInputTokens === undefined ? {} : { cachedInputTokens }),
    ...(cacheWriteInputTokens === undefined ? {} : { cacheWriteInputTokens }),
  };
}
