import type { Message } from '../../shared/model/conversation.ts';

/** About four characters make a token in English text and code; used only where the provider has not counted yet. */
const CHARS_PER_TOKEN = 4;

/** Compaction frees down to this share of the window, so that it does not run again at the next turn. */
const TARGET_RATIO = 0.6;

/** Results shorter than their own marker would not free anything. */
const MIN_REMOVED_CHARS = 200;

/** What a conversation looks like after compaction. */
export interface Compaction {
  readonly messages: readonly Message[];
  /** Tool results that were replaced by a marker. */
  readonly removedCount: number;
  /** Whether the conversation fits now. */
  readonly fits: boolean;
}

/** Estimated tokens of a text of `chars` characters. */
export function estimateTokens(chars: number): number {
  return Math.ceil(chars / CHARS_PER_TOKEN);
}

/** Characters a message puts into the request, without the wire format's own. */
export function messageChars(message: Message): number {
  if (message.role !== 'assistant') return message.text.length;
  let chars = message.text.length;
  for (const call of message.toolCalls) chars += call.tool.length + call.argumentsJson.length;
  return chars;
}

/**
 * Makes a conversation fit a window by replacing tool results, oldest first, with a marker that says so.
 *
 * What the user, the model and the last turn's tools said stays. Messages that are kept are the same objects.
 *
 * @param windowTokens What the messages may take.
 * @param charsPerToken Measured on the last turn where the provider counted, else the usual four.
 */
export function compactMessages(
  messages: readonly Message[],
  windowTokens: number,
  charsPerToken = CHARS_PER_TOKEN,
): Compaction {
  const windowChars = windowTokens * charsPerToken;
  let chars = messages.reduce((sum, message) => sum + messageChars(message), 0);
  if (chars <= windowChars) return { messages, removedCount: 0, fits: true };
  const lastTurn = messages.findLastIndex((message) => message.role === 'assistant');
  let removedCount = 0;
  const compacted = messages.map((message, index) => {
    if (
      message.role !== 'tool' ||
      index >= lastTurn ||
      chars <= windowChars * TARGET_RATIO ||
      message.text.length < MIN_REMOVED_CHARS
    )
      return message;
    const text = `[The result of ${message.tool} (${message.text.length} characters) was removed to stay inside the context window.]`;
    chars -= message.text.length - text.length;
    removedCount += 1;
    return { ...message, text };
  });
  return { messages: compacted, removedCount, fits: chars <= windowChars };
}
