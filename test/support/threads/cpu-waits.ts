import { readdirSync, readFileSync } from 'node:fs';

/** Whether this system says how long a thread waited for a processor. */
export const areCpuWaitsKnown = process.platform === 'linux';

/** The way of a record to the disk leads through these, one after the other. */
const ON_THE_WAY = ['MainThread', 'history-writer'];

const NS_PER_MS = 1e6;

/**
 * How long the threads on a record's way to the disk could have run and got no processor, together, since they began. What
 * this grows by is the scheduler's and not the program's; a program that collects its garbage in threads of V8's waits
 * for those too, and should be told `--single-threaded-gc`.
 */
export function readCpuWaitMs(pid: number | 'self'): number {
  let waitMs = 0;
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    const name = readFileSync(`/proc/${pid}/task/${task}/comm`, 'utf8').trim();
    if (!ON_THE_WAY.includes(name)) continue;
    // Time on a processor, time in its queue, turns: in ns, as the kernel's sched-stats.rst has it.
    waitMs += Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[1]) / NS_PER_MS;
  }
  return waitMs;
}

/** Stops a process and answers `readCpuWaitMs` once none of its threads can run: a wait counts when it is over. */
export async function stopAndReadCpuWaitMs(pid: number): Promise<number> {
  process.kill(pid, 'SIGSTOP');
  while (!readdirSync(`/proc/${pid}/task`).every((task) => isStopped(pid, task)))
    await new Promise((resolve) => setTimeout(resolve, 1));
  return readCpuWaitMs(pid);
}

function isStopped(pid: number, task: string): boolean {
  const stat = readFileSync(`/proc/${pid}/task/${task}/stat`, 'utf8');
  return /^[TtZX]/.test(stat.slice(stat.lastIndexOf(')') + 2));
}
