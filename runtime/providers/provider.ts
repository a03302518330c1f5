import type { Message, RequestedCall, ToolSchema, Usage } from '../../shared/model/conversation.ts';
import type { ProviderLimits } from './rate-headers.ts';

/** One request to a model. */
export interface ModelRequest {
  readonly model: string;
  readonly system: string;
  readonly messages: readonly Message[];
  readonly tools: readonly ToolSchema[];
  readonly temperature?: number;
  readonly maxOutputTokens?: number;
}

/** How a request is sent. */
export interface AskOptions {
  readonly signal: AbortSignal;
  /** Limit on the whole answer. */
  readonly deadlineMs: number;
  /** Called with each piece of text as it arrives. */
  readonly onText?: (text: string) => void;
}

/** Why the model stopped. */
export type FinishReason = 'stop' | 'tool calls' | 'output limit' | 'refused';

/** A complete answer. */
export interface ModelReply {
  readonly text: string;
  readonly toolCalls: readonly RequestedCall[];
  readonly finish: FinishReason;
  readonly usage: Usage | undefined;
  /** From sending to the first event of the stream. */
  readonly firstTokenMs: number;
}

/** Figures of one provider since it was opened. */
export interface ProviderStats {
  readonly name: string;
  readonly requests: number;
  readonly failures: number;
  readonly rateLimited: number;
  readonly openStreams: number;
  readonly connections: number;
  readonly connectionsOpened: number;
  readonly firstTokenP50Ms: number | undefined;
  readonly firstTokenP99Ms: number | undefined;
  /** What the provider last said about its limits; absent when it says nothing. */
  readonly limits?: ProviderLimits;
}

/**
 * One model provider behind one pooled set of connections. One attempt per call: retries belong to
 * the session, which records each attempt.
 */
export interface Provider extends AsyncDisposable {
  readonly name: string;
  readonly contextTokens: number | undefined;
  /**
   * Sends one request and reads its stream to the end.
   *
   * @throws {AppError} PROVIDER_RATE_LIMITED and PROVIDER_OVERLOADED (with `retryAfterMs` when the provider said it),
   * PROVIDER_UNREACHABLE, PROVIDER_CERTIFICATE_REFUSED, PROVIDER_AUTH_REFUSED, PROVIDER_REFUSED, PROVIDER_STALLED,
   * PROVIDER_STREAM_BROKEN and PROVIDER_PROTOCOL (with `details.text`, what had arrived), DEADLINE_EXCEEDED.
   * A cancellation rejects with the signal's reason, unwrapped.
   */
  ask(request: ModelRequest, options: AskOptions): Promise<ModelReply>;
  stats(): ProviderStats;
}
