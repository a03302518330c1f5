import { expect, test } from 'vitest';
import type { RuntimeEvent } from '../../../shared/events/runtime-event.ts';
import { openGate } from '../../../runtime/admission/gate.ts';
import { openMetrics } from '../../../runtime/telemetry/metrics.ts';
import type { CpuWorkers } from '../../../runtime/workers/cpu-lane.ts';
import { openCpuWorkers } from '../../../runtime/workers/cpu-lane.ts';
import { manualClock } from '../../support/manual-clock.ts';

const MB = 1024 * 1024;

function openWorkers(clock: ReturnType<typeof manualClock>): CpuWorkers {
  const limits = { maxWorkers: 1, oldGenerationBytes: 64 * MB, youngGenerationBytes: 4 * MB, idleTimeoutMs: 1_000 };
  return openCpuWorkers(limits, { clock });
}

test('one frame a period tells what the lanes and this thread did, with the unit in each name', async () => {
  const clock = manualClock();
  const events: RuntimeEvent[] = [];
  const sink = { emit: (event: RuntimeEvent) => void events.push(event), room: () => undefined };
  await using gate = openGate({ lanes: { io: { maxRunning: 2, queueCapacity: 5 } }, clock });
  await using cpuWorkers = openWorkers(clock);
  using _metrics = openMetrics({ clock, gate, cpuWorkers, sink, everyMs: 1_000 });
  await gate.submit('io', async () => 1);
  using _permit = await gate.acquire('io');
  await clock.advance(999);
  expect(events).toHaveLength(0);
  await clock.advance(2_002);
  expect(events).toHaveLength(3);
  const [frame] = events;
  expect(frame).toMatchObject({ type: 'metric.frame', atMs: clock.nowMs() - 2_001 });
  const values = frame!.type === 'metric.frame' ? frame.values : {};
  expect(values).toMatchObject({
    'lane.io.running': 1,
    'lane.io.waiting': 0,
    'lane.io.completed': 1,
    'cpu.threads': 0,
  });
  expect(values['main.rssBytes']).toBeGreaterThan(MB);
  expect(values['main.utilisationRatio']).toBeGreaterThanOrEqual(0);
  for (const value of Object.values(values)) expect(Number.isFinite(value)).toBe(true);
});

test('nothing is emitted and no timer is left after it is closed', async () => {
  const clock = manualClock();
  const events: RuntimeEvent[] = [];
  const sink = { emit: (event: RuntimeEvent) => void events.push(event), room: () => undefined };
  await using gate = openGate({ lanes: {}, clock });
  await using cpuWorkers = openWorkers(clock);
  const metrics = openMetrics({ clock, gate, cpuWorkers, sink, everyMs: 1_000 });
  metrics[Symbol.dispose]();
  await clock.advance(5_000);
  expect(events).toEqual([]);
  expect(clock.pendingCount).toBe(0);
});

test('others add values of their own to each frame, and see those of the process, until they are done', async () => {
  const clock = manualClock();
  const events: RuntimeEvent[] = [];
  const sink = { emit: (event: RuntimeEvent) => void events.push(event), room: () => undefined };
  await using gate = openGate({ lanes: {}, clock });
  await using cpuWorkers = openWorkers(clock);
  using metrics = openMetrics({ clock, gate, cpuWorkers, sink, everyMs: 1_000 });
  expect(metrics.latest).toBeUndefined();
  const added = metrics.add((atMs, own) => ({ 'run.R.atMs': atMs, 'run.R.rssBytes': own['main.rssBytes'] ?? 0 }));
  await clock.advance(1_000);
  added[Symbol.dispose]();
  await clock.advance(1_000);
  const [first, second] = events.map((event) => (event.type === 'metric.frame' ? event.values : {}));
  expect(first!['run.R.atMs']).toBe(clock.nowMs() - 1_000);
  expect(first!['run.R.rssBytes']).toBe(first!['main.rssBytes']);
  expect(second).not.toHaveProperty(['run.R.atMs']);
  expect(metrics.latest).toEqual(second);
});
