/** US dollars per million tokens. */
export interface ModelPrice {
  readonly input: number;
  readonly output: number;
  /** For input tokens read from the provider's prompt cache; the price of `input` when absent. */
  readonly cachedInput?: number;
  /** For input tokens written to the provider's prompt cache; the price of `input` when absent. */
  readonly cacheWrite?: number;
  /** Instead of all the above for a request with more input tokens than `overInputTokens`. */
  readonly long?: { readonly overInputTokens: number } & Omit<ModelPrice, 'long'>;
}

/** List prices of one provider, as it published them. */
export interface PriceTable {
  /** The day they were looked up. */
  readonly asOf: string;
  readonly source: string;
  /** By model id without the date of its snapshot. */
  readonly models: Readonly<Record<string, ModelPrice>>;
}

const OPUS_5: ModelPrice = { input: 5, output: 25, cachedInput: 0.5, cacheWrite: 6.25 };
const OPUS_4: ModelPrice = { input: 15, output: 75, cachedInput: 1.5, cacheWrite: 18.75 };
const SONNET_4: ModelPrice = { input: 3, output: 15, cachedInput: 0.3, cacheWrite: 3.75 };

/** List prices for direct use over the public interface, without batch, priority or regional surcharges. */
export const PRICE_TABLES: Readonly<Record<'anthropic' | 'openai', PriceTable>> = {
  anthropic: {
    asOf: '2026-11-21',
    source: 'platform.claude.com/docs/en/about-claude/pricing (cache writes: the 5-minute price)',
    models: {
      'claude-fable-5-1': { input: 10, output: 50, cachedInput: 0.25, cacheWrite: 12.5 },
      'claude-fable-5': { input: 10, output: 50, cachedInput: 1, cacheWrite: 12.5 },
      'claude-opus-5-5': { input: 4, output: 20, cachedInput: 0.2, cacheWrite: 5 },
      'claude-opus-5': OPUS_5,
      'claude-opus-4-8': OPUS_5,
      'claude-opus-4-7': OPUS_5,
      'claude-opus-4-6': OPUS_5,
      'claude-opus-4-5': OPUS_5,
      'claude-opus-4-1': OPUS_4,
      'claude-opus-4-0': OPUS_4,
      'claude-opus-4': OPUS_4,
      'claude-sonnet-5-5': { input: 2, output: 10, cachedInput: 0.1, cacheWrite: 2.5 },
      'claude-sonnet-5': { input: 2, output: 10, cachedInput: 0.2, cacheWrite: 2.5 },
      'claude-sonnet-4-6': SONNET_4,
      'claude-sonnet-4-5': SONNET_4,
      'claude-sonnet-4-0': SONNET_4,
      'claude-sonnet-4': SONNET_4,
      'claude-haiku-5-5': {
        input: 0.1,
        output: 0.5,
        cachedInput: 0.01,
        cacheWrite: 0.125,
        long: { overInputTokens: 100_000, input: 0.5, output: 2.5, cachedInput: 0.05, cacheWrite: 0.625 },
      },
      'claude-haiku-4-5': { input: 1, output: 5, cachedInput: 0.1, cacheWrite: 1.25 },
      'claude-3-5-haiku': { input: 0.8, output: 4, cachedInput: 0.08, cacheWrite: 1 },
    },
  },
  openai: {
    asOf: '2026-11-21',
    source: 'developers.openai.com/api/docs/pricing (standard tier)',
    models: {
      'gpt-5.5': {
        input: 5,
        output: 30,
        cachedInput: 0.5,
        long: { overInputTokens: 272_000, input: 10, output: 45, cachedInput: 1 },
      },
      'gpt-5.4': {
        input: 2.5,
        output: 15,
        cachedInput: 0.25,
        long: { overInputTokens: 272_000, input: 5, output: 22.5, cachedInput: 0.5 },
      },
      'gpt-5.4-mini': { input: 0.75, output: 4.5, cachedInput: 0.075 },
      'gpt-5.4-nano': { input: 0.2, output: 1.25, cachedInput: 0.02 },
      'gpt-5.3-codex': { input: 1.75, output: 14, cachedInput: 0.175 },
      'gpt-5.2': { input: 1.75, output: 14, cachedInput: 0.175 },
      'gpt-5.2-codex': { input: 1.75, output: 14, cachedInput: 0.175 },
      'gpt-5.1': { input: 1.25, output: 10, cachedInput: 0.125 },
      'gpt-5': { input: 1.25, output: 10, cachedInput: 0.125 },
      'gpt-5-mini': { input: 0.25, output: 2, cachedInput: 0.025 },
      'gpt-5-nano': { input: 0.05, output: 0.4, cachedInput: 0.005 },
      'gpt-4.1': { input: 2, output: 8, cachedInput: 0.5 },
      'gpt-4.1-mini': { input: 0.4, output: 1.6, cachedInput: 0.1 },
      'gpt-4.1-nano': { input: 0.1, output: 0.4, cachedInput: 0.025 },
      'gpt-4o': { input: 2.5, output: 10, cachedInput: 1.25 },
      'gpt-4o-2024-05-13': { input: 5, output: 15 },
      'gpt-4o-mini': { input: 0.15, output: 0.6, cachedInput: 0.075 },
      o3: { input: 2, output: 8, cachedInput: 0.5 },
      'o4-mini': { input: 1.1, output: 4.4, cachedInput: 0.275 },
    },
  },
};
