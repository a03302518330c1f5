/** Tokens as the provider counted them; a figure it did not send is absent, never 0. */
export interface Usage {
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  /** Part of `inputTokens` that the provider read from its prompt cache. */
  readonly cachedInputTokens?: number;
  /** Input tokens written to the provider's prompt cache, where it reports them. */
  readonly cacheWriteInputTokens?: number;
}

/** A tool call as the model asked for it. */
export interface RequestedCall {
  /** The provider's id for the call; unique within its turn only. */
  readonly providerCallId: string;
  readonly tool: string;
  /** The arguments as the model wrote them: JSON text, not yet checked. */
  readonly argumentsJson: string;
}

/** One entry of a session's conversation, in the form both wire formats are made from. */
export type Message =
  | { readonly role: 'user'; readonly text: string }
  | { readonly role: 'assistant'; readonly text: string; readonly toolCalls: readonly RequestedCall[] }
  | {
      readonly role: 'tool';
      readonly providerCallId: string;
      readonly tool: string;
      readonly text: string;
      readonly failed: boolean;
    };

/** A tool as it is offered to a model. */
export interface ToolSchema {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of the arguments object. */
  readonly inputSchema: Readonly<Record<string, unknown>>;
}

/** The limits that end a session with what it has. */
export const LIMITS = ['turns', 'tool calls', 'minutes', 'output tokens', 'context', 'usd', 'tokens'] as const;
/** One of `LIMITS`. */
export type Limit = (typeof LIMITS)[number];

/** Why a session ended. */
export type StopReason =
  | { readonly kind: 'answered' }
  | { readonly kind: 'limit'; readonly limit: Limit; readonly at: number }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string }
  | { readonly kind: 'stopped'; readonly by: 'operator' | 'deadline' };
