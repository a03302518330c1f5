/** The caches of the program, as settings, screens and JSON lines name them. */
export const CACHE_NAMES = ['toolSchemas', 'toolResults', 'modelAnswers', 'sessionContexts'] as const;
/** One of `CACHE_NAMES`. */
export type CacheName = (typeof CACHE_NAMES)[number];

/** How a cache chooses what goes when room is needed; the first is good on every kind of use that was measured. */
export const CACHE_POLICIES = ['adaptive', 'lru', 'segmented-lru', 'lru-k', 'sieve', 's3-fifo', 'w-tinylfu'] as const;
/** One of `CACHE_POLICIES`. */
export type CachePolicy = (typeof CACHE_POLICIES)[number];
