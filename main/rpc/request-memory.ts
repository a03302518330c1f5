import { createHash } from 'node:crypto';
import type { ServerMessage } from '../../shared/contract/wire.ts';

/** What a command answered, without the id of the call that asked. */
export type Outcome =
  | { readonly type: 'result'; readonly output: unknown }
  | { readonly type: 'error'; readonly error: Extract<ServerMessage, { type: 'error' }>['error'] };

interface Remembered {
  readonly entry: string;
  /** Of its JSON: an input may hold a key, which is not to be kept. */
  readonly inputHash: string;
  readonly outcome: Promise<Outcome>;
}

/** Commands whose outcome is kept for a retry; beyond it the one longest unused is forgotten. */
const MAX_REMEMBERED = 1_000;

/** Remembers commands by request id, so that one that is sent again (also over another connection) applies once. */
export class RequestMemory {
  readonly #outcomes = new Map<string, Remembered>();

  /**
   * The outcome of the first call with this id; `start` is called for the first only. `undefined` when the id was
   * used for something else, which must not be answered with another command's outcome.
   */
  once(requestId: string, entry: string, input: unknown, start: () => Promise<Outcome>): Promise<Outcome> | undefined {
    const inputHash = createHash('sha256')
      .update(JSON.stringify(input) ?? '')
      .digest('base64');
    const known = this.#outcomes.get(requestId);
    if (known && (known.entry !== entry || known.inputHash !== inputHash)) return undefined;
    const remembered = known ?? { entry, inputHash, outcome: start() };
    this.#outcomes.delete(requestId);
    this.#outcomes.set(requestId, remembered);
    if (this.#outcomes.size > MAX_REMEMBERED) {
      const [oldest] = this.#outcomes.keys();
      this.#outcomes.delete(oldest as string);
    }
    return remembered.outcome;
  }
}
