import picomatch from 'picomatch';
import type { ItemsContext, ItemsResult } from './items.ts';
import { walkWorkspace } from './workspace-walk.ts';

/** Files and folders looked at for one glob; a walk that meets more is refused. */
const MAX_ENTRIES = 500_000;

/** One item per file that matches, in the order of their paths: `{{file}}`, relative to the workspace, with `/`. */
export async function loadFileItems(glob: string, context: ItemsContext): Promise<ItemsResult> {
  const { workspace, limit } = context;
  if (workspace === undefined) return { problems: [] };
  if (/^(?:\/|[A-Za-z]:|\\\\)/.test(glob) || glob.split(/[/\\]/).includes('..')) {
    return {
      problems: [
        { message: 'the glob leads out of the workspace', hint: 'write it relative to `workspace`, without `..`' },
      ],
    };
  }
  const matches = picomatch(glob.replace(/^\.\//, ''));
  const found: string[] = [];
  let entries = 0;
  for await (const path of walkWorkspace(workspace)) {
    entries += 1;
    if (entries > MAX_ENTRIES) {
      const message = `the workspace has more than ${MAX_ENTRIES} files`;
      return { problems: [{ message, hint: 'name a smaller `workspace`, or list large folders in .gitignore' }] };
    }
    if (matches(path)) found.push(path);
  }
  if (found.length === 0) {
    return {
      problems: [
        {
          message: `no file in ${workspace} matches this glob`,
          hint: 'what git ignores is left out; `**/` reaches into folders',
        },
      ],
    };
  }
  if (found.length > limit && context.isLimitHard) {
    const message = `${found.length} files match, and a fleet has at most ${limit} agents`;
    return { problems: [{ message, hint: 'add `limit`, or narrow the glob' }] };
  }
  const sorted = found.toSorted((a, b) => (a < b ? -1 : 1)).slice(0, limit);
  return { items: { columns: ['file'], rows: sorted.map((path) => [path]) }, problems: [] };
}
