import { AppError } from '../../../shared/errors/app-error.ts';
import type { RequestedCall } from '../../../shared/model/conversation.ts';
import { createCallIds } from './call-ids.ts';
import { checkReplyChars, MAX_TOOL_CALLS } from './reply-limits.ts';

/** A piece of a tool call in an OpenAI-compatible stream; every field may be missing. */
export interface CallFragment {
  readonly index?: unknown;
  readonly id?: unknown;
  readonly function?: { readonly name?: unknown; readonly arguments?: unknown } | null;
}

interface OpenCall {
  readonly index: number | undefined;
  id: string;
  name: string;
  arguments: string;
}

/**
 * Puts the tool calls of one answer together from their fragments.
 *
 * The format says: a call's first fragment has index, id and name, later ones index and a piece of the arguments. Servers
 * differ: no index (Gemini's compatible address), index 0 for every call (older Ollama), no id, the name in every
 * fragment, all arguments at once, arguments as an object.
 */
export class ToolCallCollector {
  readonly #calls: OpenCall[] = [];
  #chars = 0;

  /** @throws {AppError} PROVIDER_PROTOCOL when there are more calls or arguments than one answer may have. */
  add(fragment: CallFragment): void {
    const id = typeof fragment.id === 'string' ? fragment.id : '';
    const name = typeof fragment.function?.name === 'string' ? fragment.function.name : '';
    const index = typeof fragment.index === 'number' ? fragment.index : undefined;
    const call = this.#find(index, id, name) ?? this.#open(index, id);
    if (call.name === '') call.name = name;
    if (call.id === '') call.id = id;
    const piece = toArgumentsText(fragment.function?.arguments);
    call.arguments += piece;
    this.#chars += piece.length;
    checkReplyChars(this.#chars);
  }

  get count(): number {
    return this.#calls.length;
  }

  /** The calls in the order they began; each has an id unique among them, also where the server sent none. */
  finish(): RequestedCall[] {
    const toId = createCallIds();
    return this.#calls.map((call) => ({
      providerCallId: toId(call.id),
      tool: call.name,
      argumentsJson: call.arguments === '' ? '{}' : call.arguments,
    }));
  }

  /** The call that a fragment goes on with, the latest first. */
  #find(index: number | undefined, id: string, name: string): OpenCall | undefined {
    const call = this.#calls.findLast((candidate) => index === undefined || candidate.index === index);
    if (call === undefined) return undefined;
    if (id !== '' && call.id !== '') return id === call.id ? call : this.#findById(id);
    if (name !== '' && call.name !== '' && isCompleteJson(call.arguments)) return undefined;
    return call;
  }

  #findById(id: string): OpenCall | undefined {
    return this.#calls.find((candidate) => candidate.id === id);
  }

  #open(index: number | undefined, id: string): OpenCall {
    if (this.#calls.length >= MAX_TOOL_CALLS) {
      throw new AppError('PROVIDER_PROTOCOL', `The answer asks for more than ${MAX_TOOL_CALLS} tool calls.`);
    }
    const call: OpenCall = { index, id, name: '', arguments: '' };
    this.#calls.push(call);
    return call;
  }
}

function toArgumentsText(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === undefined || value === null ? '' : JSON.stringify(value);
}

function isCompleteJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
