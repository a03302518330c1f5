import type { Message } from '../../shared/model/conversation.ts';
import type { SessionContext, SessionContexts } from '../cache/named/session-contexts.ts';
import { Conversation } from './conversation.ts';

/** The conversation of a session, and where it is: with the session while it runs, with the cache of contexts while it rests. */
export class SessionMemory implements Disposable {
  readonly #context: SessionContext | undefined;
  #conversation: Conversation;

  /** @param key Of the session among all that there are. */
  constructor(contexts: SessionContexts | undefined, key: string, messages: readonly Message[]) {
    this.#conversation = new Conversation(messages);
    this.#context = contexts?.open(key);
    this.#context?.hold(this.#conversation);
  }

  /** Not to be kept by whoever asks, nor used while it rests. */
  get conversation(): Conversation {
    return this.#conversation;
  }

  add(...messages: readonly Message[]): void {
    this.#conversation.add(...messages);
    this.#context?.hold(this.#conversation);
  }

  /**
   * Lets the conversation rest while the session waits; it may leave memory meanwhile, and is back as it was when this resolves.
   *
   * @throws whatever `waiting` rejects with, the conversation then still resting; else what the store failed with.
   */
  async restWhile(waiting: Promise<void>): Promise<void> {
    const isResting = this.#context?.rest({ messages: this.#conversation.messages, chars: this.#conversation.chars });
    if (!isResting) return await waiting;
    this.#conversation = new Conversation([]);
    await waiting;
    const { messages } = await this.#context!.wake();
    this.#conversation = new Conversation(messages);
  }

  [Symbol.dispose](): void {
    this.#context?.[Symbol.dispose]();
  }
}
