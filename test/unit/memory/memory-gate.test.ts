import { expect, test } from 'vitest';
import { openGate, type Gate } from '../../../runtime/admission/gate.ts';
import { MemoryGate, takesMemory, type MemoryChange } from '../../../runtime/memory/gate/memory-gate.ts';
import { DEFAULT_MEMORY_GATE_OPTIONS, type MemoryGateOptions } from '../../../runtime/memory/gate/memory-options.ts';
import { ALL_RUNS_LANE } from '../../../runtime/fleet/live-run.ts';
import { systemClock } from '../../../runtime/time/clock.ts';
import { manualClock, type ManualClock } from '../../support/manual-clock.ts';
import { manualWork } from '../../support/manual-work.ts';

const GIB = 2 ** 30;
const nothing = (): void => {};

/** A test that fails leaves work unfinished; closing the gate then must not wait for it. */
const impatient = (clock: ManualClock): ManualClock => ({
  ...clock,
  after: (ms, fire) => (ms === 0 ? systemClock.after(0, fire) : clock.after(ms, fire)),
});

function scene(changes: Partial<MemoryGateOptions> = {}, availableGib: number | 'unknown' = 8) {
  const clock = manualClock();
  const limits = { maxRunning: 100, queueCapacity: 1_000 };
  const gate: Gate = openGate({
    lanes: { io: limits, process: limits, [ALL_RUNS_LANE]: limits },
    clock: impatient(clock),
    closeGraceMs: 0,
  });
  const memory: { availableGib: number | 'unknown' } = { availableGib };
  const reader = {
    read: () => ({
      availableBytes: memory.availableGib === 'unknown' ? undefined : memory.availableGib * GIB,
      totalBytes: 16 * GIB,
      pressureRatio: undefined,
      of: 'machine' as const,
    }),
  };
  const heard: MemoryChange[] = [];
  const options = { ...DEFAULT_MEMORY_GATE_OPTIONS, minAvailableBytes: GIB, settleMs: 1_000, ...changes };
  const onChange = (change: MemoryChange): void => void heard.push(change);
  const memoryGate = new MemoryGate({ gate, clock, reader, onChange }, options);
  return { clock, gate, memory, heard, options, memoryGate };
}

test('launches wait while memory is short and say so; they come back step by step when it is there again', async () => {
  const { clock, gate, memory, heard, memoryGate } = scene();
  await using _gate = gate;
  using _memory = memoryGate;
  memory.availableGib = 0.5;
  await clock.advance(500);
  const work = manualWork();
  for (let agent = 0; agent < 20; agent++)
    void gate.submit(ALL_RUNS_LANE, work.run, { owner: `r/${agent}` }).catch(nothing);
  expect(work.startedCount).toBe(1);
  expect(gate.explain('r').map(({ reason, position }) => [reason, position])).toEqual(
    Array.from({ length: 19 }, (_, index) => ['memory', index + 1]),
  );
  expect(memoryGate.status()).toMatchObject({ level: 'short', shortCount: 1 });
  memory.availableGib = 8;
  await clock.advance(500);
  expect(work.startedCount).toBe(1);
  const seen: number[] = [];
  for (let look = 0; look < 6; look++) {
    await clock.advance(500);
    seen.push(work.startedCount);
  }
  expect(seen).toEqual([1, 2, 4, 8, 16, 20]);
  await clock.advance(1_500);
  expect(heard.map(({ level }) => level)).toEqual(['short', 'careful', 'open']);
  expect(heard[0]!.text).toBe(
    "Memory is short: 512 MB of the machine's 16,384 MB are available, 1,024 MB are to stay free; what is to start waits, what runs goes on.",
  );
  expect(memoryGate.status()).toMatchObject({ level: 'open', shortCount: 1, shortMs: 1_500 });
  work.finishAll();
});

test('what cannot be measured is allowed, and that is said once', async () => {
  const { clock, gate, heard, memoryGate } = scene({}, 'unknown');
  await using _gate = gate;
  using _memory = memoryGate;
  await clock.advance(5_000);
  expect(gate.explain('')).toEqual([]);
  const work = manualWork();
  for (let i = 0; i < 5; i++) void gate.submit('io', work.run).catch(nothing);
  expect(work.startedCount).toBe(5);
  expect(heard.map(({ text }) => text)).toEqual([
    'Available memory cannot be measured on this system; nothing is held back.',
  ]);
  work.finishAll();
});

test('refusing, a launch is told to come back and what was accepted waits', async () => {
  const { gate, memoryGate } = scene({ mode: 'refuse', settleMs: 2_000, lookEveryMs: 500 }, 0.5);
  await using _gate = gate;
  using _memory = memoryGate;
  const work = manualWork();
  // The floor of one: nothing runs, so a launch may begin however short memory is.
  expect(() => gate.checkStart(ALL_RUNS_LANE)).not.toThrow();
  for (let i = 0; i < 2; i++) void gate.submit(ALL_RUNS_LANE, work.run, { owner: 'r' }).catch(nothing);
  expect(() => gate.checkStart(ALL_RUNS_LANE)).toThrow(
    expect.objectContaining({ code: 'MEMORY_SHORT', details: { retryAfterMs: 2_500 } }),
  );
  expect(gate.explain('r')).toMatchObject([{ reason: 'memory' }]);
  memoryGate.configure({ ...memoryGate.status().options, mode: 'wait' });
  expect(() => gate.checkStart(ALL_RUNS_LANE)).not.toThrow();
  work.finishAll();
});

test('off, it looks at nothing, and turning it off or closing it lets go what it held back', async () => {
  const { gate, memoryGate, options } = scene({}, 0.5);
  await using _gate = gate;
  const work = manualWork();
  for (let i = 0; i < 3; i++) void gate.submit('io', work.run).catch(nothing);
  expect(work.startedCount).toBe(1);
  memoryGate.configure({ ...options, mode: 'off' });
  expect(work.startedCount).toBe(3);
  expect(memoryGate.status()).toMatchObject({ level: 'off', reading: undefined });
  memoryGate.configure(options);
  for (let i = 0; i < 3; i++) void gate.submit('io', work.run).catch(nothing);
  expect(work.startedCount).toBe(3);
  memoryGate[Symbol.dispose]();
  expect(work.startedCount).toBe(6);
  work.finishAll();
});

test('bounds that do not hold change nothing', async () => {
  const { gate, memoryGate, options } = scene();
  await using _gate = gate;
  using _memory = memoryGate;
  expect(() => memoryGate.configure({ ...options, mode: 'off', floorRunning: 0 })).toThrow(
    expect.objectContaining({ code: 'SETTING_INVALID' }),
  );
  expect(memoryGate.status()).toMatchObject({ level: 'open', options });
});

test('another limit acts at the next moment, not at the next look', async () => {
  const { gate, memoryGate, options } = scene({ lookEveryMs: 60_000 }, 8);
  await using _gate = gate;
  using _memory = memoryGate;
  memoryGate.configure({ ...options, minAvailableBytes: 10 * GIB });
  expect(memoryGate.status().level).toBe('short');
});

test('agents, programs, threads and tools take memory; permits of providers and the lanes of single runs do not', () => {
  expect(['run:all', 'process', 'cpu', 'io'].every((lane) => takesMemory(lane as 'io'))).toBe(true);
  expect(takesMemory('provider:x')).toBe(false);
  expect(takesMemory('run:01J')).toBe(false);
});
