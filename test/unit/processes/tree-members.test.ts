import fc from 'fast-check';
import { expect, test } from 'vitest';
import { indexTable, type ProcessEntry } from '../../../runtime/processes/tree/process-table.ts';
import { findMembers, groupByOwner, type TreeRoot } from '../../../runtime/processes/tree/tree-members.ts';

const INSTANCE = '00000000aa';
const ROOT: TreeRoot = { id: 3, pid: 100, startedAt: '10', isCollected: false };

function entry(pid: number, more: Partial<ProcessEntry> = {}): ProcessEntry {
  const base = { parentPid: 1, groupId: pid, sessionId: pid, startedAt: '10', rssBytes: 1, isZombie: false };
  return { pid, ...base, token: undefined, command: `p${pid}`, ...more };
}

function membersOf(entries: ProcessEntry[], root: TreeRoot = ROOT, remembered = new Map<number, string>()): number[] {
  const table = indexTable(entries);
  return findMembers(table, root, groupByOwner(table, INSTANCE), remembered)
    .map(({ pid }) => pid)
    .toSorted((a, b) => a - b);
}

test('the root, its group, its session, its descendants and what carries its token are members; others are not', () => {
  const entries = [
    entry(100),
    entry(101, { groupId: 100 }),
    entry(102, { sessionId: 100 }),
    entry(103, { parentPid: 102 }),
    entry(104, { parentPid: 103 }),
    entry(105, { token: `outer00000.9,${INSTANCE}.3` }),
    entry(106, { parentPid: 105 }),
    entry(200, { token: `${INSTANCE}.4` }),
    entry(201, { token: '00000000ab.3' }),
    entry(202),
  ];
  expect(membersOf(entries)).toEqual([100, 101, 102, 103, 104, 105, 106]);
});

test('a pid that was given to another program after the root was collected is not a member, nor is its group', () => {
  const entries = [entry(100, { startedAt: '99' }), entry(101, { groupId: 100, startedAt: '100' })];
  expect(membersOf(entries, { ...ROOT, isCollected: true })).toEqual([]);
});

test('what is left of the group is found when its leader has been collected', () => {
  expect(membersOf([entry(101, { groupId: 100 })], { ...ROOT, isCollected: true })).toEqual([101]);
});

test('a process seen once is a member for as long as it lives, and its pid no longer', () => {
  const remembered = new Map<number, string>();
  expect(membersOf([entry(100), entry(101, { parentPid: 100 })], ROOT, remembered)).toEqual([100, 101]);
  expect(membersOf([entry(101)], { ...ROOT, isCollected: true }, remembered)).toEqual([101]);
  expect(membersOf([entry(101, { startedAt: '50' })], { ...ROOT, isCollected: true }, remembered)).toEqual([]);
  expect(remembered.size).toBe(0);
});

test('neither this process nor the first one is ever a member', () => {
  const entries = [entry(1, { groupId: 100 }), entry(process.pid, { groupId: 100, token: `${INSTANCE}.3` })];
  expect(membersOf(entries)).toEqual([]);
});

test('whatever the table looks like, the search ends and finds no stranger', () => {
  const anyEntry = fc.record({ pid: fc.integer({ min: 2, max: 40 }), parent: fc.integer({ min: 0, max: 40 }) });
  fc.assert(
    fc.property(fc.uniqueArray(anyEntry, { selector: ({ pid }) => pid }), (rows) => {
      const parents = new Map(rows.map(({ pid, parent }) => [pid, parent]));
      const root = { ...ROOT, pid: 5 };
      for (const pid of membersOf(
        rows.map(({ pid, parent }) => entry(pid, { parentPid: parent })),
        root,
      )) {
        const seen = new Set<number>();
        for (let at = pid; at !== 5; at = parents.get(at) ?? -1) {
          expect(at).not.toBe(-1);
          expect(seen.has(at)).toBe(false);
          seen.add(at);
        }
      }
    }),
  );
});
