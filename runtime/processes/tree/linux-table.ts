import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { fromLimitMark, TOKEN_NAME } from './ownership-token.ts';
import type { ProcessEntry, TableQuery } from './process-table.ts';

/** The smallest page of any Linux; arm64 has also four and sixteen times that. */
const MIN_PAGE_BYTES = 4096;

/** Processes read between two turns of the event loop: about 2 ms. */
const BATCH_SIZE = 64;

/** An environment beyond this is read only so far; ours is written first. */
const MAX_ENVIRON_BYTES = 4 * 1024 * 1024;

/** Errors that say that the process is gone, and nothing else. */
const GONE = new Set(['ENOENT', 'ESRCH', 'ENOTDIR']);

const TOKEN_AT_START = Buffer.from(`${TOKEN_NAME}=`);
const TOKEN_INSIDE = Buffer.from(`\0${TOKEN_NAME}=`);

let knownPageBytes: number | undefined;
let ownStartTicks: number | undefined;
let scratch = Buffer.allocUnsafeSlow(64 * 1024);

/** The process table of Linux, from /proc. Processes of other users show no token. */
export async function readLinuxTable(query: TableQuery): Promise<ProcessEntry[]> {
  const pids = readdirSync('/proc').filter(isPid);
  const entries: ProcessEntry[] = [];
  for (const [index, pid] of pids.entries()) {
    if (index % BATCH_SIZE === BATCH_SIZE - 1) await new Promise(setImmediate);
    const entry = readProcess(Number(pid), query.withTokens);
    if (entry) entries.push(entry);
  }
  return entries;
}

/** When process `pid` started, in the form of the table; `undefined` when there is none. */
export function readLinuxStart(pid: number): string | undefined {
  return readProcess(pid, false)?.startedAt;
}

/** The command line of a process, for people; empty when it has none or is gone. */
export function readLinuxCommand(pid: number): string {
  const length = readInto(`/proc/${pid}/cmdline`, 4096);
  return length === undefined ? '' : scratch.toString('utf8', 0, length).replaceAll('\0', ' ').trim();
}

function isPid(name: string): boolean {
  const first = name.charCodeAt(0);
  return first >= 48 && first <= 57;
}

function readProcess(pid: number, withToken: boolean): ProcessEntry | undefined {
  const pageBytes = systemPageBytes();
  const length = readInto(`/proc/${pid}/stat`, 4096);
  if (!length) return undefined;
  const stat = parseStat(scratch.toString('latin1', 0, length), pageBytes);
  if (!stat) return undefined;
  const token =
    withToken && !stat.isZombie && isYounger(stat.startedAt) ? (readToken(pid) ?? readLimitMark(pid)) : undefined;
  return { pid, ...stat, token };
}

/** What this process and its launchers have started is no older than this process: a third of the reading is saved. */
function isYounger(startedAt: string): boolean {
  ownStartTicks ??= Number(readLinuxStart(process.pid) ?? 0);
  return Number(startedAt) >= ownStartTicks;
}

/** The fields of /proc/PID/stat after the program's name, which itself may hold spaces and parentheses (proc(5)). */
export function parseStat(text: string, pageBytes = MIN_PAGE_BYTES): Omit<ProcessEntry, 'pid' | 'token'> | undefined {
  const nameEnd = text.lastIndexOf(')');
  const fields = text.slice(nameEnd + 2).split(' ');
  const [state, parentPid, groupId, sessionId] = fields;
  const startedAt = fields[19];
  const pages = fields[21];
  if (nameEnd < 0 || state === undefined || startedAt === undefined || pages === undefined) return undefined;
  return {
    parentPid: Number(parentPid),
    groupId: Number(groupId),
    sessionId: Number(sessionId),
    startedAt,
    rssBytes: Number(pages) * pageBytes,
    isZombie: state === 'Z' || state === 'X' || state === 'x',
    command: text.slice(text.indexOf('(') + 1, nameEnd),
  };
}

/** The size of a page, from this process's memory in bytes and in pages; Node does not tell it. */
function systemPageBytes(): number {
  if (knownPageBytes === undefined) {
    const length = readInto('/proc/self/statm', 256) ?? 0;
    const pages = Number(scratch.toString('latin1', 0, length).split(' ')[1]);
    knownPageBytes = Math.max(MIN_PAGE_BYTES, 2 ** Math.round(Math.log2(process.memoryUsage.rss() / pages)));
  }
  return knownPageBytes;
}

function readToken(pid: number): string | undefined {
  const length = readInto(`/proc/${pid}/environ`, MAX_ENVIRON_BYTES);
  if (!length) return undefined;
  const environ = scratch.subarray(0, length);
  let from = TOKEN_AT_START.length;
  if (environ.compare(TOKEN_AT_START, 0, from, 0, Math.min(from, length)) !== 0) {
    const at = environ.indexOf(TOKEN_INSIDE);
    if (at < 0) return undefined;
    from = at + TOKEN_INSIDE.length;
  }
  const end = environ.indexOf(0, from);
  return environ.toString('latin1', from, end < 0 ? length : end);
}

function readLimitMark(pid: number): string | undefined {
  const length = readInto(`/proc/${pid}/limits`, 4096);
  if (!length) return undefined;
  const soft = /^Max data size\s+(\d+)/m.exec(scratch.toString('latin1', 0, length))?.[1];
  return soft === undefined ? undefined : fromLimitMark(Number(soft));
}

/** Reads a file of /proc into `scratch`: its length, or `undefined` when the process is gone or may not be looked at. */
function readInto(path: string, maxBytes: number): number | undefined {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    return goneOrHidden(error);
  }
  try {
    let length = 0;
    for (;;) {
      const read = readSync(file, scratch, length, scratch.length - length, null);
      length += read;
      if (read === 0 || length >= maxBytes) return length;
      if (length === scratch.length) scratch = Buffer.concat([scratch], scratch.length * 2);
    }
  } catch (error) {
    return goneOrHidden(error);
  } finally {
    closeSync(file);
  }
}

/** Only these two may be read as "nothing": any other error (no descriptors left) would make the living look dead. */
function goneOrHidden(error: unknown): undefined {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (!GONE.has(code) && code !== 'EACCES' && code !== 'EPERM') throw error;
  return undefined;
}
