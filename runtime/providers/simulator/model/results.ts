import type { Message } from '../../../../shared/model/conversation.ts';

/** What came back from one call. */
export interface Result {
  readonly tool: string;
  readonly argumentsJson: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly failed: boolean;
  /** As it came. */
  readonly text: string;
  /** Parsed, when the text is a JSON object or array. */
  readonly json: unknown;
  /** Without a first line that only describes the rest ("lines 1-40 of 120", "files: 3"). */
  readonly body: string;
  /** That line. */
  readonly head: string;
}

/** What the conversation is about now: from the last question on. */
export interface Exchange {
  readonly prompt: string;
  readonly results: readonly Result[];
}

/** No line that describes a result is longer. */
const MAX_HEAD_CHARS = 400;
const HEAD =
  /^(?:lines? \d+-\d+ of (?:more than )?\d+|[a-z]+: \d+\b.{0,120}|exit code -?\d+\b.{0,60}|HTTP \d{3} .*)(?:\n|$)/;

/**
 * The part of a conversation after the last finished answer: its question, and what the calls made
 * since have brought. A question that brings nothing of its own sees the results before it.
 */
export function toExchange(messages: readonly Message[]): Exchange {
  const answered = messages.findLastIndex((message) => message.role === 'assistant' && message.toolCalls.length === 0);
  const current = messages.slice(answered + 1);
  const prompt = current.flatMap((message) => (message.role === 'user' ? [message.text] : [])).join('\n');
  return { prompt, results: toResults(current) };
}

/** The results in a conversation, in order. */
export function toResults(messages: readonly Message[]): readonly Result[] {
  const calls = new Map<string, string>();
  const results: Result[] = [];
  for (const message of messages) {
    if (message.role === 'assistant') {
      for (const call of message.toolCalls) calls.set(call.providerCallId, call.argumentsJson);
    } else if (message.role === 'tool') {
      const argumentsJson = calls.get(message.providerCallId) ?? '{}';
      results.push(new ToolResult(message.tool, argumentsJson, message.text, message.failed));
    }
  }
  return results;
}

/** Most results of a long conversation are only counted, so each is looked into when it is asked for. */
class ToolResult implements Result {
  readonly tool: string;
  readonly argumentsJson: string;
  readonly text: string;
  readonly failed: boolean;
  #json: { readonly value: unknown } | undefined;
  #arguments: Readonly<Record<string, unknown>> | undefined;
  #head: string | undefined;

  constructor(tool: string, argumentsJson: string, text: string, failed: boolean) {
    this.tool = tool;
    this.argumentsJson = argumentsJson;
    this.text = text;
    this.failed = failed;
  }

  get json(): unknown {
    this.#json ??= { value: /^\s*[{[]/.test(this.text) ? parseOr(this.text, undefined) : undefined };
    return this.#json.value;
  }

  get arguments(): Readonly<Record<string, unknown>> {
    return (this.#arguments ??= parseOr<Record<string, unknown> | null>(this.argumentsJson, {}) ?? {});
  }

  get head(): string {
    return this.#headLine().trimEnd();
  }

  get body(): string {
    return this.text.slice(this.#headLine().length);
  }

  #headLine(): string {
    return (this.#head ??= HEAD.exec(this.text.slice(0, MAX_HEAD_CHARS))?.[0] ?? '');
  }
}

function parseOr<T>(text: string, otherwise: T): T {
  try {
    return JSON.parse(text) as T;
  } catch {
    return otherwise;
  }
}

/** What a result is about: the path, address or pattern its call was made with, else the tool. */
export function subjectOf(result: Result): string {
  const values = Object.entries(result.arguments).filter(([, value]) => typeof value === 'string' && value !== '');
  const path = values.find(([name]) => /path|file|folder|dir|url|uri/i.test(name)) ?? values[0];
  return path ? String(path[1]) : result.tool;
}

/** Most items that "each of them" stands for. */
const MAX_ITEMS = 256;

/** The paths or addresses that a result lists; none when it is not a list. */
export function findItems(result: Result): readonly string[] {
  if (result.failed) return [];
  const items = result.json === undefined ? linesToItems(result) : jsonToItems(result.json);
  return [...new Set(items)].slice(0, MAX_ITEMS);
}

function jsonToItems(json: unknown): string[] {
  const list = Array.isArray(json) ? json : Object.values(json as object).find((value) => Array.isArray(value));
  if (!Array.isArray(list)) return [];
  return list.flatMap((item: unknown) => {
    if (typeof item === 'string') return [item];
    const record = (item ?? {}) as Record<string, unknown>;
    const named = record['path'] ?? record['file'] ?? record['url'] ?? record['name'];
    return typeof named === 'string' ? [named] : [];
  });
}

function linesToItems(result: Result): string[] {
  const lines = result.body.split('\n').map((line) => line.replace(/^\s*[-*•]\s+/, '').trim());
  const filled = lines.filter((line) => line !== '');
  const items = filled.flatMap(
    (line) => /^(https?:\/\/\S+|[^\s:]*[\w)\]](?:\/|\.\w{1,8}|(?=\/)))(?=$|:|\s)/.exec(line)?.[1] ?? [],
  );
  const isList = items.length > 0 && items.length >= filled.length * 0.8;
  return isList || result.head.startsWith('files: ')
    ? filled.flatMap((line) => line.split(/:\d+(?::|$)/)[0] ?? [])
    : [];
}
