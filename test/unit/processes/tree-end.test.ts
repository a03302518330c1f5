import { expect, test } from 'vitest';
import type { ProcessEntry } from '../../../runtime/processes/tree/process-table.ts';
import { endTree } from '../../../runtime/processes/tree/tree-end.ts';
import type { TreeSignal } from '../../../runtime/processes/tree/tree-signals.ts';
import { manualClock } from '../../support/manual-clock.ts';

/** A process as a play: which urgency ends it. */
interface Actor {
  readonly pid: number;
  readonly endsBy: 'ask' | 'force' | 'nothing';
  /** Started by another one's end. */
  readonly after?: number;
}

function play(actors: Actor[], { rootLives = true, stopped = true, unreadable = 0 } = {}) {
  const clock = manualClock();
  const living = new Set(actors.filter((actor) => actor.after === undefined).map(({ pid }) => pid));
  if (!rootLives) living.delete(100);
  const signals: string[] = [];
  let looks = 0;
  const toEntry = (pid: number): ProcessEntry => ({
    pid,
    parentPid: 1,
    groupId: pid === 100 ? 100 : pid,
    sessionId: 100,
    startedAt: '1',
    rssBytes: 0,
    isZombie: false,
    token: undefined,
    command: '',
  });
  const ended = endTree({
    clock,
    graceMs: 1_000,
    isStopped: () => stopped,
    root: () => ({ id: 1, pid: 100, startedAt: '1', isCollected: !living.has(100) }),
    look: async () => {
      looks += 1;
      if (looks <= unreadable) throw new Error('no descriptors left');
      return [...living].map(toEntry);
    },
    wait: (ms) => clock.sleep(ms),
    signal: async ({ members, urgency }: TreeSignal) => {
      for (const { pid } of members) {
        signals.push(`${urgency} ${pid}`);
        const { endsBy } = actors.find((actor) => actor.pid === pid)!;
        if (endsBy === 'nothing' || (endsBy === 'force' && urgency === 'ask')) continue;
        living.delete(pid);
        for (const born of actors) if (born.after === pid) living.add(born.pid);
      }
    },
  });
  return { clock, ended, signals, living };
}

test('who obeys is asked once and never forced', async () => {
  const { clock, ended, signals } = play([
    { pid: 100, endsBy: 'ask' },
    { pid: 101, endsBy: 'ask' },
  ]);
  await clock.advance(5_000);
  expect(await ended).toEqual({ strayCount: 0, survivors: [] });
  expect(signals).toEqual(['ask 100', 'ask 101']);
});

test('who refuses is forced when the grace is over, not before', async () => {
  const { clock, ended, signals } = play([{ pid: 100, endsBy: 'force' }]);
  await clock.advance(999);
  expect(signals).toEqual(['ask 100']);
  await clock.advance(100);
  expect(await ended).toEqual({ strayCount: 0, survivors: [] });
  expect(signals).toEqual(['ask 100', 'force 100']);
});

test('who is born while the tree ends is ended too, and counted as a stray', async () => {
  const { clock, ended, signals } = play([
    { pid: 100, endsBy: 'ask' },
    { pid: 101, endsBy: 'ask', after: 100 },
    { pid: 102, endsBy: 'force', after: 101 },
  ]);
  await clock.advance(5_000);
  expect(await ended).toEqual({ strayCount: 2, survivors: [] });
  expect(signals).toEqual(['ask 100', 'ask 101', 'ask 102', 'force 102']);
});

test('what outlives a root that ended by itself gets a moment to end by itself', async () => {
  const { clock, ended, signals, living } = play([{ pid: 101, endsBy: 'ask' }], { rootLives: false, stopped: false });
  await clock.advance(20);
  expect(signals).toEqual([]);
  living.clear();
  await clock.advance(1_000);
  expect(await ended).toEqual({ strayCount: 0, survivors: [] });
  expect(signals).toEqual([]);
});

test('a table that cannot be read is not taken for an empty one', async () => {
  const { clock, ended, signals } = play([{ pid: 101, endsBy: 'ask' }], { rootLives: false, unreadable: 3 });
  await clock.advance(5_000);
  expect(await ended).toEqual({ strayCount: 1, survivors: [] });
  expect(signals).toEqual(['ask 101']);
});

test('a root that lives is stopped with its group also when no table can be read', async () => {
  const { clock, ended, signals } = play([{ pid: 100, endsBy: 'force' }], { unreadable: 60 });
  await clock.advance(10_000);
  expect(await ended).toEqual({ strayCount: 0, survivors: [] });
  expect(signals).toEqual(['ask 100', 'force 100']);
});

test('what nothing ends is given up and named, after a bounded time', async () => {
  const { clock, ended } = play([{ pid: 100, endsBy: 'nothing' }]);
  await clock.advance(7_000);
  expect((await ended).survivors).toMatchObject([{ pid: 100 }]);
  expect(clock.pendingCount).toBe(0);
});
