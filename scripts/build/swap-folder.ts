import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * Fills a new folder beside `target` and puts it in its place only when `fill` has succeeded, so that nobody ever finds half
 * of it. When two do it at the same time, the later one stays.
 */
export async function replaceFolder(target: string, fill: (folder: string) => Promise<void>): Promise<void> {
  mkdirSync(dirname(target), { recursive: true });
  const draft = mkdtempSync(join(dirname(target), `.${basename(target)}-`));
  try {
    const fresh = join(draft, 'new');
    mkdirSync(fresh);
    await fill(fresh);
    for (let round = 0; ; round++) {
      moveAway(target, join(draft, `old-${round}`));
      try {
        renameSync(fresh, target);
        return;
      } catch (error) {
        // Another build put its own there in between.
        if (round === MAX_ROUNDS) throw error;
      }
    }
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

const MAX_ROUNDS = 5;

function moveAway(path: string, to: string): void {
  try {
    renameSync(path, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
