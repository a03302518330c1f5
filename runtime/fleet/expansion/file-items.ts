import picomatch from 'picomatch';
import { systemClock } from '../../time/clock.ts';
import { createSlices } from '../../time/slices.ts';
import { walkFiles } from '../../workspace/file-walk.ts';
import type { ItemsProblem, ItemsContext, ItemsResult } from './items.ts';

/** Files looked at for one glob; a walk that meets more is refused. */
const MAX_FILES = 500_000;

/** One item per file that matches, in the order of their paths: `{{file}}`, relative to the workspace, with `/`. */
export async function loadFileItems(glob: string, context: ItemsContext): Promise<ItemsResult> {
  const { workspace, limit } = context;
  if (workspace === undefined) return { problems: [] };
  if (/^(?:\/|[A-Za-z]:|\\\\)/.test(glob) || glob.split(/[/\\]/).includes('..')) {
    const message = 'the glob leads out of the workspace';
    return { problems: [{ message, hint: 'write it relative to `workspace`, without `..`' }] };
  }
  const found = await findFiles(workspace, glob);
  if (!Array.isArray(found)) return { problems: [found] };
  if (found.length === 0) {
    const message = `no file in ${workspace} matches this glob`;
    return { problems: [{ message, hint: 'what git ignores is left out; `**/` reaches into folders' }] };
  }
  if (found.length > limit && context.isLimitHard) {
    const message = `${found.length} files match, and a fleet has at most ${limit} agents`;
    return { problems: [{ message, hint: 'add `limit`, or narrow the glob' }] };
  }
  return { items: { columns: ['file'], rows: found.slice(0, limit).map((path) => [path]) }, problems: [] };
}

async function findFiles(workspace: string, glob: string): Promise<string[] | ItemsProblem> {
  const matches = picomatch(glob.replace(/^\.\//, ''));
  const found: string[] = [];
  let fileCount = 0;
  // The walk itself never waits; other runs of this process go on beside it.
  const slices = createSlices(() => systemClock.monoMs());
  try {
    for (const { shown } of walkFiles(workspace, workspace)) {
      const turn = slices.pass();
      if (turn) await turn;
      fileCount += 1;
      if (fileCount > MAX_FILES) {
        const message = `the workspace has more than ${MAX_FILES} files`;
        return { message, hint: 'name a smaller `workspace`, or list large folders in .gitignore' };
      }
      if (matches(shown)) found.push(shown);
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { message: `the workspace ${workspace} cannot be read (${reason})`, hint: 'make it readable for you' };
  }
  return found;
}
