import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { readLinuxStart } from './linux-table.ts';
import type { ProcessEntry } from './process-table.ts';

/** `ask` may be refused by the program, `force` may not. */
export type Urgency = 'ask' | 'force';

/** Whom to signal and how. */
export interface TreeSignal {
  readonly members: readonly ProcessEntry[];
  readonly urgency: Urgency;
  /** Signals those of this group with one call, which also reaches what it forks meanwhile. */
  readonly groupId?: number;
}

/**
 * Signals every one of the members. A process that ended meanwhile, or that belongs to another user, is passed over;
 * whether it worked is seen in the next table.
 */
export async function signalMembers({ members, urgency, groupId }: TreeSignal): Promise<void> {
  if (process.platform === 'win32') return endOnWindows(members, urgency);
  // SIGCONT, because a stopped process hears SIGTERM only when it goes on.
  const signals: NodeJS.Signals[] = urgency === 'ask' ? ['SIGTERM', 'SIGCONT'] : ['SIGKILL'];
  const isGrouped = (entry: ProcessEntry): boolean => entry.groupId === groupId;
  for (const signal of signals) {
    if (groupId !== undefined && groupId > 1 && members.some(isGrouped)) send(-groupId, signal);
    for (const entry of members) if (!isGrouped(entry) && isStill(entry)) send(entry.pid, signal);
  }
}

/** Whether the pid still means the process of the table; a moment before it is signalled. */
function isStill(entry: ProcessEntry): boolean {
  return process.platform !== 'linux' || readLinuxStart(entry.pid) === entry.startedAt;
}

function send(target: number, signal: NodeJS.Signals): void {
  try {
    process.kill(target, signal);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}

/** Without `/F` only programs with a window hear it, so that a console program ends when it is forced. */
async function endOnWindows(members: readonly ProcessEntry[], urgency: Urgency): Promise<void> {
  if (members.length === 0) return;
  const targets = members.flatMap((entry) => ['/PID', String(entry.pid)]);
  const force = urgency === 'force' ? ['/F'] : [];
  try {
    await promisify(execFile)('taskkill.exe', [...force, '/T', ...targets], { windowsHide: true });
  } catch {
    // taskkill fails when one of them has ended or refuses; the next table tells which are left.
  }
}
