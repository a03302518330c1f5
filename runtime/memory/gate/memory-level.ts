import type { MemoryGateOptions } from './memory-options.ts';
import type { MemoryReading } from './memory-reading.ts';

/**
 * How much memory there is, as far as starts are concerned: enough (`open`), getting little or just come back, so that only a
 * few may start between two looks (`careful`), too little (`short`), or nobody knows (`unknown`: nothing is held back).
 */
export type MemoryLevel = 'open' | 'careful' | 'short' | 'unknown';

/** What the gate knows between two looks. */
export interface LevelState {
  readonly level: MemoryLevel;
  /** Since when it is clear of the limits, monotonic; `undefined` while it is not. Only while memory is short. */
  readonly clearSinceMs: number | undefined;
  /** Starts that each lane may make until the next look, while careful. */
  readonly extraStarts: number;
}

/** Nothing was looked at yet. */
export const FIRST_LEVEL: LevelState = { level: 'unknown', clearSinceMs: undefined, extraStarts: 0 };

/** Below so many times the limit starts are made carefully: what has just been started does not show in its memory yet. */
const CAREFUL_BELOW = 2;
/** Left again above so many times the limit, so that it does not flap. */
const OPEN_ABOVE = 2.2;
/** Starts a lane may make between the first two looks after memory came back, and after it got little. */
const FIRST_STARTS = 1;
const FIRST_STARTS_FROM_OPEN = 8;
/** Most starts a lane makes between two looks while memory is little. */
const MOST_STARTS = 64;
/** The pressure has gone when it is below this part of its limit. */
const CLEAR_PRESSURE = 0.5;

/**
 * The level after a look.
 *
 * With hysteresis: what is short must have been clear of both limits, by a margin, for `settleMs`. With a slow start: then
 * one more may start in each lane, two at the next look, four and so on, so that what waited does not come back all at once
 * and take the memory again before that can be seen.
 */
export function toNextLevel(
  state: LevelState,
  reading: MemoryReading,
  options: MemoryGateOptions,
  nowMs: number,
): LevelState {
  const { availableBytes, pressureRatio } = reading;
  if (availableBytes === undefined && pressureRatio === undefined) return FIRST_LEVEL;
  if (isShort(reading, options)) return { level: 'short', clearSinceMs: undefined, extraStarts: 0 };
  if (state.level === 'short') {
    if (!isClear(reading, options)) return { ...state, clearSinceMs: undefined };
    const clearSinceMs = state.clearSinceMs ?? nowMs;
    if (nowMs - clearSinceMs < options.settleMs) return { ...state, clearSinceMs };
    return { level: 'careful', clearSinceMs: undefined, extraStarts: FIRST_STARTS };
  }
  const headroom = availableBytes === undefined ? Infinity : availableBytes / Math.max(1, options.minAvailableBytes);
  if (state.level !== 'careful') {
    if (headroom >= CAREFUL_BELOW) return { level: 'open', clearSinceMs: undefined, extraStarts: 0 };
    return { level: 'careful', clearSinceMs: undefined, extraStarts: FIRST_STARTS_FROM_OPEN };
  }
  if (headroom >= OPEN_ABOVE && state.extraStarts >= MOST_STARTS) {
    return { level: 'open', clearSinceMs: undefined, extraStarts: 0 };
  }
  return { ...state, extraStarts: Math.min(MOST_STARTS, state.extraStarts * 2) };
}

function isShort({ availableBytes, pressureRatio }: MemoryReading, options: MemoryGateOptions): boolean {
  const { minAvailableBytes, maxPressureRatio } = options;
  if (availableBytes !== undefined && availableBytes < minAvailableBytes) return true;
  return pressureRatio !== undefined && maxPressureRatio < 1 && pressureRatio >= maxPressureRatio;
}

function isClear({ availableBytes, pressureRatio }: MemoryReading, options: MemoryGateOptions): boolean {
  const { minAvailableBytes, resumeRatio, maxPressureRatio } = options;
  if (availableBytes !== undefined && availableBytes < minAvailableBytes * resumeRatio) return false;
  return pressureRatio === undefined || maxPressureRatio >= 1 || pressureRatio < maxPressureRatio * CLEAR_PRESSURE;
}
