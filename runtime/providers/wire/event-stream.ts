import { TextDecoder } from 'node:util';
import { createParser, type EventSourceParser } from 'eventsource-parser';
import { AppError } from '../../../shared/errors/app-error.ts';
import { MAX_EVENT_CHARS } from './reply-limits.ts';

const FIRST_NON_ASCII = 0x80;

/**
 * Bytes of a server-sent event stream to the data of its events, right for any cut: inside a UTF-8 sequence, a field
 * name, a line end or a JSON string.
 *
 * @throws {AppError} PROVIDER_PROTOCOL from `feed` when one event is longer than 16 Mi characters, and whatever `onData`
 * throws; the stream is then over.
 */
export class EventStream {
  readonly #parser: EventSourceParser;
  #decoder: TextDecoder | undefined;
  /** Whether the decoder may hold the beginning of a sequence. */
  #midSequence = false;

  constructor(onData: (data: string) => void) {
    this.#parser = createParser({
      maxBufferSize: MAX_EVENT_CHARS,
      onEvent: (event) => onData(event.data),
      onError: (error) => {
        if (error.type !== 'max-buffer-size-exceeded') return;
        throw new AppError('PROVIDER_PROTOCOL', `One event is longer than ${MAX_EVENT_CHARS} characters.`);
      },
    });
  }

  feed(chunk: Buffer): void {
    this.#parser.feed(this.#toText(chunk));
  }

  /** Takes an event that is not closed by an empty line, as some servers end their last one. */
  end(): void {
    this.#parser.feed('\n\n');
  }

  #toText(chunk: Buffer): string {
    const last = chunk[chunk.length - 1];
    if (last === undefined) return '';
    const midSequence = last >= FIRST_NON_ASCII;
    // A chunk that ends in ASCII ends between two characters: most do (an event ends in a line feed), and the stateless
    // conversion costs a fraction of the decoder's.
    if (!midSequence && !this.#midSequence) return chunk.toString('utf8');
    this.#midSequence = midSequence;
    this.#decoder ??= new TextDecoder('utf-8', { ignoreBOM: true });
    return this.#decoder.decode(chunk, { stream: true });
  }
}

/**
 * The JSON object that an event's data holds; its fields are whatever the server sent and have to be checked one by one.
 *
 * @throws {AppError} PROVIDER_PROTOCOL when it holds none.
 */
export function parseEvent(data: string): object {
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch (error) {
    throw new AppError('PROVIDER_PROTOCOL', 'An event of the stream is not JSON.', { cause: error });
  }
  if (typeof value === 'object' && value !== null) return value;
  throw new AppError('PROVIDER_PROTOCOL', 'An event of the stream is not a JSON object.');
}

/** A figure the provider sent, or `undefined` when it is not a count. */
export function toCount(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
