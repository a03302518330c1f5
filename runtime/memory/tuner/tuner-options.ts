import { AppError } from '../../../shared/errors/app-error.ts';

/** `act` changes the young generation, `advise` says what it would change, `off` looks at nothing. */
const TUNER_MODES = ['off', 'advise', 'act'] as const;
/** One of `TUNER_MODES`. */
type TunerMode = (typeof TUNER_MODES)[number];

/** Bounds and aims of the tuner; all apply live. */
export interface TunerOptions {
  readonly mode: TunerMode;
  /** Pause that 99 of 100 collections are not to exceed, 0.5 to 1,000 ms. */
  readonly pauseTargetMs: number;
  /** Part of the busy time of the threads that collections may take, 0.001 to 0.9. */
  readonly gcTargetRatio: number;
  /** The tuner never goes below or above, 1 MiB to 1 GiB; `min` at most `max`. */
  readonly minYoungBytes: number;
  readonly maxYoungBytes: number;
  /** After a change nothing is measured for so long: threads start, code gets warm; 0 to 600,000 ms. */
  readonly coolDownMs: number;
  /** A size is judged after it was measured for so long, 1,000 to 3,600,000 ms. */
  readonly measureMs: number;
  /** A size is not judged by fewer collections, 5 to 100,000: a p99 of a few pauses is their longest. */
  readonly minCollections: number;
  /** What was found out about a size is forgotten after so long, since load changes, 10,000 to 86,400,000 ms. */
  readonly forgetMs: number;
}

/** What holds unless told: aims that agents' threads reach (5 ms with some room), and at most a change in 45 s. */
export const DEFAULT_TUNER_OPTIONS: TunerOptions = {
  mode: 'advise',
  pauseTargetMs: 4,
  gcTargetRatio: 0.1,
  minYoungBytes: 3 * 2 ** 20,
  maxYoungBytes: 192 * 2 ** 20,
  coolDownMs: 15_000,
  measureMs: 30_000,
  minCollections: 50,
  forgetMs: 1_800_000,
};

const MIB = 2 ** 20;

const BOUNDS = {
  pauseTargetMs: [0.5, 1_000],
  gcTargetRatio: [0.001, 0.9],
  minYoungBytes: [MIB, 1_024 * MIB],
  maxYoungBytes: [MIB, 1_024 * MIB],
  coolDownMs: [0, 600_000],
  measureMs: [1_000, 3_600_000],
  minCollections: [5, 100_000],
  forgetMs: [10_000, 86_400_000],
} as const satisfies Partial<Record<keyof TunerOptions, readonly [number, number]>>;

/** The options themselves, when they hold. @throws {AppError} SETTING_INVALID */
export function checkTunerOptions(options: TunerOptions): TunerOptions {
  if (!TUNER_MODES.includes(options.mode)) {
    throw new AppError('SETTING_INVALID', `The tuner's mode is ${options.mode}; it takes ${TUNER_MODES.join(', ')}.`);
  }
  for (const key of Object.keys(BOUNDS) as (keyof typeof BOUNDS)[]) {
    const [least, most] = BOUNDS[key];
    if (options[key] >= least && options[key] <= most) continue;
    throw new AppError(
      'SETTING_INVALID',
      `${key} of the tuner is ${options[key]}; it takes a number from ${least} to ${most}.`,
    );
  }
  if (options.minYoungBytes > options.maxYoungBytes) {
    throw new AppError(
      'SETTING_INVALID',
      'minYoungBytes of the tuner is above its maxYoungBytes; lower the one or raise the other.',
    );
  }
  return options;
}
