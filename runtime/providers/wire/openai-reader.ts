import type { Usage } from '../../../shared/model/conversation.ts';
import type { FinishReason } from '../provider.ts';
import { parseEvent, toCount } from './event-stream.ts';
import { checkReplyChars } from './reply-limits.ts';
import { ToolCallCollector, type CallFragment } from './tool-call-collector.ts';
import { ReportedError, type PartialReply, type ReplyReader, type WireError } from './wire-format.ts';

/** The parts of a chat completion chunk that are read; nothing about it is taken for granted. */
interface Chunk {
  readonly choices?: readonly (Choice | null)[] | null;
  readonly usage?: WireUsage | null;
  readonly error?: WireError | string | null;
}

interface Choice {
  readonly index?: number;
  readonly delta?: Delta | null;
  /** Instead of `delta` where a server answers at once. */
  readonly message?: Delta | null;
  readonly finish_reason?: string | null;
}

interface Delta {
  readonly content?: string | readonly { readonly text?: unknown }[] | null;
  readonly refusal?: string | null;
  readonly tool_calls?: readonly CallFragment[] | null;
  readonly function_call?: CallFragment['function'];
}

interface WireUsage {
  readonly prompt_tokens?: unknown;
  readonly completion_tokens?: unknown;
  readonly prompt_tokens_details?: { readonly cached_tokens?: unknown } | null;
  /** DeepSeek's word for it. */
  readonly prompt_cache_hit_tokens?: unknown;
}

const FINISH: Readonly<Record<string, FinishReason>> = {
  tool_calls: 'tool calls',
  function_call: 'tool calls',
  tool_use: 'tool calls',
  length: 'output limit',
  max_tokens: 'output limit',
  model_length: 'output limit',
  content_filter: 'refused',
  safety: 'refused',
};

/** Reasons that are failures: OpenRouter when the model's own provider failed, DeepSeek when it ran out of machines. */
const FAILED: Readonly<Record<string, WireError>> = {
  error: { message: 'The model failed' },
  insufficient_system_resource: { type: 'overloaded_error', message: 'Not enough machines' },
};

/** Reads a streamed chat completion, in all the variants compatible servers send. */
export class OpenAiReader implements ReplyReader {
  text = '';
  readonly #onText: ((text: string) => void) | undefined;
  readonly #calls = new ToolCallCollector();
  #finishReason: string | undefined;
  #refused = false;
  #done = false;
  #usage: Usage | undefined;

  constructor(onText: ((text: string) => void) | undefined) {
    this.#onText = onText;
  }

  read(data: string): boolean {
    if (data === '[DONE]') return (this.#done = true);
    const chunk: Chunk = parseEvent(data);
    if (chunk.error !== undefined && chunk.error !== null) {
      throw new ReportedError(typeof chunk.error === 'string' ? { message: chunk.error } : chunk.error);
    }
    if (chunk.usage !== undefined && chunk.usage !== null) this.#usage = toUsage(chunk.usage) ?? this.#usage;
    const choice = chunk.choices?.[0];
    if (choice !== undefined && choice !== null) this.#readChoice(choice);
    return false;
  }

  reply(): PartialReply {
    return { text: this.text, toolCalls: this.#calls.finish(), finish: this.#finish(), usage: this.#usage };
  }

  #readChoice(choice: Choice): void {
    const delta = choice.delta ?? choice.message;
    if (delta !== undefined && delta !== null) this.#readDelta(delta);
    if (typeof choice.finish_reason !== 'string' || choice.finish_reason === '') return;
    const failed = FAILED[choice.finish_reason];
    if (failed !== undefined) throw new ReportedError(failed);
    this.#finishReason = choice.finish_reason;
  }

  #readDelta(delta: Delta): void {
    if (typeof delta.content === 'string') this.#addText(delta.content);
    else if (Array.isArray(delta.content)) this.#addText(delta.content.map(toPartText).join(''));
    if (typeof delta.refusal === 'string' && delta.refusal !== '') {
      this.#refused = true;
      this.#addText(delta.refusal);
    }
    if (Array.isArray(delta.tool_calls)) {
      for (const fragment of delta.tool_calls as readonly CallFragment[]) this.#calls.add(fragment);
    }
    // The form before tool calls existed; some servers still send it.
    if (delta.function_call) this.#calls.add({ index: 0, function: delta.function_call });
  }

  #addText(piece: string): void {
    if (piece === '') return;
    this.text += piece;
    checkReplyChars(this.text.length);
    this.#onText?.(piece);
  }

  #finish(): FinishReason | undefined {
    if (this.#finishReason === undefined && !this.#done) return undefined;
    if (this.#refused) return 'refused';
    const named = FINISH[this.#finishReason?.toLowerCase() ?? 'stop'] ?? 'stop';
    // Ollama and others say `stop` beside tool calls, and some say `tool_calls` without any.
    if (named === 'stop' || named === 'tool calls') return this.#calls.count > 0 ? 'tool calls' : 'stop';
    return named;
  }
}

function toPartText(part: { readonly text?: unknown } | null): string {
  return typeof part?.text === 'string' ? part.text : '';
}

function toUsage(usage: WireUsage): Usage | undefined {
  const inputTokens = toCount(usage.prompt_tokens);
  const outputTokens = toCount(usage.completion_tokens);
  const cachedInputTokens = toCount(usage.prompt_tokens_details?.cached_tokens ?? usage.prompt_cache_hit_tokens);
  if (inputTokens === undefined && outputTokens === undefined) return undefined;
  return {
    ...(inputTokens === undefined ? {} : { inputTokens }),
    ...(outputTokens === undefined ? {} : { outputTokens }),
    ...(cachedInputTokens === undefined ? {} : { cachedInputTokens }),
  };
}
