import { buildRenderer } from '../../../scripts/build/build-renderer.ts';

/** Vitest's global set-up of the tests in a browser: the screens are built once, when their sources have changed. */
export async function setup(): Promise<void> {
  await buildRenderer();
}
