import { createBufferPool } from './buffer-pool.ts';

/** Enough for the chunks of 32 files that are read at once. */
const FIRST_IDLE_BYTES = 8 * 1_024 * 1_024;

/**
 * The buffer pool of the thread this code runs in: each thread loads its own copy of this module. It keeps 8 MiB until
 * `configure` says otherwise.
 */
export const threadBuffers = createBufferPool({ maxIdleBytes: FIRST_IDLE_BYTES });
