import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { TOKEN_NAME } from './ownership-token.ts';
import type { ProcessEntry, TableQuery } from './process-table.ts';

/** Room for about 50,000 processes with their environments. */
const MAX_PS_BYTES = 256 * 1024 * 1024;

const COLUMNS = 'pid=,ppid=,pgid=,sess=,rss=,state=,lstart=,command=';

/** `lstart` is five words in the C locale: `Sat Nov 21 09:28:56 2026`. */
const LINE = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(\d+)\s+(\S+)\s+(\w{3}\s+\w{3}\s+\d+\s+[\d:]+\s+\d{4})\s(.*)$/;

const TOKEN = new RegExp(`(?:^|\\s)${TOKEN_NAME}=(\\S+)`);

/**
 * The process table of macOS and the BSDs, from `ps`. `-E` shows the environment behind the command, except that of
 * programs the system protects; start times are whole seconds.
 */
export async function readPsTable(query: TableQuery): Promise<ProcessEntry[]> {
  const flags = query.withTokens ? ['-axEww'] : ['-axww'];
  const { stdout } = await promisify(execFile)('/bin/ps', [...flags, '-o', COLUMNS], {
    env: { LC_ALL: 'C' },
    maxBuffer: MAX_PS_BYTES,
    encoding: 'latin1',
  });
  return parsePs(stdout);
}

/** One entry per line of `ps -o pid=,ppid=,pgid=,sess=,rss=,state=,lstart=,command=`; lines that are none are left out. */
export function parsePs(text: string): ProcessEntry[] {
  const entries: ProcessEntry[] = [];
  for (const line of text.split('\n')) {
    const match = LINE.exec(line);
    if (!match) continue;
    const [, pid, parentPid, groupId, session, kilobytes, state, startedAt, command = ''] = match;
    entries.push({
      pid: Number(pid),
      parentPid: Number(parentPid),
      groupId: Number(groupId),
      // macOS shows an address here; as the group leader's pid it is only meaningful where it is a number.
      sessionId: Number(session) || 0,
      startedAt: startedAt ?? '',
      rssBytes: Number(kilobytes) * 1024,
      isZombie: state?.startsWith('Z') ?? false,
      token: TOKEN.exec(command)?.[1],
      command,
    });
  }
  return entries;
}
