import { access } from 'node:fs/promises';
import type { KnownReport } from '../../shared/contract/run-schemas.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import type { RunId } from '../../shared/model/ids.ts';
import { tookMs } from '../../shared/model/run-times.ts';
import { isFinalRunState } from '../../shared/model/states.ts';
import { ledgerPathOf } from '../boot/run-report.ts';
import type { RunRecord } from '../history/history-records.ts';
import { openReaderThread } from '../history/reader/open-reader.ts';
import { findKeptReport, keepReport } from './kept-reports.ts';
import { toProgress } from './recorded-progress.ts';
import type { RunRooms } from './run-rooms.ts';

/** Reports held, those asked for last. */
const MAX_HELD = 32;

/** The reports of runs that ended before the journal began, or that it has forgotten. */
export interface RecordedReports {
  /** Of a run that has ended, when nothing has to be counted for it: it was kept at the end, or has been asked for before. */
  find(record: RunRecord): Promise<KnownReport | undefined>;
  /** Of a run that has ended; a later end of the same run is another report. Seconds for a run of a million calls. */
  read(record: RunRecord): Promise<KnownReport>;
}

/**
 * Takes the report that was kept at the end, or puts it together from history and the tools' own file and keeps it: once for
 * an end, one run at a time, and in a thread of its own, so that no other question to history waits for it.
 */
export function createRecordedReports({ dataDir }: Pick<RunRooms, 'dataDir'>): RecordedReports {
  const held = new Map<string, Promise<KnownReport>>();
  let last: Promise<unknown> = Promise.resolve();
  const hold = (key: string, report: Promise<KnownReport>): Promise<KnownReport> => {
    held.delete(key);
    held.set(key, report);
    report.catch(() => held.delete(key));
    const [oldest] = held.keys();
    if (held.size > MAX_HELD && oldest !== undefined) held.delete(oldest);
    return report;
  };
  return {
    find: (record) => findReport(dataDir, record),
    read(record) {
      const key = `${record.runId}@${record.endedAtMs}`;
      const known = held.get(key);
      if (known) return hold(key, known);
      const report = last.then(async () => (await findReport(dataDir, record)) ?? putTogether(dataDir, record));
      last = report.catch(() => undefined);
      return hold(key, report);
    },
  };
}

/**
 * The report of a run that has ended and that the journal does not know.
 *
 * @throws {AppError} RUN_NOT_FOUND, also for a run that has not ended.
 */
export async function readRecordedReport(
  { history: { reader } }: RunRooms,
  reports: RecordedReports,
  runId: RunId,
): Promise<KnownReport> {
  const record = await reader.getRun(runId);
  if (isFinalRunState(record.state)) return await reports.read(record);
  throw new AppError('RUN_NOT_FOUND', `Run ${runId} is ${record.state}; it has a report when it has ended.`);
}

async function findReport(dataDir: string, record: RunRecord): Promise<KnownReport | undefined> {
  const kept = await findKeptReport(dataDir, record);
  return kept && { ...kept, ...toProgress(record), ms: tookMs(record, record.endedAtMs ?? 0) };
}

async function putTogether(dataDir: string, record: RunRecord): Promise<KnownReport> {
  const { runId } = record;
  await using reader = openReaderThread(dataDir);
  const ledgerPath = ledgerPathOf(dataDir, runId);
  const [{ ms, latencyMs, cached }, ledger] = await Promise.all([
    reader.report(runId),
    (await isThere(ledgerPath)) ? reader.checkLedger(runId, ledgerPath) : undefined,
  ]);
  const report = { ...toProgress(record), ms, latencyMs, cached, ...ledger };
  await keepReport(dataDir, report);
  return report;
}

/** A run that was imported has no file of its tools here; comparing it with nothing would call all its calls lost. */
async function isThere(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
