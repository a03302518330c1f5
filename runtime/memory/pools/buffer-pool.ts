import { AppError } from '../../../shared/errors/app-error.ts';
import { SIZE_CLASSES_BYTES, toSizeClass } from './size-classes.ts';

/** Bounds of a buffer pool. */
export interface BufferPoolOptions {
  /**
   * Bytes the pool keeps for the next caller while nobody uses them, 0 to 1 GiB; 0 keeps nothing. What is held by callers is
   * not counted: their number is bounded by the lanes they run in. Applies live.
   */
  readonly maxIdleBytes: number;
}

/**
 * A buffer on loan. Its bytes are whatever its last user left there, as those of `Buffer.allocUnsafe` are.
 *
 * A second `release`, and any use after it, is refused with `POOL_MISUSED`: by then the memory may be somebody else's.
 * Disposing releases what is still held.
 */
export interface BufferLoan extends Disposable {
  /** At least as long as was asked for. Not to be kept beyond the release. @throws {AppError} POOL_MISUSED */
  readonly bytes: Buffer;
  /** @throws {AppError} POOL_MISUSED */
  release(): void;
}

/** What a pool did with buffers of one size since it was opened. */
interface SizeClassStats {
  readonly sizeBytes: number;
  /** On loan now. */
  readonly heldCount: number;
  /** Kept for the next caller now. */
  readonly idleCount: number;
  readonly createdCount: number;
  readonly reusedCount: number;
  /** Left to the garbage collector: there was no room to keep them, or they had been transferred to another thread. */
  readonly discardedCount: number;
}

/** A buffer pool at one moment. */
interface BufferPoolStats {
  readonly maxIdleBytes: number;
  readonly idleBytes: number;
  readonly heldBytes: number;
  readonly classes: readonly SizeClassStats[];
  /** Loans larger than every class: made for their caller and never kept. */
  readonly oversizedCount: number;
}

/**
 * Buffers in five sizes that are used again instead of being collected.
 *
 * Never refuses a loan and never waits: what it does not have it makes. Bounded in what it keeps: when there is no room for
 * a buffer that comes back, buffers of the size that was asked for least recently go first. One pool for each thread.
 */
export interface BufferPool {
  /** Lends a buffer of at least `leastBytes`, 0 and more. @throws {AppError} INPUT_INVALID */
  acquire(leastBytes: number): BufferLoan;
  /** Takes new bounds over at once; what they leave no room for is discarded. @throws {AppError} SETTING_INVALID */
  configure(options: BufferPoolOptions): void;
  /** Discards all that is idle, for when memory is short. */
  trim(): void;
  stats(): BufferPoolStats;
}

/** Above it a pool is no longer a help but a leak. */
const MAX_IDLE_BYTES = 2 ** 30;

/** The options themselves, when they hold. @throws {AppError} SETTING_INVALID */
function checkBufferPoolOptions(options: BufferPoolOptions): BufferPoolOptions {
  const { maxIdleBytes } = options;
  if (Number.isSafeInteger(maxIdleBytes) && maxIdleBytes >= 0 && maxIdleBytes <= MAX_IDLE_BYTES) return options;
  const message = `maxIdleBytes of a buffer pool is ${maxIdleBytes}; it takes a whole number of bytes from 0 to ${MAX_IDLE_BYTES}.`;
  throw new AppError('SETTING_INVALID', message);
}

/** Makes an empty pool. @throws {AppError} SETTING_INVALID */
export function createBufferPool(options: BufferPoolOptions): BufferPool {
  return new SizedBufferPool(options);
}

/** All buffers of one size. */
class Shelf {
  readonly sizeBytes: number;
  readonly idle: Buffer[] = [];
  /** When it was asked last, counted in loans of the pool. */
  askedAt = 0;
  heldCount = 0;
  createdCount = 0;
  reusedCount = 0;
  discardedCount = 0;

  constructor(sizeBytes: number) {
    this.sizeBytes = sizeBytes;
  }

  take(): Buffer {
    this.heldCount++;
    const kept = this.idle.pop();
    if (kept !== undefined) {
      this.reusedCount++;
      return kept;
    }
    this.createdCount++;
    // A slice of Node's own pool would keep 64 KB alive for 1, and could not be transferred.
    return Buffer.allocUnsafeSlow(this.sizeBytes);
  }

  toStats(): SizeClassStats {
    const { sizeBytes, heldCount, idle, createdCount, reusedCount, discardedCount } = this;
    return { sizeBytes, heldCount, idleCount: idle.length, createdCount, reusedCount, discardedCount };
  }
}

class SizedBufferPool implements BufferPool {
  private readonly shelves = SIZE_CLASSES_BYTES.map((size) => new Shelf(size));
  private maxIdleBytes = 0;
  private idleBytes = 0;
  private heldBytes = 0;
  private oversizedCount = 0;
  private loanCount = 0;

