import { AppError } from '../../../shared/errors/app-error.ts';

/** What an object pool is made of. */
export interface ObjectPoolParts<T extends object> {
  /** Makes a new one, as `reset` leaves one. */
  readonly create: () => T;
  /**
   * Makes a used one as good as new. Called when it is handed out again, not when it comes back: what came back and is not
   * needed again costs nothing, and nobody ever gets one that was written to after its release.
   */
  readonly reset: (object: T) => void;
}

/** Bounds of an object pool. */
export interface ObjectPoolOptions {
  /** Objects kept for the next caller, 0 to 1,000,000. What is held by callers is not counted. Applies live. */
  readonly maxIdle: number;
}

/** An object pool at one moment; the counts since it was made. */
export interface ObjectPoolStats extends ObjectPoolOptions {
  readonly idleCount: number;
  readonly heldCount: number;
  readonly createdCount: number;
  readonly reusedCount: number;
  /** Left to the garbage collector because `maxIdle` were kept. */
  readonly discardedCount: number;
}

const MAX_IDLE = 1_000_000;

/**
 * Objects that are used again instead of being collected. Never refuses and never waits: what it does not have it makes.
 *
 * An object that is released while nobody holds it is refused with `POOL_MISUSED`. One that somebody else got meanwhile
 * cannot be told apart; where that may happen, lend with `use`.
 */
export class ObjectPool<T extends object> {
  private readonly parts: ObjectPoolParts<T>;
  private readonly idle: T[] = [];
  /** Weak: an object that its holder forgets is collected like any other. */
  private readonly held = new WeakSet<T>();
  private heldCount = 0;
  private maxIdle = 0;
  private createdCount = 0;
  private reusedCount = 0;
  private discardedCount = 0;

  /** @throws {AppError} SETTING_INVALID */
  constructor(parts: ObjectPoolParts<T>, options: ObjectPoolOptions) {
    this.parts = parts;
    this.configure(options);
  }

  /**
   * Hands out an object that is as good as new. When `reset` throws, the object is
   * dropped and the error is the caller's.
   */
  acquire(): T {
    const object = this.idle.length > 0 ? this.takeIdle() : this.make();
    this.held.add(object);
    this.heldCount++;
    return object;
  }

  /** Takes an object back. @throws {AppError} POOL_MISUSED when it is not one that is held. */
  release(object: T): void {
    if (!this.held.delete(object)) {
      throw new AppError(
        'POOL_MISUSED',
        'An object was released that this pool has not lent, or that was released already; release each one once.',
      );
    }
    this.heldCount--;
    if (this.idle.length >= this.maxIdle) this.discardedCount++;
    else this.idle.push(object);
  }

  /** Lends an object for the time of one call. */
  use<R>(work: (object: T) => R): R {
    const object = this.acquire();
    try {
      return work(object);
    } finally {
      this.release(object);
    }
  }

  /** Takes a new bound over at once; what is above it is discarded. @throws {AppError} SETTING_INVALID */
  configure({ maxIdle }: ObjectPoolOptions): void {
    if (!Number.isSafeInteger(maxIdle) || maxIdle < 0 || maxIdle > MAX_IDLE) {
      const message = `maxIdle of an object pool is ${maxIdle}; it takes a whole number from 0 to ${MAX_IDLE}.`;
      throw new AppError('SETTING_INVALID', message);
    }
    this.maxIdle = maxIdle;
    this.discardedCount += Math.max(0, this.idle.length - maxIdle);
    this.idle.length = Math.min(this.idle.length, maxIdle);
  }

  /** Discards all that is idle, for when memory is short. */
  trim(): void {
    this.discardedCount += this.idle.length;
    this.idle.length = 0;
  }

  stats(): ObjectPoolStats {
    const { maxIdle, idle, heldCount, createdCount, reusedCount, discardedCount } = this;
    return { maxIdle, idleCount: idle.length, heldCount, createdCount, reusedCount, discardedCount };
  }

  private takeIdle(): T {
    const object = this.idle.pop()!;
    this.parts.reset(object);
    this.reusedCount++;
    return object;
  }

  private make(): T {
    this.createdCount++;
    return this.parts.create();
  }
}
