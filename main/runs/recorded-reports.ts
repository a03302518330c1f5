import { access } from 'node:fs/promises';
import type { RunView } from '../../shared/contract/run-schemas.ts';
import { ledgerPathOf } from '../boot/run-report.ts';
import type { RunRecord } from '../history/history-records.ts';
import type { RunRooms } from './run-rooms.ts';
import { toProgress } from './run-view.ts';

/** Reports kept, those asked for last: putting one together reads every call of its run. */
const MAX_KEPT = 32;

type KnownReport = NonNullable<RunView['report']>;

/** The reports of runs that ended before the journal began, or that it has forgotten. */
export interface RecordedReports {
  /** Of a run that has ended; a later end of the same run is another report. */
  read(record: RunRecord): Promise<KnownReport>;
}

/** Puts reports together from history and the tools' own file, each once while it is among the last that were asked for. */
export function createRecordedReports(rooms: Pick<RunRooms, 'history' | 'dataDir'>): RecordedReports {
  const kept = new Map<string, Promise<KnownReport>>();
  return {
    read(record) {
      const key = `${record.runId}@${record.endedAtMs}`;
      const report = kept.get(key) ?? putTogether(rooms, record);
      kept.delete(key);
      kept.set(key, report);
      report.catch(() => kept.delete(key));
      const [oldest] = kept.keys();
      if (kept.size > MAX_KEPT && oldest !== undefined) kept.delete(oldest);
      return report;
    },
  };
}

async function putTogether(
  { history: { reader }, dataDir }: Pick<RunRooms, 'history' | 'dataDir'>,
  record: RunRecord,
): Promise<KnownReport> {
  const { runId } = record;
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
