import type { HandlersOf, InstanceParts } from './instance-parts.ts';
import { notYet } from './not-yet.ts';

/** Providers that come with the program, and their keys. */
export function providerHandlers(_parts: InstanceParts): HandlersOf<'providers'> {
  return { list: notYet, check: notYet, setKey: notYet, removeKey: notYet };
}
