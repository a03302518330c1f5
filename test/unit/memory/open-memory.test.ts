import { expect, test } from 'vitest';
import { openGate } from '../../../runtime/admission/gate.ts';
import { DEFAULT_MEMORY_GATE_OPTIONS } from '../../../runtime/memory/gate/memory-options.ts';
import { gcOfThreads } from '../../../runtime/memory/gc/gc-threads.ts';
import { openMemory, type MemoryEvent, type MemoryOptions } from '../../../runtime/memory/open-memory.ts';
import { threadBuffers } from '../../../runtime/memory/pools/thread-buffers.ts';
import { DEFAULT_TUNER_OPTIONS } from '../../../runtime/memory/tuner/tuner-options.ts';
import { manualClock } from '../../support/manual-clock.ts';

const GIB = 2 ** 30;
const MIB = 2 ** 20;
const OPTIONS: MemoryOptions = {
  gate: { ...DEFAULT_MEMORY_GATE_OPTIONS, minAvailableBytes: GIB },
  tuner: { ...DEFAULT_TUNER_OPTIONS, mode: 'off' },
  heaps: { softLimitRatio: 0.8, looks: 2 },
  buffers: { maxIdleBytes: 8 * MIB },
};

function scene() {
  const clock = manualClock();
  const gate = openGate({ lanes: { io: { maxRunning: 2, queueCapacity: 2 } }, clock });
  const machine = { availableBytes: 8 * GIB };
  const heap = { name: 'cpu-1', heapUsedBytes: 10, heapLimitBytes: 100 };
  const events: MemoryEvent[] = [];
  const memory = openMemory(
    {
      gate,
      clock,
      reader: { read: () => ({ ...machine, totalBytes: 16 * GIB, pressureRatio: undefined, of: 'machine' }) },
      tuned: { threads: () => [], youngBytes: () => 48 * MIB, apply: async () => {} },
      heaps: () => [heap],
      onEvent: (event) => void events.push(event),
    },
    OPTIONS,
  );
  return { clock, gate, machine, heap, events, memory };
}

test('it watches the machine and the heaps, tells of both, and gives back what is idle when memory is short', async () => {
  const { clock, machine, heap, events, memory, gate } = scene();
  await using _gate = gate;
  using _memory = memory;
  threadBuffers.acquire(1).release();
  expect(memory.status().buffers.idleBytes).toBeGreaterThan(0);
  machine.availableBytes = GIB / 2;
  heap.heapUsedBytes = 90;
  await clock.advance(2_000);
  expect(events).toMatchObject([
    { kind: 'machine memory', change: { level: 'short' } },
    { kind: 'heap', warning: { kind: 'near limit', thread: 'cpu-1' } },
  ]);
  expect(memory.status()).toMatchObject({
    gate: { level: 'short' },
    tuner: { phase: 'off' },
    buffers: { idleBytes: 0 },
  });
});

test('options are taken over all together or not at all', async () => {
  const { memory, gate } = scene();
  await using _gate = gate;
  using _memory = memory;
  const good: MemoryOptions = {
    gate: { ...OPTIONS.gate, mode: 'refuse' },
    tuner: { ...OPTIONS.tuner, pauseTargetMs: 7 },
    heaps: { softLimitRatio: 0.5, looks: 1 },
    buffers: { maxIdleBytes: MIB },
  };
  const bad: readonly MemoryOptions[] = [
    { ...good, gate: { ...good.gate, floorRunning: 0 } },
    { ...good, tuner: { ...good.tuner, pauseTargetMs: -1 } },
    { ...good, heaps: { softLimitRatio: 2, looks: 1 } },
    { ...good, buffers: { maxIdleBytes: -1 } },
  ];
  for (const options of bad) {
    expect(() => memory.configure(options)).toThrow(expect.objectContaining({ code: 'SETTING_INVALID' }));
    expect(memory.status()).toMatchObject({
      gate: { options: OPTIONS.gate },
      tuner: { options: OPTIONS.tuner },
      buffers: { maxIdleBytes: 8 * MIB },
    });
  }
  memory.configure(good);
  expect(memory.status()).toMatchObject({
    gate: { options: good.gate },
    tuner: { options: good.tuner },
    buffers: { maxIdleBytes: MIB },
  });
});

test('the tuner goes on measuring when something else is changed', async () => {
  const { clock, memory, gate } = scene();
  await using _gate = gate;
  using _memory = memory;
  const tuner = { ...OPTIONS.tuner, mode: 'advise' as const };
  memory.configure({ ...OPTIONS, tuner });
  await clock.advance(20_000);
  expect(memory.status().tuner.phase).toBe('measuring');
  memory.configure({ ...OPTIONS, tuner: { ...tuner }, buffers: { maxIdleBytes: 0 } });
  expect(memory.status().tuner.phase).toBe('measuring');
});

test('closed, it leaves nothing behind: no timer, no bar, no place among the threads', async () => {
  const { clock, machine, memory, gate } = scene();
  await using _gate = gate;
  machine.availableBytes = 0;
  await clock.advance(500);
  expect(gcOfThreads().map(({ name }) => name)).toContain('main');
  memory[Symbol.dispose]();
  expect(clock.pendingCount).toBe(0);
  expect(gcOfThreads()).toEqual([]);
  const ran = await Promise.all([1, 2].map((one) => gate.submit('io', () => one)));
  expect(ran).toEqual([1, 2]);
});
