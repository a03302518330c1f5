import { access } from 'node:fs/promises';
import type { KnownReport } from '../../shared/contract/run-schemas.ts';
import { ledgerPathOf } from '../boot/run-report.ts';
import type { RunRecord } from '../history/history-records.ts';
import { findKeptReport } from './kept-reports.ts';
import { toProgress } from './recorded-progress.ts';
import type { RunRooms } from './run-rooms.ts';

/** Reports held, those asked for last: putting one together may read every call of its run. */
const MAX_HELD = 32;

/** The reports of runs that ended before the journal began, or that it has forgotten. */
export interface RecordedReports {
  /** Of a run that has ended; a later end of the same run is another report. */
  read(record: RunRecord): Promise<KnownReport>;
}

/** Takes the report that was kept at the end, or puts it together from history and the tools' own file, once while it is held. */
export function createRecordedReports(rooms: Pick<RunRooms, 'history' | 'dataDir'>): RecordedReports {
  const held = new Map<string, Promise<KnownReport>>();
  return {
    read(record) {
      const key = `${record.runId}@${record.endedAtMs}`;
      const report = held.get(key) ?? putTogether(rooms, record);
      held.delete(key);
      held.set(key, report);
      report.catch(() => held.delete(key));
      const [oldest] = held.keys();
      if (held.size > MAX_HELD && oldest !== undefined) held.delete(oldest);
      return report;
    },
  };
}

async function putTogether(
  { history: { reader }, dataDir }: Pick<RunRooms, 'history' | 'dataDir'>,
  record: RunRecord,
): Promise<KnownReport> {
  const { runId } = record;
  const kept = await findKeptReport(dataDir, record);
  if (kept) return { ...kept, ...toProgress(record), ms: Math.max(0, (record.endedAtMs ?? 0) - record.startedAtMs) };
  const ledgerPath = ledgerPathOf(dataDir, runId);
  const [{ ms, latencyMs }, ledger] = await Promise.all([
    reader.report(runId),
    (await isThere(ledgerPath)) ? reader.checkLedger(runId, ledgerPath) : undefined,
  ]);
  return { ...toProgress(record), ms, latencyMs, ...ledger };
}

/** A run that was imported has no file of its tools here; comparing it with nothing would call all its calls lost. */
async function isThere(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
