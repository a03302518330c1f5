import { count, milliseconds, toggle } from '../define-setting.ts';

/** Connections to model providers, and how failures are met. */
export const providerSettings = {
  'provider.maxConnections': count({
    min: 1,
    max: 1_024,
    default: 8,
    applies: 'rolling',
    summary: 'Connections to one provider; over HTTP/2 each carries many streams.',
  }),
  'provider.maxConcurrentStreams': count({
    min: 1,
    max: 20_000,
    default: 256,
    applies: 'live',
    summary: 'Requests open at one provider at the same time; a stream holds its place until it ends.',
  }),
  'provider.adaptive': toggle({
    default: false,
    applies: 'live',
    summary:
      'Finds by itself how many requests may be open at a provider, from how long answers take and how many fail.',
  }),
  'provider.minConcurrentStreams': count({
    min: 1,
    max: 20_000,
    default: 8,
    applies: 'live',
    summary: 'Least that provider.adaptive goes down to; provider.maxConcurrentStreams is the most it goes up to.',
  }),
  'provider.queueCapacity': count({
    min: 0,
    max: 1_000_000,
    default: 20_000,
    applies: 'live',
    summary: 'Requests that may wait for a place at one provider; the next is refused with LANE_SATURATED.',
  }),
  'provider.connectTimeoutMs': milliseconds({
    min: 100,
    max: 120_000,
    default: 10_000,
    applies: 'rolling',
    summary: 'Time to connect; then the attempt fails with PROVIDER_UNREACHABLE.',
  }),
  'provider.requestTimeoutMs': milliseconds({
    min: 1_000,
    max: 7_200_000,
    default: 600_000,
    applies: 'live',
    summary: 'Time for one whole answer, from asking to its last token.',
  }),
  'provider.stallMs': milliseconds({
    min: 100,
    max: 3_600_000,
    default: 60_000,
    applies: 'live',
    summary: 'Silence within a stream after which it counts as stalled (PROVIDER_STALLED).',
  }),
  'provider.maxAttempts': count({
    min: 1,
    max: 100,
    default: 5,
    applies: 'live',
    summary: 'Times one turn is asked before its agent fails.',
  }),
  'provider.retryBaseMs': milliseconds({
    min: 1,
    max: 60_000,
    default: 250,
    applies: 'live',
    summary: 'Ceiling of the random wait before the first retry; it doubles with each.',
  }),
  'provider.retryMaxMs': milliseconds({
    min: 1,
    max: 3_600_000,
    default: 30_000,
    applies: 'live',
    summary: 'Ceiling of the random wait before any retry.',
  }),
} as const;
