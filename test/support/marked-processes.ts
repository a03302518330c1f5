import { readdirSync, readFileSync } from 'node:fs';

/** The variable a test puts into the environment of what it starts, so that it can look for it without the code under test. */
export const MARK_NAME = 'TEST_MARK';

/** Living processes whose environment holds the mark, read from /proc by this test's own means. */
export function findMarked(mark: string): { readonly pid: number; readonly command: string }[] {
  const found = [];
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const environment = readOrEmpty(`/proc/${pid}/environ`).split('\0');
    if (!environment.includes(`${MARK_NAME}=${mark}`) || isZombie(pid)) continue;
    found.push({ pid: Number(pid), command: readOrEmpty(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim() });
  }
  return found;
}

/** Resolves when nothing with the mark lives any more; rejects with what is left when it takes too long. */
export async function noneMarked(mark: string, withinMs: number): Promise<void> {
  const endsAt = Date.now() + withinMs;
  for (;;) {
    const left = findMarked(mark);
    if (left.length === 0) return;
    if (Date.now() > endsAt) throw new Error(`still alive: ${JSON.stringify(left)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Command lines of living processes that contain `text`. */
export function commandsWith(text: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && !isZombie(name))
    .map((pid) => readOrEmpty(`/proc/${pid}/cmdline`).replaceAll('\0', ' '))
    .filter((command) => command.includes(text));
}

/** Whether a process lives; a zombie does not. */
export function isAlive(pid: number): boolean {
  return readOrEmpty(`/proc/${pid}/stat`) !== '' && !isZombie(String(pid));
}

/** Resident memory of a process, 0 when it is gone. */
export function rssBytesOf(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readOrEmpty(`/proc/${pid}/status`))?.[1];
  return Number(kilobytes ?? 0) * 1024;
}

/** The children of a process. */
function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && parentOf(name) === pid)
    .map(Number);
}

/** The launcher processes that `pid` has started. */
export function launchersOf(pid: number): number[] {
  return childrenOf(pid).filter((child) => readOrEmpty(`/proc/${child}/comm`).startsWith('flotilla-launch'));
}

function parentOf(pid: string): number {
  return Number(statFields(pid)[1]);
}

function isZombie(pid: string): boolean {
  return statFields(pid)[0] === 'Z';
}

function statFields(pid: string): string[] {
  const stat = readOrEmpty(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
