import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import process from 'node:process';
import { z } from 'zod';

/** What tells one process from every other, also from a later one with the same id. */
export const processIdentity = z.object({
  pid: z.number().int().min(1),
  /** In the units of the operating system; absent where it cannot be read without a child process. */
  startTime: z.string().max(100).optional(),
  /** Machine, its boot and the space its process ids belong to; ids of another place say nothing here. */
  place: z.string().max(500),
});
export type ProcessIdentity = z.infer<typeof processIdentity>;

/** `unknown` is not dead: the process may live where this one cannot look. */
export type Liveness = 'alive' | 'dead' | 'unknown';

/** This process. */
export function ownIdentity(): ProcessIdentity {
  const startTime = startTimeOf(process.pid);
  return { pid: process.pid, place: ownPlace(), ...(startTime === undefined ? {} : { startTime }) };
}

/** Whether the process still runs. A process id that was given out again counts as dead where start times can be read. */
export function livenessOf(identity: ProcessIdentity): Liveness {
  const here = ownPlace();
  if (identity.place !== here) return isEarlierBoot(identity.place, here) ? 'dead' : 'unknown';
  if (!isProcess(identity.pid)) return 'dead';
  const startTime = startTimeOf(identity.pid);
  if (identity.startTime === undefined || startTime === undefined) return 'unknown';
  return startTime === identity.startTime ? 'alive' : 'dead';
}

function isProcess(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Field 22 of /proc/<pid>/stat, ticks since boot; the name before it may hold spaces and parentheses. See proc_pid_stat(5). */
function startTimeOf(pid: number): string | undefined {
  const stat = readText(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // A zombie has ended; only its parent has not looked yet.
  return fields[0] === 'Z' ? 'ended' : fields[19];
}

function ownPlace(): string {
  const boot = readText('/proc/sys/kernel/random/boot_id')?.trim() ?? '';
  return [hostname(), boot, readLink('/proc/self/ns/pid')].join(' ');
}

function isEarlierBoot(place: string, here: string): boolean {
  const [host, boot] = place.split(' ');
  const [ownHost, ownBoot] = here.split(' ');
  return host === ownHost && boot !== '' && boot !== ownBoot;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function readLink(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
