import { extname, resolve } from 'node:path';
import { systemClock } from '../../../runtime/time/clock.ts';
import { exportArchive } from '../../history/archive/export-archive.ts';
import { importArchive } from '../../history/archive/import-archive.ts';
import { exportCsv, exportJsonLines } from '../../history/archive/text-export.ts';
import { openHistoryReader } from '../../history/reader/open-reader.ts';
import { pruneRuns } from '../../history/store/prune-runs.ts';
import { catchUpWords } from '../../history/store/word-catch-up.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { CommandFrame } from '../frame.ts';
import { toSize } from '../text-table.ts';

/** An import indexes its words at once, for this long at most. */
const INDEX_MS = 10_000;

const DAY_MS = 86_400_000;

/** `history export RUN --out FILE`: the form follows the file's ending. */
export async function exportHistory(run: string, out: string, { dataDir, output }: CommandFrame): Promise<number> {
  const path = resolve(out);
  const { runId } = await exportAs(extname(path).toLowerCase(), { run, path, dataDir });
  output.line('export', { runId, path });
  output.text(`Run ${runId} is in ${path}.`);
  return 0;
}

async function exportAs(
  ending: string,
  { run, path, dataDir }: { readonly run: string; readonly path: string; readonly dataDir: string },
): Promise<{ readonly runId: string }> {
  if (ending === '.flotilla') return exportArchive(dataDir, run, path);
  if (ending !== '.jsonl' && ending !== '.csv')
    throw new AppError(
      'INPUT_INVALID',
      `"${path}" should end in .flotilla, .jsonl or .csv, which says how to write it.`,
    );
  await using reader = await openHistoryReader({ dataDir });
  return await (ending === '.csv' ? exportCsv : exportJsonLines)(reader, run, path);
}

/** `history import FILE`: a run that is already there stays as it is. */
export async function importHistory(file: string, { dataDir, output }: CommandFrame): Promise<number> {
  const { runId, isKnown } = await importArchive(dataDir, resolve(file));
  if (!isKnown) catchUpWords(dataDir, systemClock, INDEX_MS);
  output.line('import', { runId, imported: !isKnown });
  output.text(isKnown ? `Run ${runId} is already in this history; nothing was changed.` : `Run ${runId} was imported.`);
  return 0;
}

/** `history prune [--older-than-days N]`: deletes ended runs and gives their space back. */
export async function pruneHistory(olderThanDays: number, { dataDir, output }: CommandFrame): Promise<number> {
  const { runs, bytes } = pruneRuns(dataDir, systemClock.nowMs() - olderThanDays * DAY_MS);
  output.line('prune', { runs, bytes });
  output.text(`${runs} runs were deleted; ${toSize(bytes)} are free again.`);
  return 0;
}
