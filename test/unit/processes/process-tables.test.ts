import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseStat, readLinuxTable } from '../../../runtime/processes/tree/linux-table.ts';
import { indexTable, readProcessTable } from '../../../runtime/processes/tree/process-table.ts';
import { parsePs } from '../../../runtime/processes/tree/ps-table.ts';
import { parseWindowsTable } from '../../../runtime/processes/tree/windows-table.ts';

const STAT_TAIL = `4194304 1 2 3 4 5 6 7 8 20 0 1 0 987654 1000000 250 18446744073709551615`;

test.each(['node', 'a) S 1', '((', 'x y'])('a program named %j does not confuse the reading of its line', (name) => {
  expect(parseStat(`42 (${name}) S 7 42 41 0 -1 ${STAT_TAIL}`)).toEqual({
    parentPid: 7,
    groupId: 42,
    sessionId: 41,
    startedAt: '987654',
    rssBytes: 250 * 4096,
    isZombie: false,
    command: name,
  });
});

test('a line that is none is no process', () => {
  expect(parseStat('')).toBeUndefined();
  expect(parseStat('42 (node) S 7')).toBeUndefined();
});

test.runIf(process.platform === 'linux')(
  'the table of this machine holds this process as the system describes it',
  async () => {
    const table = await readProcessTable({ withTokens: true });
    const own = table.byPid.get(process.pid);
    expect(own).toMatchObject({ parentPid: process.ppid, token: process.env['FLOTILLA_TOKEN'] });
    const rss = process.memoryUsage().rss;
    expect(own!.rssBytes / rss).toBeGreaterThan(0.5);
    expect(own!.rssBytes / rss).toBeLessThan(2);
    expect(table.byParent.get(process.ppid)).toContain(own);
  },
);

test.runIf(process.platform === 'linux' && existsSync('/bin/ps'))(
  'what ps prints is read as the same processes',
  async () => {
    const columns = 'pid=,ppid=,pgid=,sess=,rss=,state=,lstart=,command=';
    const text = execFileSync('ps', ['axeww', '-o', columns], { env: { LC_ALL: 'C', PATH: '/usr/bin:/bin' } }).toString(
      'latin1',
    );
    const own = parsePs(text).find(({ pid }) => pid === process.pid);
    const expected = (await readLinuxTable({ withTokens: false })).find(({ pid }) => pid === process.pid);
    const { parentPid, groupId, sessionId } = expected!;
    expect(own).toMatchObject({ parentPid, groupId, sessionId, isZombie: false });
    expect(own!.startedAt).toMatch(/^\w{3} \w{3} +\d+ [\d:]+ \d{4}$/);
  },
);

test('a token and a zombie are seen in the lines of ps', () => {
  const lines = [
    '  501   1   501 0 1024 S    Sat Nov  7 09:28:56 2026 /bin/sleep 600 PATH=/bin FLOTILLA_TOKEN=ab.3 HOME=/x',
    '  502 501   501 0    0 Z+   Sat Nov 21 09:28:57 2026 (sh)',
    'no process at all',
  ];
  expect(parsePs(lines.join('\n'))).toEqual([
    expect.objectContaining({ pid: 501, token: 'ab.3', startedAt: 'Sat Nov  7 09:28:56 2026', rssBytes: 1_048_576 }),
    expect.objectContaining({ pid: 502, token: undefined, isZombie: true }),
  ]);
});

test('the table of Windows is read from one process and from several', () => {
  const one = { ProcessId: 5, ParentProcessId: 4, WorkingSetSize: 10, CommandLine: null, Started: 638_000 };
  const entry = expect.objectContaining({ pid: 5, parentPid: 4, startedAt: '638000', command: '' });
  expect(parseWindowsTable(JSON.stringify(one))).toEqual([entry]);
  expect(parseWindowsTable(JSON.stringify([one, one]))).toEqual([entry, entry]);
});

test('zombies are in no index', () => {
  const zombie = { pid: 9, parentPid: 1, groupId: 9, sessionId: 9, startedAt: '1', rssBytes: 0, command: '' };
  expect(indexTable([{ ...zombie, isZombie: true, token: undefined }])).toMatchObject({
    entries: [],
    byPid: new Map(),
  });
});
