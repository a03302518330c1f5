import { findOwnedId } from './ownership-token.ts';
import type { ProcessEntry, ProcessTable } from './process-table.ts';

/** The process that a tree grew from. */
export interface TreeRoot {
  readonly id: number;
  readonly pid: number;
  /** As in the process table; `undefined` when it was gone before it could be read. */
  readonly startedAt: string | undefined;
  /** While its parent has not collected it, its pid cannot be given to another process, nor its group's number. */
  readonly isCollected: boolean;
}

/** Processes seen in a tree: pid to start time. */
export type Remembered = Map<number, string>;

/** The tables of one instance, looked at once for all trees. */
export type OwnedEntries = ReadonlyMap<number, readonly ProcessEntry[]>;

/** The entries of `table` that carry a token of `instance`, by the process id that the token names. */
export function groupByOwner(table: ProcessTable, instance: string): OwnedEntries {
  const owned = new Map<number, ProcessEntry[]>();
  for (const entry of table.entries) {
    const id = findOwnedId(entry.token, instance);
    if (id === undefined) continue;
    const same = owned.get(id);
    if (same) same.push(entry);
    else owned.set(id, [entry]);
  }
  return owned;
}

/**
 * The living processes of a tree: its root, its group and session, what carries its token, what was seen in it before,
 * and everything below one of these. Updates `remembered`, so that a process that leaves its group, drops its
 * environment and loses its parents is still found when it was seen once.
 */
export function findMembers(
  table: ProcessTable,
  root: TreeRoot,
  owned: OwnedEntries,
  remembered: Remembered,
): ProcessEntry[] {
  const found = new Map<number, ProcessEntry>();
  const waiting: ProcessEntry[] = [];
  const add = (entry: ProcessEntry | undefined): void => {
    if (!entry || found.has(entry.pid) || isProtected(entry.pid)) return;
    found.set(entry.pid, entry);
    waiting.push(entry);
  };
  for (const [pid, startedAt] of remembered) {
    const entry = table.byPid.get(pid);
    if (entry?.startedAt === startedAt) add(entry);
    else remembered.delete(pid);
  }
  for (const entry of owned.get(root.id) ?? []) add(entry);
  if (ownsItsNumber(table, root)) {
    add(table.byPid.get(root.pid));
    for (const entry of table.byGroup.get(root.pid) ?? []) add(entry);
    for (const entry of table.bySession.get(root.pid) ?? []) add(entry);
  }
  for (let entry = waiting.pop(); entry; entry = waiting.pop()) {
    for (const child of table.byParent.get(entry.pid) ?? []) if (!isOlder(child, entry)) add(child);
  }
  for (const entry of found.values()) remembered.set(entry.pid, entry.startedAt);
  return [...found.values()];
}

/** Whether the root's pid, as pid, group and session, still means this tree: until it is collected, or while nobody else leads under it. */
function ownsItsNumber(table: ProcessTable, root: TreeRoot): boolean {
  if (!root.isCollected) return true;
  const leader = table.byPid.get(root.pid);
  return leader === undefined || leader.startedAt === root.startedAt;
}

/** Never ourselves and never the first process, whatever a table says. */
function isProtected(pid: number): boolean {
  return pid <= 1 || pid === process.pid;
}

/** Windows keeps a dead parent's pid in its children, and may give it to another process: a child is never older than its parent. */
function isOlder(child: ProcessEntry, parent: ProcessEntry): boolean {
  return process.platform === 'win32' && child.startedAt.padStart(24, '0') < parent.startedAt.padStart(24, '0');
}
