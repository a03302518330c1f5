import { readLinuxTable } from './linux-table.ts';
import { readPsTable } from './ps-table.ts';
import { readWindowsTable } from './windows-table.ts';

/** One process of the machine. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parentPid: number;
  /** 0 where there are none (Windows). */
  readonly groupId: number;
  readonly sessionId: number;
  /** With the pid it names a process for good: a pid alone may have been given to another. Compared, never computed with. */
  readonly startedAt: string;
  readonly rssBytes: number;
  /** Ended, but not yet collected by its parent. */
  readonly isZombie: boolean;
  /** Value of `FLOTILLA_TOKEN` in its environment, or what its limit mark stands for; `undefined` when there is neither. */
  readonly token: string | undefined;
  readonly command: string;
}

/** What a reading of the process table has to contain. */
export interface TableQuery {
  /** Whether tokens are wanted: they cost one more read for each process. */
  readonly withTokens: boolean;
}

/** The processes of the machine at about one moment, with the ways from one to another. */
export interface ProcessTable {
  readonly entries: readonly ProcessEntry[];
  readonly byPid: ReadonlyMap<number, ProcessEntry>;
  readonly byParent: ReadonlyMap<number, readonly ProcessEntry[]>;
  readonly byGroup: ReadonlyMap<number, readonly ProcessEntry[]>;
  readonly bySession: ReadonlyMap<number, readonly ProcessEntry[]>;
}

/** Reads the process table as this operating system offers it; rejects when it cannot be read, since unknown is not empty. */
export async function readProcessTable(query: TableQuery): Promise<ProcessTable> {
  switch (process.platform) {
    case 'linux':
      return indexTable(await readLinuxTable(query));
    case 'win32':
      return indexTable(await readWindowsTable());
    default:
      return indexTable(await readPsTable(query));
  }
}

/** `entries` with their indexes; zombies are left out, since nothing of them runs. */
export function indexTable(entries: readonly ProcessEntry[]): ProcessTable {
  const living = entries.filter((entry) => !entry.isZombie);
  return {
    entries: living,
    byPid: new Map(living.map((entry) => [entry.pid, entry])),
    byParent: Map.groupBy(living, (entry) => entry.parentPid),
    byGroup: Map.groupBy(living, (entry) => entry.groupId),
    bySession: Map.groupBy(living, (entry) => entry.sessionId),
  };
}
