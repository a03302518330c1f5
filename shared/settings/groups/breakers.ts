import { count, milliseconds, ratio, toggle } from '../define-setting.ts';

/** Circuit breakers: one for each provider, and one for each tool of each run. */
export const breakerSettings = {
  'breaker.enabled': toggle({
    default: true,
    applies: 'live',
    summary: 'Holds calls of a provider or a tool back while too many of them fail; off lets every call through.',
  }),
  'breaker.windowMs': milliseconds({
    min: 100,
    max: 600_000,
    default: 5_000,
    applies: 'live',
    summary: 'Length of the window in which calls and failures are counted.',
  }),
  'breaker.failureRatio': ratio({
    min: 0.01,
    max: 1,
    default: 0.6,
    applies: 'live',
    summary: 'Part of the calls in the window that must fail before calls are held back.',
  }),
  'breaker.minCalls': count({
    min: 1,
    max: 100_000,
    default: 20,
    applies: 'live',
    summary: 'Calls in the window below which nothing is held back, however many fail.',
  }),
  'breaker.openMs': milliseconds({
    min: 10,
    max: 3_600_000,
    default: 5_000,
    applies: 'live',
    summary: 'Time calls are held back; then a few are let through to see whether they succeed.',
  }),
  'breaker.probes': count({
    min: 1,
    max: 1_000,
    default: 3,
    applies: 'live',
    summary: 'Calls that are let through after that; all must succeed before the rest may follow.',
  }),
} as const;
