import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  toBytes,
  toCounted,
  toDuration,
  toPercent,
  toTokens,
  toTokenWords,
  toUsd,
} from '../../../../renderer/ui/format.ts';

test('a share that is neither nothing nor everything is never shown as 0% or 100%', () => {
  expect([0, 1, 0.634].map(toPercent)).toEqual(['0%', '100%', '63%']);
  expect(toPercent(1 / 10_000)).toBe('<1%');
  expect(toPercent(9_999 / 10_000)).toBe('>99%');
  fc.assert(
    fc.property(fc.double({ min: 1e-9, max: 1 - 1e-9, noNaN: true }), (ratio) => {
      expect(['0%', '100%']).not.toContain(toPercent(ratio));
    }),
  );
});

test('what costs something is never $0.00', () => {
  expect([0, 0.84, 0.0042, 0.00001, 0.00999, 12.5].map(toUsd)).toEqual([
    '$0.00',
    '$0.84',
    '$0.0042',
    '<$0.0001',
    '$0.01',
    '$12.50',
  ]);
  fc.assert(
    fc.property(fc.double({ min: 1e-12, max: 1_000, noNaN: true }), (usd) => {
      expect(Number(toUsd(usd).replace(/[<$]/gu, ''))).toBeGreaterThan(0);
    }),
  );
});

test('times change their unit where rounding would fill it', () => {
  const shown = [0, 0.01, 0.2, 9.96, 999.4, 999.6, 1_240, 9_970, 59_990, 72_000, 3_725_000, 200 * 3_600_000].map(
    toDuration,
  );
  expect(shown).toEqual([
    '0 ms',
    '<0.1 ms',
    '0.2 ms',
    '10 ms',
    '999 ms',
    '1.0 s',
    '1.2 s',
    '10 s',
    '1 m 0 s',
    '1 m 12 s',
    '1 h 2 m',
    '8 d 8 h',
  ]);
});

test('sizes and tokens change their unit where rounding would fill it', () => {
  expect([0, 1_023, 1_024, 1_048_500, 2_040_109_466, 16 * 2 ** 30].map(toBytes)).toEqual([
    '0 B',
    '1,023 B',
    '1.0 KB',
    '1.0 MB',
    '1.9 GB',
    '16.0 GB',
  ]);
  expect([999, 20_180, 999_960, 1_210_000].map(toTokens)).toEqual(['999', '20.2 k', '1.00 M', '1.21 M']);
});

test('one is one: a noun has its plural for every other count', () => {
  expect([0, 1, 2, 6_318].map((count) => toCounted(count, 'tool call'))).toEqual([
    '0 tool calls',
    '1 tool call',
    '2 tool calls',
    '6,318 tool calls',
  ]);
  expect([1, 2].map((count) => toCounted(count, 'entry', 'entries'))).toEqual(['1 entry', '2 entries']);
  expect([0, 1, 20_180].map(toTokenWords)).toEqual(['0 tokens', '1 token', '20.2 k tokens']);
});
