import { AppError } from '../../../shared/errors/app-error.ts';

/**
 * What happens to launches while memory is short: they `wait`, they are refused with MEMORY_SHORT, or nothing (`off`). What
 * belongs to a run that was launched always waits: a tool call that is refused would fail its agent.
 */
const MEMORY_GATE_MODES = ['wait', 'refuse', 'off'] as const;
/** One of `MEMORY_GATE_MODES`. */
export type MemoryGateMode = (typeof MEMORY_GATE_MODES)[number];

/** Bounds of the memory gate; all apply live. */
export interface MemoryGateOptions {
  readonly mode: MemoryGateMode;
  /** Memory is short below so much that is available, 0 to 1 TiB; 0 looks at the pressure alone. */
  readonly minAvailableBytes: number;
  /** Memory is short when programs waited for it so much of the time (Linux), 0.01 to 1; 1 looks at what is available alone. */
  readonly maxPressureRatio: number;
  /** It is enough again at so many times `minAvailableBytes`, 1.05 to 10, and half the pressure, … */
  readonly resumeRatio: number;
  /** … for so long, 0 to 600,000 ms. */
  readonly settleMs: number;
  /** How often it is looked at, 50 to 60,000 ms; a burst may start so long before it is seen. */
  readonly lookEveryMs: number;
  /** Work that each lane may run however short memory is, 1 to 1,000: only what goes on gives memory back. */
  readonly floorRunning: number;
}

/** What holds unless told. */
export const DEFAULT_MEMORY_GATE_OPTIONS: MemoryGateOptions = {
  mode: 'wait',
  minAvailableBytes: 512 * 2 ** 20,
  maxPressureRatio: 0.2,
  resumeRatio: 1.25,
  settleMs: 2_000,
  lookEveryMs: 500,
  floorRunning: 1,
};

const BOUNDS = {
  minAvailableBytes: [0, 2 ** 40],
  maxPressureRatio: [0.01, 1],
  resumeRatio: [1.05, 10],
  settleMs: [0, 600_000],
  lookEveryMs: [50, 60_000],
  floorRunning: [1, 1_000],
} as const satisfies Partial<Record<keyof MemoryGateOptions, readonly [number, number]>>;

/** The options themselves, when they hold. @throws {AppError} SETTING_INVALID */
export function checkMemoryGateOptions(options: MemoryGateOptions): MemoryGateOptions {
  if (!MEMORY_GATE_MODES.includes(options.mode)) {
    const message = `The memory gate's mode is ${options.mode}; it takes ${MEMORY_GATE_MODES.join(', ')}.`;
    throw new AppError('SETTING_INVALID', message);
  }
  for (const key of Object.keys(BOUNDS) as (keyof typeof BOUNDS)[]) {
    const [least, most] = BOUNDS[key];
    if (options[key] >= least && options[key] <= most) continue;
    const message = `${key} of the memory gate is ${options[key]}; it takes a number from ${least} to ${most}.`;
    throw new AppError('SETTING_INVALID', message);
  }
  if (!Number.isInteger(options.floorRunning)) {
    throw new AppError(
      'SETTING_INVALID',
      `floorRunning of the memory gate is ${options.floorRunning}; it takes a whole number.`,
    );
  }
  return options;
}
