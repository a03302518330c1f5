import type { RequestedCall, Usage } from '../../../shared/model/conversation.ts';
import type { FinishReason, ModelRequest } from '../provider.ts';

/** An answer as far as it has been read. */
export interface PartialReply {
  readonly text: string;
  readonly toolCalls: readonly RequestedCall[];
  /** `undefined` while the model has not said why it stopped. */
  readonly finish: FinishReason | undefined;
  readonly usage: Usage | undefined;
}

/** Reads one answer, event by event. */
export interface ReplyReader {
  /**
   * Takes the data of one event.
   *
   * @returns whether the answer is complete, so that nothing after it matters.
   * @throws {AppError} PROVIDER_PROTOCOL
   * @throws {ReportedError} for an error event
   */
  read(data: string): boolean;
  /** The text so far; cheap. */
  readonly text: string;
  reply(): PartialReply;
}

/** What differs between the two protocols. */
export interface WireFormat {
  /** Path and query of the one request there is. */
  readonly path: string;
  /** Names and values in turn. */
  toHeaders(key: string | undefined): string[];
  /** The body of a streamed request. */
  toBody(request: ModelRequest): string;
  createReader(onText: ((text: string) => void) | undefined): ReplyReader;
}

/** The error object both protocols send, in an error answer and inside a stream. */
export interface WireError {
  readonly type?: unknown;
  readonly code?: unknown;
  readonly message?: unknown;
}

/** An error a provider reported inside its stream; the exchange turns it into an `AppError` that names the provider. */
export class ReportedError extends Error {
  readonly error: WireError;

  constructor(error: WireError) {
    super('The provider reported an error inside its stream.');
    this.error = error;
  }
}
