import { writeSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { AppError, toAppError } from '../../shared/errors/app-error.ts';
import type { CallId } from '../../shared/model/ids.ts';
import type { Clock, Timer } from '../time/clock.ts';
import type { CallLedger } from './tool.ts';

/** Well before history has written the same calls, so that after a crash nothing is recorded as done that is missing here. */
const FLUSH_AFTER_MS = 10;
/** Written at once from here on. */
const FLUSH_AT_CHARS = 64 * 1_024;
/**
 * Kept at most: about 400,000 calls. They pile up while the disk is full, or while the event loop does not turn because
 * calls follow each other without ever waiting for anything.
 */
const MAX_BUFFERED_CHARS = 4 * 1_024 * 1_024;

/** What a ledger is told about failures. */
export interface LedgerOptions {
  /** Called once, with the first failure to write. */
  readonly onFailure?: (error: AppError) => void;
}

/**
 * Opens the append-only file of call ids, one a line. It is made when it is missing; what is in it stays.
 *
 * Lines reach the file within 100 ms, and the disk when it is closed. While the disk is full they wait, 4 MB of them; what
 * comes after that is missing, and closing says so. When the event loop does not turn, 4 MB are written synchronously.
 *
 * @throws {AppError} DATA_DIR_READ_ONLY, DISK_FULL or INTERNAL when the file cannot be opened.
 */
export async function openCallLedger(path: string, clock: Clock, options: LedgerOptions = {}): Promise<CallLedger> {
  let file: FileHandle;
  try {
    file = await open(path, 'a');
  } catch (error) {
    throw toLedgerError(error, path);
  }
  return new BufferedLedger(path, file, clock, options);
}

class BufferedLedger implements CallLedger {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #clock: Clock;
  readonly #options: LedgerOptions;
  #waiting = '';
  /** What the file has not taken of the last flush. */
  #unwritten: Buffer = Buffer.alloc(0);
  #timer: Timer | undefined;
  #flushing: Promise<void> | undefined;
  #failure: AppError | undefined;
  #missing = 0;
  #closed = false;

  constructor(path: string, file: FileHandle, clock: Clock, options: LedgerOptions) {
    this.#path = path;
    this.#file = file;
    this.#clock = clock;
    this.#options = options;
  }

  write(callId: CallId): void {
    if (this.#closed) throw new AppError('INTERNAL', 'The call ledger is closed.');
    if (this.#waiting.length >= MAX_BUFFERED_CHARS && !this.#writeNow()) {
      this.#missing++;
      return;
    }
    this.#waiting += callId + '\n';
    if (this.#flushing !== undefined) return;
    if (this.#waiting.length >= FLUSH_AT_CHARS && this.#failure === undefined) void this.#flush();
    else this.#timer ??= this.#clock.after(FLUSH_AFTER_MS, this.#onTimer);
  }

  async flush(): Promise<void> {
    await this.#flushing;
    if (!this.#closed && this.#waiting.length > 0) await this.#flush();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#flushing;
    this.#stopTimer();
    await this.#flush();
    const lost = this.#waiting.length + this.#unwritten.length > 0 || this.#missing > 0;
    try {
      if (!lost) await this.#file.sync();
    } finally {
      await this.#file.close();
    }
    if (lost) {
      const sentence = `The call ledger ${this.#path} could not be written to its end; make room on its disk.`;
      throw new AppError(this.#failure?.code ?? 'INTERNAL', sentence, { cause: this.#failure });
    }
  }

  readonly #onTimer = (): void => {
    this.#timer = undefined;
    void this.#flush();
  };

  #stopTimer(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
  }

  #flush(): Promise<void> {
    this.#stopTimer();
    this.#flushing ??= this.#writeAll().finally(() => {
      this.#flushing = undefined;
      const left = this.#waiting.length + this.#unwritten.length > 0;
      if (left && !this.#closed) this.#timer ??= this.#clock.after(FLUSH_AFTER_MS, this.#onTimer);
    });
    return this.#flushing;
  }

  /** Writes what waits now and what joins it meanwhile; a short write goes on where it stopped, so that no line is torn. */
  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0 || this.#unwritten.length > 0) {
      if (this.#unwritten.length === 0) {
        this.#unwritten = Buffer.from(this.#waiting, 'latin1');
        this.#waiting = '';
      }
      try {
        const { bytesWritten } = await this.#file.write(this.#unwritten);
        this.#unwritten = this.#unwritten.subarray(bytesWritten);
      } catch (error) {
        this.#report(error);
        return;
      }
    }
  }

  /** Writes what waits without giving up the thread. Each write is appended as a whole, also beside one that is under way. */
  #writeNow(): boolean {
    if (this.#failure !== undefined) return false;
    const bytes = Buffer.from(this.#waiting, 'latin1');
    try {
      for (let done = 0; done < bytes.length;) done += writeSync(this.#file.fd, bytes, done);
      this.#waiting = '';
      return true;
    } catch (error) {
      this.#report(error);
      return false;
    }
  }

  #report(error: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = toLedgerError(error, this.#path);
    this.#options.onFailure?.(this.#failure);
  }
}

function toLedgerError(error: unknown, path: string): AppError {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new AppError('DISK_FULL', `There is no room for the call ledger ${path}; make some.`, { cause: error });
  }
  if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM' || code === 'ENOENT' || code === 'ENOTDIR') {
    return new AppError('DATA_DIR_READ_ONLY', `The call ledger ${path} cannot be written.`, { cause: error });
  }
  return toAppError(error);
}
