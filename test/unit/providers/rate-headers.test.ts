import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseLimits, parseRetryAfterMs } from '../../../runtime/providers/rate-headers.ts';

const NOW_MS = Date.UTC(2026, 10, 21, 10, 0, 0);

describe('the wait an answer asks for', () => {
  test.each([
    [{ 'retry-after': '0' }, 0],
    [{ 'retry-after': '12' }, 12_000],
    [{ 'retry-after': '1.5' }, 1_500],
    [{ 'retry-after': ['3', '4'] }, 3_000],
    [{ 'retry-after-ms': '250', 'retry-after': '1' }, 250],
    [{ 'retry-after': 'Sat, 21 Nov 2026 10:00:30 GMT' }, 30_000],
    [{ 'retry-after': 'Sat, 21 Nov 2026 09:59:00 GMT' }, 0],
    [{ 'retry-after': 'Sat, 21 Nov 2026 12:00:05 GMT', date: 'Sat, 21 Nov 2026 12:00:00 GMT' }, 5_000],
    [{ 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '6m0s' }, 360_000],
    [
      {
        'anthropic-ratelimit-requests-remaining': '0',
        'anthropic-ratelimit-requests-reset': '2026-11-21T10:00:41Z',
      },
      41_000,
    ],
    [{ 'x-ratelimit-remaining-requests': '5', 'x-ratelimit-reset-requests': '9s' }, undefined],
    [{ 'retry-after': 'soon' }, undefined],
    [{ 'retry-after': '-5' }, undefined],
    [{ 'retry-after': '9'.repeat(400) }, undefined],
    [{}, undefined],
  ])('%j is %s', (headers, expected) => {
    expect(parseRetryAfterMs(headers, NOW_MS)).toBe(expected);
  });

  test('is a finite number of milliseconds or nothing, whatever a server sends', () => {
    const headers = fc.dictionary(
      fc.constantFrom(
        'retry-after',
        'retry-after-ms',
        'date',
        'x-ratelimit-reset-requests',
        'x-ratelimit-remaining-requests',
      ),
      fc.oneof(fc.string(), fc.constantFrom('0', '1s', '6m0s', '59.2ms', 'Infinity', '1e999', 'NaN', '-1')),
    );
    fc.assert(
      fc.property(headers, (sent) => {
        const waitMs = parseRetryAfterMs(sent, NOW_MS) ?? 0;
        expect(Number.isFinite(waitMs) && waitMs >= 0).toBe(true);
      }),
    );
  });
});

test('limits are read from the headers of both providers, and absent ones stay absent', () => {
  expect(
    parseLimits(
      {
        'x-ratelimit-limit-requests': '10000',
        'x-ratelimit-remaining-requests': '9999',
        'x-ratelimit-reset-requests': '8.64s',
        'x-ratelimit-limit-tokens': '200000',
        'x-ratelimit-remaining-tokens': '199976',
        'x-ratelimit-reset-tokens': '7ms',
      },
      NOW_MS,
    ),
  ).toEqual({
    atMs: NOW_MS,
    requestsLimit: 10_000,
    requestsRemaining: 9_999,
    requestsResetAtMs: NOW_MS + 8_640,
    tokensLimit: 200_000,
    tokensRemaining: 199_976,
    tokensResetAtMs: NOW_MS + 7,
  });
  expect(parseLimits({ 'anthropic-ratelimit-tokens-remaining': '40000' }, NOW_MS)).toEqual({
    atMs: NOW_MS,
    tokensRemaining: 40_000,
  });
  expect(parseLimits({ 'content-type': 'text/event-stream' }, NOW_MS)).toBeUndefined();
});
