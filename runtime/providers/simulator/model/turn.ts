import type { Message, ToolSchema } from '../../../../shared/model/conversation.ts';

/** What the model is shown: one conversation and the tools offered. */
export interface Conversation {
  readonly system: string;
  readonly messages: readonly Message[];
  readonly tools: readonly ToolSchema[];
  /** `required`: at least one call, of any tool; an object: this tool. */
  readonly toolChoice: 'auto' | 'none' | 'required' | { readonly tool: string };
  /** Most calls in one turn. */
  readonly maxCalls: number;
}

/** A call the model decided on. */
export interface PlannedCall {
  readonly tool: string;
  readonly argumentsJson: string;
}

/** What the model does next. */
export interface Turn {
  readonly text: string;
  readonly calls: readonly PlannedCall[];
}
