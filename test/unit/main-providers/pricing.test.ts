import { describe, expect, test } from 'vitest';
import { PRICE_TABLES } from '../../../main/providers/price-table.ts';
import { createPriceOf, findPrice, toCostUsd } from '../../../main/providers/pricing.ts';

const MILLION = { inputTokens: 1_000_000, outputTokens: 1_000_000 };

describe('a price', () => {
  test.each([
    ['openai', 'gpt-5', 'gpt-5'],
    ['openai', 'gpt-5-2025-08-07', 'gpt-5'],
    ['openai', 'gpt-5-mini-2025-08-07', 'gpt-5-mini'],
    ['openai', 'gpt-4o-2024-05-13', 'gpt-4o-2024-05-13'],
    ['openai', 'gpt-4o-2024-11-20', 'gpt-4o'],
    ['anthropic', 'claude-opus-4-5-20251101', 'claude-opus-4-5'],
    ['anthropic', 'claude-opus-4-20250514', 'claude-opus-4'],
    ['anthropic', 'claude-3-5-haiku-latest', 'claude-3-5-haiku'],
  ] as const)('of %s %s is that of %s', (provider, model, listed) => {
    expect(findPrice(provider, model)).toBe(PRICE_TABLES[provider].models[listed]);
  });

  test.each([
    ['openai', 'gpt-5-pro'],
    ['openai', 'gpt-5.9'],
    ['openai', 'gpt-4o-audio-preview'],
    ['anthropic', 'claude-opus-4-9'],
    ['anthropic', 'gpt-5'],
    ['elsewhere', 'gpt-5'],
    ['openai', 'toString'],
  ])('of %s %s is not known, rather than guessed or 0', (provider, model) => {
    expect(findPrice(provider, model)).toBeUndefined();
    expect(createPriceOf()(provider, model, MILLION)).toBeUndefined();
  });

  test('is complete, positive and dated for every model in the tables', () => {
    for (const table of Object.values(PRICE_TABLES)) {
      expect(table.asOf).toMatch(/^\d{4}-\d{2}-\d{2}$/);
      for (const price of Object.values(table.models)) {
        expect(price.input).toBeGreaterThan(0);
        expect(price.output).toBeGreaterThan(price.input);
        expect(price.cachedInput ?? 0).toBeLessThan(price.input);
      }
    }
  });
});

describe('a cost', () => {
  const price = { input: 10, output: 50, cachedInput: 1, cacheWrite: 12.5 };

  test('counts cached and written tokens at their own price', () => {
    const usage = { inputTokens: 1_000, outputTokens: 100, cachedInputTokens: 600, cacheWriteInputTokens: 300 };
    expect(toCostUsd(price, usage)).toBeCloseTo((100 * 10 + 600 * 1 + 300 * 12.5 + 100 * 50) / 1e6, 12);
  });

  test('takes the input price for cached tokens where no other is listed', () => {
    expect(toCostUsd({ input: 1, output: 2 }, { inputTokens: 10, outputTokens: 0, cachedInputTokens: 10 })).toBe(10e-6);
  });

  test('is that of a long request above its bound, and not at it', () => {
    const long = { ...price, long: { overInputTokens: 100, input: 20, output: 100 } };
    expect(toCostUsd(long, { inputTokens: 100, outputTokens: 0 })).toBeCloseTo(100 * 10e-6, 12);
    expect(toCostUsd(long, { inputTokens: 101, outputTokens: 0 })).toBeCloseTo(101 * 20e-6, 12);
  });

  test('is not known when the provider did not count', () => {
    expect(toCostUsd(price, { inputTokens: 5 })).toBeUndefined();
    expect(toCostUsd(price, { outputTokens: 5 })).toBeUndefined();
    expect(toCostUsd(price, {})).toBeUndefined();
  });
});

test("a fleet's own price comes first, and what runs here costs nothing", () => {
  const own = {
    protocol: 'openai',
    baseUrl: 'http://gpu.example/v1',
    http: 'auto',
    price: { inputPerMillion: 2, outputPerMillion: 4 },
  } as const;
  const priceOf = createPriceOf((name) => (name === 'mine' ? own : undefined));
  expect(priceOf('mine', 'anything', MILLION)).toBe(6);
  expect(priceOf('ollama', 'qwen3:8b', MILLION)).toBe(0);
  expect(priceOf('sim', 'sim/default', MILLION)).toBe(0);
  expect(priceOf('anthropic', 'claude-opus-4-5-20251101', MILLION)).toBe(30);
});
