import { resourceUsage } from 'node:process';
import { join } from 'node:path';
import type { RunId } from '../../shared/model/ids.ts';
import type { RunProgress, RunReport } from '../../shared/model/run-summary.ts';
import type { History } from '../history/history.ts';

/** Where the tools of a run write the ids of the calls they run. */
export function ledgerPathOf(dataDir: string, runId: RunId): string {
  return join(dataDir, 'runs', runId, 'calls.log');
}

/**
 * What only the end of a run can say: its figures as history has them, and what history and the tools' own ledger say about
 * the same calls. Everything emitted is durable first.
 */
export async function createRunReport(progress: RunProgress, history: History, dataDir: string): Promise<RunReport> {
  await history.flush();
  const { runId } = progress;
  const [figures, ledger] = await Promise.all([
    history.reader.report(runId),
    history.reader.checkLedger(runId, ledgerPathOf(dataDir, runId)),
  ]);
  const { ms, latencyMs, toolCalls } = figures;
  // Node gives kilobytes; the whole process, since memory cannot be told apart by run.
  return { ...progress, toolCalls, ms, latencyMs, ...ledger, peakRssBytes: resourceUsage().maxRSS * 1_024 };
}
