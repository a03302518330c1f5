import type { Clock } from '../../runtime/time/clock.ts';
import type { History } from '../history/history.ts';
import type { RunJournal } from '../rpc/run-journal.ts';

/** What answers about a run are made from: the live ones and those that ended last in the journal, all others in history. */
export interface RunRooms {
  readonly journal: RunJournal;
  readonly history: Pick<History, 'reader' | 'flush'>;
  readonly clock: Clock;
  readonly dataDir: string;
}
