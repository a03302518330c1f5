import { afterAll, expect, test } from 'vitest';
import { openGate } from '../../../runtime/admission/gate.ts';
import { ALL_RUNS_LANE } from '../../../runtime/fleet/live-run.ts';
import { MemoryGate } from '../../../runtime/memory/gate/memory-gate.ts';
import type { MemoryLevel } from '../../../runtime/memory/gate/memory-level.ts';
import { DEFAULT_MEMORY_GATE_OPTIONS } from '../../../runtime/memory/gate/memory-options.ts';
import { createMemoryReader, machineSources, type MemoryReader } from '../../../runtime/memory/gate/memory-reading.ts';
import { systemClock } from '../../../runtime/time/clock.ts';
import { manualWork } from '../../support/manual-work.ts';
import { startMemoryEater, type MemoryEater } from '../../support/memory/memory-eater.ts';
import { tryOpenMemoryGroup } from '../../support/memory/memory-group.ts';

const MIB = 2 ** 20;

/** Launches wait while `eater` has the memory, say so, and go on when it is gone. */
async function seeLaunchesWait(reader: MemoryReader, minAvailableBytes: number, eater: MemoryEater): Promise<void> {
  const lanes = { [ALL_RUNS_LANE]: { maxRunning: 10, queueCapacity: 10 } };
  await using gate = openGate({ lanes, clock: systemClock, closeGraceMs: 0 });
  const reached = new Map<MemoryLevel, PromiseWithResolvers<void>>();
  const reach = (level: MemoryLevel): PromiseWithResolvers<void> => {
    if (!reached.has(level)) reached.set(level, Promise.withResolvers());
    return reached.get(level)!;
  };
  const texts: string[] = [];
  const options = {
    ...DEFAULT_MEMORY_GATE_OPTIONS,
    minAvailableBytes,
    maxPressureRatio: 1,
    settleMs: 100,
    lookEveryMs: 50,
  };
  const onChange = ({ level, text }: { level: MemoryLevel; text: string }): void => {
    texts.push(text);
    reach(level).resolve();
  };
  using _memory = new MemoryGate({ gate, clock: systemClock, reader, onChange }, { ...options, resumeRatio: 1.05 });
  await eater.eat();
  await reach('short').promise;
  const work = manualWork();
  const all = ['r/0', 'r/1', 'r/2'].map((owner) => gate.submit(ALL_RUNS_LANE, work.run, { owner }));
  expect(work.startedCount).toBe(1);
  expect(gate.explain('r').map(({ reason }) => reason)).toEqual(['memory', 'memory']);
  expect(texts.at(-1)).toMatch(/^Memory is short: [\d,]+ MB of the (machine|container)'s [\d,]+ MB are available/);
  await eater[Symbol.asyncDispose]();
  await reach('careful').promise;
  while (work.startedCount < 3) await systemClock.sleep(10);
  work.finishAll();
  await Promise.all(all);
}

const group = tryOpenMemoryGroup(256 * MIB);
afterAll(() => group?.[Symbol.dispose]());

test.runIf(group)('a program that takes the memory of its container makes launches wait until it is gone', async () => {
  const file = (path: string): string | undefined =>
    path === '/proc/self/cgroup' ? group!.membership : machineSources.file(path);
  const reader = createMemoryReader({ ...machineSources, file });
  expect(reader.read()).toMatchObject({ totalBytes: 256 * MIB, of: 'container' });
  await using eater = startMemoryEater(192 * MIB);
  group!.add(eater.pid);
  await seeLaunchesWait(reader, 96 * MIB, eater);
});

// Where no container can be made it takes a tenth of the machine, which is more than other programs do meanwhile.
test.skipIf(group)('a program that takes the memory of the machine makes launches wait until it is gone', async () => {
  const reader = createMemoryReader();
  const availableBytes = reader.read().availableBytes ?? 0;
  expect(availableBytes).toBeGreaterThan(0);
  await using eater = startMemoryEater(Math.floor(availableBytes * 0.12));
  await seeLaunchesWait(reader, Math.floor(availableBytes * 0.93), eater);
});
