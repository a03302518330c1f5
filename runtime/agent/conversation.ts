import type { Message } from '../../shared/model/conversation.ts';
import { compactMessages, messageChars } from './compaction.ts';

/** The messages of a session, with their size kept up as they grow. */
export class Conversation {
  #messages: Message[];
  #chars: number;

  constructor(messages: readonly Message[]) {
    this.#messages = [...messages];
    this.#chars = countChars(this.#messages);
  }

  /** Grows in place: whoever keeps it longer than a request copies it. */
  get messages(): readonly Message[] {
    return this.#messages;
  }

  /** Characters of all messages, without the wire format's own. */
  get chars(): number {
    return this.#chars;
  }

  add(...messages: readonly Message[]): void {
    for (const message of messages) {
      this.#messages.push(message);
      this.#chars += messageChars(message);
    }
  }

  /** Makes the conversation fit a window, see `compactMessages`; answers whether it does. */
  compact(windowTokens: number, charsPerToken: number | undefined): boolean {
    const { messages, removedCount, fits } = compactMessages(this.#messages, windowTokens, charsPerToken);
    if (removedCount > 0) {
      this.#messages = [...messages];
      this.#chars = countChars(this.#messages);
    }
    return fits;
  }
}

function countChars(messages: readonly Message[]): number {
  return messages.reduce((sum, message) => sum + messageChars(message), 0);
}
