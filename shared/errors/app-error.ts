import { ERROR_CODES, type ErrorCode } from './error-codes.ts';

/** What an error carries beside its code; plain data, so that it crosses threads and sockets. */
export interface ErrorDetails {
  /** How long to wait before the same call has a chance, in milliseconds. */
  readonly retryAfterMs?: number;
  readonly [key: string]: unknown;
}

/** The plain form of an `AppError`, as it crosses threads, sockets and files. */
export interface ErrorData {
  readonly code: ErrorCode;
  readonly message: string;
  readonly details?: ErrorDetails;
}

/**
 * The one error class. Branch on `code`, never on `message`.
 *
 * `message` is one sentence for a person and says the way out where there is one.
 */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, options: { details?: ErrorDetails; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.details = options.details ?? {};
  }

  /** Whether the same call, unchanged, may succeed later. */
  get retryable(): boolean {
    return ERROR_CODES[this.code].retryable;
  }

  /** Plain data; `cause` and stack stay behind. */
  toData(): ErrorData {
    return { code: this.code, message: this.message, details: this.details };
  }

  /** The inverse of `toData`. */
  static fromData(data: ErrorData): AppError {
    return new AppError(data.code, data.message, { details: data.details });
  }
}

/** Whether `error` is an `AppError`, of `code` when one is given. */
export function isAppError(error: unknown, code?: ErrorCode): error is AppError {
  return error instanceof AppError && (code === undefined || error.code === code);
}

/** `error` itself when it is an `AppError`, else an `INTERNAL` one with `error` as its cause. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  return new AppError('INTERNAL', error instanceof Error ? error.message : String(error), { cause: error });
}
