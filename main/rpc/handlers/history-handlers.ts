import type { HandlersOf, InstanceParts } from './instance-parts.ts';
import { notYet } from './not-yet.ts';

/** Everything recorded. */
export function historyHandlers(_parts: InstanceParts): HandlersOf<'history'> {
  return { runs: notYet, search: notYet, size: notYet };
}