  constructor(options: BufferPoolOptions) {
    this.configure(options);
  }

  acquire(leastBytes: number): BufferLoan {
    if (!(leastBytes >= 0 && leastBytes <= Number.MAX_SAFE_INTEGER)) {
      throw new AppError('INPUT_INVALID', `A buffer of ${leastBytes} bytes cannot be lent; ask for 0 bytes or more.`);
    }
    this.loanCount++;
    const shelf = this.shelves[toSizeClass(leastBytes)];
    if (shelf === undefined) return this.lendOversized(leastBytes);
    shelf.askedAt = this.loanCount;
    const keptBytes = shelf.idle.length > 0 ? shelf.sizeBytes : 0;
    const buffer = shelf.take();
    this.idleBytes -= keptBytes;
    this.heldBytes += shelf.sizeBytes;
    return new Loan(buffer, this, shelf);
  }

  configure(options: BufferPoolOptions): void {
    this.maxIdleBytes = checkBufferPoolOptions(options).maxIdleBytes;
    this.makeRoom(0);
  }

  trim(): void {
    for (const shelf of this.shelves) this.discardIdle(shelf, shelf.idle.length);
  }

  stats(): BufferPoolStats {
    const { maxIdleBytes, idleBytes, heldBytes, oversizedCount } = this;
    return { maxIdleBytes, idleBytes, heldBytes, oversizedCount, classes: this.shelves.map((one) => one.toStats()) };
  }

  private lendOversized(bytes: number): BufferLoan {
    this.oversizedCount++;
    this.heldBytes += bytes;
    return new Loan(Buffer.allocUnsafeSlow(bytes), this, undefined);
  }

  /** Called once for each loan, with its shelf; with none when it is larger than every class. */
  takeBack(buffer: Buffer, lentBytes: number, shelf: Shelf | undefined): void {
    this.heldBytes -= lentBytes;
    if (shelf === undefined) return;
    shelf.heldCount--;
    // One whose memory was transferred to another thread has no bytes any more.
    if (buffer.length !== shelf.sizeBytes || !this.makeRoom(shelf.sizeBytes, shelf)) {
      shelf.discardedCount++;
      return;
    }
    shelf.idle.push(buffer);
    this.idleBytes += shelf.sizeBytes;
  }

  /** Discards idle buffers until `bytes` more fit; never for a shelf that was asked less recently than `comer`. */
  private makeRoom(bytes: number, comer?: Shelf): boolean {
    if (bytes > this.maxIdleBytes) return false;
    while (this.idleBytes + bytes > this.maxIdleBytes) {
      const oldest = this.leastAsked(comer);
      if (oldest === undefined) return false;
      const missingBytes = this.idleBytes + bytes - this.maxIdleBytes;
      this.discardIdle(oldest, Math.min(oldest.idle.length, Math.ceil(missingBytes / oldest.sizeBytes)));
    }
    return true;
  }

  private leastAsked(comer: Shelf | undefined): Shelf | undefined {
    let oldest: Shelf | undefined;
    for (const shelf of this.shelves) {
      if (shelf.idle.length === 0 || shelf === comer) continue;
      if (comer !== undefined && shelf.askedAt > comer.askedAt) continue;
      if (oldest === undefined || shelf.askedAt < oldest.askedAt) oldest = shelf;
    }
    return oldest;
  }

  private discardIdle(shelf: Shelf, count: number): void {
    shelf.idle.length -= count;
    shelf.discardedCount += count;
    this.idleBytes -= count * shelf.sizeBytes;
  }
}

/**
 * A fresh small object for each loan, not one that comes back with its buffer: so a second release is seen also when
 * somebody else has the buffer by then.
 */
class Loan implements BufferLoan {
  private buffer: Buffer | undefined;
  private readonly lentBytes: number;
  private readonly pool: SizedBufferPool;
  private readonly shelf: Shelf | undefined;

  constructor(buffer: Buffer, pool: SizedBufferPool, shelf: Shelf | undefined) {
    this.buffer = buffer;
    this.lentBytes = buffer.length;
    this.pool = pool;
    this.shelf = shelf;
  }

  get bytes(): Buffer {
    if (this.buffer === undefined) throw misused('used after it was released');
    return this.buffer;
  }

  release(): void {
    if (this.buffer === undefined) throw misused('released a second time');
    this[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    const { buffer } = this;
    if (buffer === undefined) return;
    this.buffer = undefined;
    this.pool.takeBack(buffer, this.lentBytes, this.shelf);
  }
}

function misused(how: string): AppError {
  return new AppError(
    'POOL_MISUSED',
    `A pooled buffer was ${how}; release each loan once, when nobody reads it any more.`,
  );
}
