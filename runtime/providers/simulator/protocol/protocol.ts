import type { Admission } from '../rate-limits.ts';
import type { Reply } from '../reply.ts';
import type { Conversation } from '../model/turn.ts';

/** Why a request is not served; each protocol shows it in its own shape. */
export interface Refusal {
  readonly kind: 'refusal';
  readonly status: 400 | 401 | 404 | 405 | 413 | 429 | 500 | 503 | 529;
  readonly message: string;
  /** The field at fault. */
  readonly param?: string;
  readonly code?: string;
  readonly retryAfterMs?: number;
}

/** A request that was understood. */
export interface Asked {
  readonly kind: 'asked';
  readonly model: string;
  readonly stream: boolean;
  /** Whether a stream ends with usage. */
  readonly streamUsage: boolean;
  readonly maxOutputTokens: number;
  readonly conversation: Conversation;
}

/** One wire protocol of the simulated provider. */
export interface Protocol {
  readonly name: 'openai' | 'anthropic';
  /** Before the number of an answer's id. */
  readonly replyPrefix: string;
  /** Before the number of a tool call's id. */
  readonly callPrefix: string;
  readonly requestIdHeader: string;
  keyOf(header: (name: string) => string | undefined): string | undefined;
  parse(body: unknown): Asked | Refusal;
  toBody(reply: Reply): string;
  /** One entry for each token, the end with the last one. */
  toEvents(reply: Reply, withUsage: boolean): readonly string[];
  toErrorBody(refusal: Refusal, requestId: string): string;
  toLimitHeaders(admission: Admission, nowMs: number): Record<string, string>;
  toModels(ids: readonly string[], createdAtSec: number): string;
  toModel(id: string, createdAtSec: number): string;
}

/** Calls a model makes in one turn unless the request allows one only. */
export const MAX_CALLS_PER_TURN = 8;

/** A refusal of the request's form, status 400. */
export function refuse(message: string, param?: string): Refusal {
  return { kind: 'refusal', status: 400, message, ...(param !== undefined && { param }) };
}

/** The key of an `authorization: Bearer` header. */
export function bearerOf(header: (name: string) => string | undefined): string | undefined {
  return /^Bearer\s+(.+)$/i.exec(header('authorization') ?? '')?.[1];
}
