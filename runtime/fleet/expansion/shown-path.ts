import { isAbsolute, join } from 'node:path';

/** A path relative to the fleet file as the user of the fleet file would write it from where they are. */
export function toShownPath(name: string, context: { readonly shownFolder: string }): string {
  return isAbsolute(name) ? name : join(context.shownFolder, name);
}
