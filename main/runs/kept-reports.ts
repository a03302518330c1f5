import { join } from 'node:path';
import { knownReport, type KnownReport } from '../../shared/contract/run-schemas.ts';
import type { RunId } from '../../shared/model/ids.ts';
import { loadJsonFile, saveJsonFile } from '../files/json-file.ts';

/**
 * Keeps the report of a run that has ended, beside the file of its tools: its peak memory stands nowhere else, and putting
 * the rest together again reads every call. A run whose folder is missing, or a full disk, only makes that necessary.
 */
export async function keepReport(dataDir: string, report: KnownReport): Promise<void> {
  await saveJsonFile(pathOf(dataDir, report.runId), report).catch(() => undefined);
}

/** The kept report of that end of the run; one of an earlier end, before it was resumed, is not it. */
export async function findKeptReport(
  dataDir: string,
  { runId, endedAtMs }: { readonly runId: RunId; readonly endedAtMs?: number },
): Promise<KnownReport | undefined> {
  const kept = await loadJsonFile(pathOf(dataDir, runId), knownReport);
  return kept?.runId === runId && kept.endedAtMs === endedAtMs ? kept : undefined;
}

function pathOf(dataDir: string, runId: RunId): string {
  return join(dataDir, 'runs', runId, 'report.json');
}
