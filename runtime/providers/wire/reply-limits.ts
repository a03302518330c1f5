import { AppError } from '../../../shared/errors/app-error.ts';

/** Text and arguments of one answer; some hundred times what today's models may write. */
const MAX_REPLY_CHARS = 32 * 1024 * 1024;
/** Tool calls of one answer; far above what a model asks for in one turn. */
export const MAX_TOOL_CALLS = 4_096;
/** One event of a stream; servers without incremental arguments send a whole file in one. */
export const MAX_EVENT_CHARS = 16 * 1024 * 1024;

/** Refuses an answer that outgrows its bound. @throws {AppError} PROVIDER_PROTOCOL */
export function checkReplyChars(chars: number): void {
  if (chars <= MAX_REPLY_CHARS) return;
  throw new AppError('PROVIDER_PROTOCOL', `The answer is longer than ${MAX_REPLY_CHARS} characters.`);
}
