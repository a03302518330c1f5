import { vi } from 'vitest';

/** Long enough for a machine that does much else: it is only waited for when something is wrong. */
const PATIENCE_MS = 20_000;

/** Resolves when `check` no longer throws. */
export async function until(check: () => unknown): Promise<void> {
  await vi.waitFor(check, { timeout: PATIENCE_MS, interval: 5 });
}
