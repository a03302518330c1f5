import { join } from 'node:path';
import { resourceUsage } from 'node:process';
import type { Clock } from '../../runtime/time/clock.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import type { RunId } from '../../shared/model/ids.ts';
import type { RunProgress, RunReport } from '../../shared/model/run-summary.ts';
import { isFinalRunState } from '../../shared/model/states.ts';
import type { History } from '../history/history.ts';
import { keepReport } from '../runs/kept-reports.ts';

/** Where the tools of a run write the ids of the calls they run. */
export function ledgerPathOf(dataDir: string, runId: RunId): string {
  return join(dataDir, 'runs', runId, 'calls.log');
}

/** What the report of a run is made from. */
export interface RunReportParts {
  readonly history: History;
  readonly dataDir: string;
  readonly clock: Clock;
}

/** A run that ends while nothing can be written waits this long for that to change, instead of for ever. */
const WRITE_WAIT_MS = 5_000;

/**
 * What only the end of a run can say: its figures as history has them, and what history and the tools' own ledger say about
 * the same calls. Everything emitted is durable first; the report of an end is kept beside the run.
 *
 * @throws {AppError} DISK_FULL or another trouble of history's when nothing can be written for a while.
 */
export async function createRunReport(
  progress: RunProgress,
  { history, dataDir, clock }: RunReportParts,
): Promise<RunReport> {
  await flushWhilePossible(history, clock);
  const { runId } = progress;
  const [figures, ledger] = await Promise.all([
    history.reader.report(runId),
    history.reader.checkLedger(runId, ledgerPathOf(dataDir, runId)),
  ]);
  const { ms, latencyMs, toolCalls, cached } = figures;
  // Node gives kilobytes; the whole process, since memory cannot be told apart by run.
  const peakRssBytes = resourceUsage().maxRSS * 1_024;
  const report = { ...progress, toolCalls, ms, latencyMs, cached, ...ledger, peakRssBytes };
  if (isFinalRunState(progress.state)) await keepReport(dataDir, report);
  return report;
}

/**
 * Resolves when everything emitted is durable.
 *
 * @throws {AppError} DISK_FULL or another trouble of history's when nothing can be written for a while.
 */
export async function flushWhilePossible(history: History, clock: Clock): Promise<void> {
  const flushed = history.flush();
  const waiting = new AbortController();
  const gaveUp = (async () => {
    do await clock.sleep(WRITE_WAIT_MS, waiting.signal);
    while (history.stats().trouble === undefined);
    const trouble = history.stats().trouble!;
    throw new AppError(trouble.code, `The end of the run could not be recorded: ${trouble.message}`);
  })();
  try {
    await Promise.race([flushed, gaveUp]);
  } finally {
    waiting.abort();
    gaveUp.catch(() => undefined);
    flushed.catch(() => undefined);
  }
}
