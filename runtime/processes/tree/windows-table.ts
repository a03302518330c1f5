import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { ProcessEntry } from './process-table.ts';

/** Room for about 50,000 processes. */
const MAX_TABLE_BYTES = 64 * 1024 * 1024;

const SCRIPT =
  'Get-CimInstance Win32_Process | Select-Object ProcessId,ParentProcessId,WorkingSetSize,CommandLine,' +
  "@{n='Started';e={$_.CreationDate.Ticks}} | ConvertTo-Json -Compress";

interface WindowsProcess {
  readonly ProcessId: number;
  readonly ParentProcessId: number;
  readonly WorkingSetSize: number;
  readonly CommandLine: string | null;
  readonly Started: number | null;
}

/** The process table of Windows, through PowerShell: no groups, no sessions of ours and no environments, only parents. */
export async function readWindowsTable(): Promise<ProcessEntry[]> {
  const { stdout } = await promisify(execFile)(
    'powershell.exe',
    ['-NoProfile', '-NonInteractive', '-Command', SCRIPT],
    {
      maxBuffer: MAX_TABLE_BYTES,
      windowsHide: true,
    },
  );
  return parseWindowsTable(stdout);
}

/** The entries of `ConvertTo-Json`'s answer, an array, or one object when there is only one. */
export function parseWindowsTable(json: string): ProcessEntry[] {
  const parsed = JSON.parse(json) as WindowsProcess | WindowsProcess[];
  return [parsed].flat().map((entry) => ({
    pid: entry.ProcessId,
    parentPid: entry.ParentProcessId,
    groupId: 0,
    sessionId: 0,
    startedAt: String(entry.Started ?? ''),
    rssBytes: entry.WorkingSetSize,
    isZombie: false,
    token: undefined,
    command: entry.CommandLine ?? '',
  }));
}
