import type { AppError } from '../../shared/errors/app-error.ts';

/**
 * What a view knows of something it asked for. `stale` is the last known value while the host is out of reach or a newer one
 * failed to come.
 */
export type Loaded<Value> =
  | { readonly kind: 'loading' }
  | { readonly kind: 'failed'; readonly error: AppError; readonly retry: () => void }
  | { readonly kind: 'ready'; readonly value: Value }
  | { readonly kind: 'stale'; readonly value: Value; readonly sinceMs: number };

/** The value where there is one, fresh or stale. */
export function valueOf<Value>(loaded: Loaded<Value>): Value | undefined {
  return loaded.kind === 'ready' || loaded.kind === 'stale' ? loaded.value : undefined;
}
