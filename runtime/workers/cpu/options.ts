import { AppError } from '../../../shared/errors/app-error.ts';
import { SLOTS } from './shared-memory.ts';

const MB = 1024 * 1024;
const GB = 1024 * MB;
const DAY_MS = 24 * 60 * 60_000;

/** Settings of the cpu lane's threads. All of them change while the lane runs. */
export interface CpuWorkersOptions {
  /** Threads at most, those that drain included; 1 to 64. One more lives for a moment while limits roll. Live. */
  readonly maxWorkers: number;
  /** Threads that are kept when there is nothing to do; 0 (when absent) to `maxWorkers`. Live. */
  readonly minWorkers?: number;
  /** Limit of each thread's old generation; 16 MB to 64 GB. Rolling: threads are replaced one by one. */
  readonly oldGenerationBytes: number;
  /** Limit of each thread's young generation; 1 MB to 1 GB, and not above `oldGenerationBytes`. Rolling. */
  readonly youngGenerationBytes: number;
  /** What a thread may keep outside its heap (`ArrayBuffer`s); 16 MB to 64 GB, 512 MB when absent. Live. */
  readonly externalBytes?: number;
  /** A thread beyond `minWorkers` ends when it had nothing to do for this long; 0 to a day. Live. */
  readonly idleTimeoutMs: number;
  /** Tasks sent in one message at most; 1 (never grouped) to 1,024, 256 when absent. Live. */
  readonly groupLimit?: number;
  /** Tasks that wait for a thread at most; more are refused with LANE_SATURATED; 1 to 1,000,000, 100,000 when absent. Live. */
  readonly queueCapacity?: number;
}

/** The options with their defaults. */
export type FullCpuWorkersOptions = Readonly<Required<CpuWorkersOptions>>;

type Key = keyof CpuWorkersOptions;

/** Least, most. With a smaller heap a thread dies of its own start. */
const BOUNDS: Readonly<Record<Key, readonly [number, number]>> = {
  maxWorkers: [1, 64],
  minWorkers: [0, 64],
  oldGenerationBytes: [16 * MB, 64 * GB],
  youngGenerationBytes: [MB, GB],
  externalBytes: [16 * MB, 64 * GB],
  idleTimeoutMs: [0, DAY_MS],
  groupLimit: [1, SLOTS],
  queueCapacity: [1, 1_000_000],
};

const DEFAULTS = { minWorkers: 0, externalBytes: 512 * MB, groupLimit: 256, queueCapacity: 100_000 };

/** Checks the options and adds what is absent. @throws {AppError} SETTING_INVALID, naming the key and its bounds. */
export function parseOptions(options: CpuWorkersOptions): FullCpuWorkersOptions {
  const full: FullCpuWorkersOptions = { ...DEFAULTS, ...options };
  for (const [key, value] of Object.entries(full)) {
    if (!Object.hasOwn(BOUNDS, key)) throw invalid(`The cpu lane has no setting "${key}".`);
    const [least, most] = BOUNDS[key as Key];
    if (Number.isSafeInteger(value) && value >= least && value <= most) continue;
    throw invalid(`${key} of the cpu lane is ${value}; it takes a whole number from ${least} to ${most}.`);
  }
  if (full.minWorkers > full.maxWorkers)
    throw invalid(
      `minWorkers of the cpu lane (${full.minWorkers}) is above maxWorkers (${full.maxWorkers}); lower it or raise the other.`,
    );
  if (full.youngGenerationBytes > full.oldGenerationBytes)
    throw invalid('youngGenerationBytes of the cpu lane is above oldGenerationBytes; lower it or raise the other.');
  return Object.freeze(full);
}

function invalid(sentence: string): AppError {
  return new AppError('SETTING_INVALID', sentence);
}
